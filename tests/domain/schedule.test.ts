import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { nextPassAt, retryDelayMs } from '../../src/domain/schedule.ts'

test.each([
  ['synced', 1000],
  ['syncedWithErrors', 1000],
  ['stopped', null],
  ['failed', null],
  ['completed', null],
] as const)('a batch that is %s has its next pass at %p', (status, expected) => {
  expect(nextPassAt({ status, incrementalEveryMs: 900 }, 100, 0)).toBe(expected)
})

test('batches that settle together do not stay together', () => {
  const batch = { status: 'synced', incrementalEveryMs: 1000 } as const
  expect(nextPassAt(batch, 0, 0.5)).toBe(1025)
})

test('the first retries come after seconds, later ones after half an hour at most', () => {
  expect([1, 2, 3, 4].map((failures) => retryDelayMs(failures, 1, null))).toEqual([15_000, 30_000, 60_000, 120_000])
  expect(retryDelayMs(100, 1, null)).toBe(30 * 60_000)
})

test('no retry comes before half of its delay, nor before what the server asked for', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), random, fc.nat(10_000_000), (failures, random, askedMs) => {
      const full = retryDelayMs(failures, 1, null)
      expect(retryDelayMs(failures, random, null)).toBeGreaterThanOrEqual(full / 2 - 1)
      expect(retryDelayMs(failures, random, null)).toBeLessThanOrEqual(full)
      expect(retryDelayMs(failures, random, askedMs)).toBeGreaterThanOrEqual(askedMs)
    }),
  )
})
