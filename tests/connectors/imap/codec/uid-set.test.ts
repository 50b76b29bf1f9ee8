import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ProtocolError } from '../../../../src/connectors/imap/codec/cursor.ts'
import {
  ascending,
  expandUidSet,
  formatUidSets,
  gapsUpTo,
  parseUidSet,
} from '../../../../src/connectors/imap/codec/uid-set.ts'

const uid = fc.integer({ min: 1, max: 0xffffffff })

describe('UID sets', () => {
  test.each([
    ['1', [[1, 1]]],
    [
      '1:3,7,12:9',
      [
        [1, 3],
        [7, 7],
        [9, 12],
      ],
    ],
    ['4294967295', [[4294967295, 4294967295]]],
    ['', []],
  ] as const)('%s is read', (text, ranges) => {
    expect(parseUidSet(text)).toEqual(ranges.map(([first, last]) => [first, last]))
  })

  test.each(['0', '1:0', '*', '1:*', '1,,2', 'x', '4294967296', '1:99999999999', ' 1', '-1', '1:2:3'])(
    '%s is none',
    (text) => expect(() => parseUidSet(text)).toThrow(ProtocolError),
  )

  test('say what they were made of', () => {
    fc.assert(
      fc.property(fc.array(uid, { maxLength: 300 }), (uids) => {
        const sets = formatUidSets(ascending(uids))
        expect(sets.flatMap((set) => expandUidSet(parseUidSet(set), 300) ?? [])).toEqual([...ascending(uids)])
      }),
    )
  })

  test('are written short, and cut before a line gets too long', () => {
    expect(formatUidSets([1, 2, 3, 5, 6, 9])).toEqual(['1:3,5:6,9'])
    expect(formatUidSets([])).toEqual([])
    const odd = Array.from({ length: 5_000 }, (_, index) => 4_000_000_001 + 2 * index)
    const sets = formatUidSets(odd)
    expect(Math.max(...sets.map((set) => set.length))).toBeLessThan(8_000)
    expect(sets.flatMap((set) => expandUidSet(parseUidSet(set), 5_000) ?? [])).toEqual(odd)
  })

  test('are not expanded beyond what is expected', () => {
    expect(expandUidSet(parseUidSet('1:4294967295'), 1_000_000)).toBeNull()
    expect(expandUidSet(parseUidSet('5:7,1'), 4)).toEqual([5, 6, 7, 1])
  })

  test.each([
    [5, [1, 2, 3, 4, 5], []],
    [5, [], [[1, 5]]],
    [
      9,
      [2, 3, 7],
      [
        [1, 1],
        [4, 6],
        [8, 9],
      ],
    ],
    [3, [1, 2, 3, 8], []],
    [0, [1], []],
  ] as const)('have gaps up to %d where UIDs %j are not', (last, uids, gaps) => {
    expect(gapsUpTo(last, uids)).toEqual(gaps.map(([from, to]) => [from, to]))
  })
})
