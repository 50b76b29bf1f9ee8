import { expect, test } from 'bun:test'
import type { Measured } from './lanes/lane.ts'
import { reportOf } from './report.ts'
import { ratioOf, verdictsOf } from './verdicts.ts'

const run = (row: string, wallMs: number, others: Partial<Measured> = {}): Measured => ({
  ...{ row, wallMs, cpuMs: 10, peakBytes: 90e6, exit: '0', differences: '', messages: 100 },
  ...others,
})

test('a ratio is the median of the ratios within each round, not the ratio of medians', () => {
  const rounds = [
    [run('a', 10), run('b', 5)],
    [run('a', 90), run('b', 30)],
    [run('a', 40), run('b', 4)],
  ]
  expect(ratioOf('a', 'b', rounds)).toBe(3)
})

test('a round in which one of the two failed or was not run has no ratio', () => {
  const rounds = [[run('a', 10, { exit: '1' }), run('b', 5)], [run('b', 5)], [run('a', 20), run('b', 5)]]
  expect(ratioOf('a', 'b', rounds)).toBe(4)
  expect(ratioOf('a', 'c', rounds)).toBeNaN()
})

test('times of mailboxes of two sizes are compared by message', () => {
  expect(ratioOf('a', 'b', [[run('a', 600, { messages: 200 }), run('b', 100)]])).toBe(3)
})

test.each([
  [0.55, 'must'],
  [0.61, 'missed'],
])('a half filled mailbox at %d of the time of an empty one is %s', (share, verdict) => {
  const rounds = [[run('ours copy', 100), run('ours half-filled copy', 100 * share)]]
  expect(verdictsOf('half', rounds).map((one) => one.verdict)).toEqual([verdict as 'must'])
})

test.each([
  [99, 'stretch'],
  [149, 'must'],
  [151, 'missed'],
])('a peak of %d MB is %s, whatever the other rounds came to', (megabytes, verdict) => {
  const rounds = [[run('ours copy', 1, { peakBytes: 5e6 })], [run('ours copy', 1, { peakBytes: megabytes * 1e6 })]]
  expect(verdictsOf('small', rounds).at(-1)?.verdict).toBe(verdict as 'must')
})

test('the report tells what a copy lacks, how a run failed, and which tool was not run', () => {
  const rounds = [[run('ours copy', 100), run('mbsync copy', 250, { exit: '1', differences: 'missing: 2' })]]
  const report = reportOf({ profile: 'medium', rounds, notRun: { imapsync: 'IMAPSYNC names no imapsync' } })
  expect(report).toContain('failed (1); missing: 2')
  expect(report).toMatch(/\| imapsync +\| not run: IMAPSYNC names no imapsync/)
  expect(report).toMatch(/\| mbsync copy \/ ours copy +\| at least 1\.5 \| 2 +\| – +\| not run/)
})
