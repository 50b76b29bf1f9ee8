import { expect, test } from 'bun:test'
import { consistencies, consistencyOf, consistencyThresholds, needsApproval } from '../../src/domain/consistency.ts'

test.each([
  [0, 1000, 0, 'perfect'],
  [0, 1000, 3, 'good'],
  [1, 1000, 1, 'investigate'],
  [4, 40, 4, 'investigate'],
  [5, 1000, 5, 'investigate'],
  [5, 500, 5, 'poor'],
  [1, 2, 1, 'poor'],
  [99, 1_000_000, 99, 'investigate'],
  [100, 1_000_000, 100, 'poor'],
] as const)('%d of %d messages lost with %d issues is %s', (messages, source, issues, expected) =>
  expect(consistencyOf({ messages, source, issues })).toBe(expected),
)

test('the published table names every score, from the worst on', () => {
  const order = consistencyThresholds.map(({ consistency }) => consistencies.indexOf(consistency))
  expect([...new Set(order)]).toEqual([3, 2, 1, 0])
})

test('only what lost mail waits, and only while something is not approved', () => {
  expect(consistencies.filter((score) => needsApproval(score, 1))).toEqual(['investigate', 'poor'])
  expect(consistencies.filter((score) => needsApproval(score, 0))).toEqual([])
})
