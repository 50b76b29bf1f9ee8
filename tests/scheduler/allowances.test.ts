import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createAllowances } from '../../src/scheduler/allowances.ts'

const minuteMs = 60_000

test('an endpoint that never complained bears whatever is set', () => {
  expect(createAllowances().allowed(1, 5)).toBe(Number.POSITIVE_INFINITY)
})

test('a complaint halves what was under way, and each quiet minute brings one back', () => {
  const allowances = createAllowances()
  allowances.lower(1, 20, 0)
  expect([0, minuteMs - 1, minuteMs, 5 * minuteMs].map((now) => allowances.allowed(1, now))).toEqual([10, 10, 11, 15])
  expect(allowances.allowed(2, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(allowances.nextRiseAt(minuteMs + 1)).toBe(2 * minuteMs)
})

test('complaints that come together are one; a later one halves again, down to one job', () => {
  const allowances = createAllowances()
  for (const now of [0, 10, 4_999]) allowances.lower(1, 16, now)
  expect(allowances.allowed(1, 5_000)).toBe(8)
  allowances.lower(1, 16, 6_000)
  expect(allowances.allowed(1, 6_000)).toBe(4)
  for (let now = 20_000; now < 200_000; now += 10_000) allowances.lower(1, 1, now)
  expect(allowances.allowed(1, 200_000)).toBe(1)
})

test('nobody is allowed fewer than one, nor ever more by a complaint', () => {
  const complaint = fc.record({ after: fc.nat(200_000), running: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(complaint, { maxLength: 30 }), (complaints) => {
      const allowances = createAllowances()
      let now = 0
      for (const { after, running } of complaints) {
        now += after
        const before = allowances.allowed(1, now)
        allowances.lower(1, running, now)
        const allowed = allowances.allowed(1, now)
        expect(allowed).toBeGreaterThanOrEqual(1)
        expect(allowed).toBeLessThanOrEqual(Math.max(1, before))
      }
    }),
  )
})
