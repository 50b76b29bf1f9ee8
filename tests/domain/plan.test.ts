import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ItemMeta } from '../../src/domain/mail.ts'
import {
  adoptionDelta,
  flagDelta,
  isInRanges,
  pageBytesMax,
  pageItemsMax,
  planPages,
  toRanges,
} from '../../src/domain/plan.ts'

const item = (uid: number, sizeBytes = 10): ItemMeta => ({ uid, sizeBytes, flags: [], receivedAt: null })

describe('pages', () => {
  test('hold every item once, in order, within both limits', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: pageBytesMax * 2 }), { maxLength: 1200 })
    fc.assert(
      fc.property(sizes, (list) => {
        const items = list.map((size, n) => item(n + 1, size))
        const pages = [...planPages(items)]
        expect(pages.flat()).toEqual(items)
        for (const page of pages) {
          const bytes = page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          expect(page.length).toBeLessThanOrEqual(pageItemsMax)
          expect(bytes <= pageBytesMax || page.length === 1).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('let a suspect travel alone, last', () => {
    const pages = [...planPages([item(1), item(2), item(3)], 2)]
    expect(pages.map((page) => page.map(({ uid }) => uid))).toEqual([[1, 3], [2]])
  })
})

describe('flags', () => {
  test.each([
    [['\\Seen'], [], ['\\Seen'], []],
    [[], ['\\Seen'], [], ['\\Seen']],
    [['\\seen', 'Work'], ['\\Seen', 'work'], [], []],
    [['\\Deleted'], [], [], []],
    [[], ['\\Deleted'], [], []],
    [['$Label1', '\\Flagged'], ['\\Flagged', 'Old'], ['$Label1'], ['Old']],
  ])('%j against the baseline %j adds %j and removes %j', (now, baseline, add, remove) => {
    expect(flagDelta(now, baseline)).toEqual({ add, remove })
  })

  test('an adopted copy only gains', () => {
    const delta = adoptionDelta(['\\Seen', 'Work', '\\Draft', '\\Deleted'], ['\\Answered', 'work'])
    expect(delta).toEqual({ add: ['\\Seen'], remove: [] })
  })
})

test('ranges hold the UIDs they were made of and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (list) => {
      const uids = [...list].sort((a, b) => a - b)
      const ranges = toRanges(uids)
      for (let uid = 0; uid <= 61; uid += 1) expect(isInRanges(ranges, uid)).toBe(uids.includes(uid))
    }),
  )
})
