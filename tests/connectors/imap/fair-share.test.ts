import { expect, test } from 'bun:test'
import { setImmediate } from 'node:timers/promises'
import { FairShare } from '../../../src/connectors/imap/fair-share.ts'

function share() {
  const clock = { ms: 0 }
  return { clock, fair: new FairShare(() => clock.ms) }
}

test('a turn is free until its time is used up, and the next one is again', async () => {
  const { clock, fair } = share()
  expect(fair.isFree).toBe(true)
  clock.ms = 3
  expect(fair.isFree).toBe(true)
  clock.ms = 4
  expect(fair.isFree).toBe(false)
  await setImmediate()
  expect(fair.isFree).toBe(true)
})

test('what waits is done in order, as much in a turn as there is time for, and nobody goes before it', async () => {
  const { clock, fair } = share()
  const done: number[] = []
  for (const work of [1, 2, 3]) {
    fair.later(() => {
      clock.ms += 3
      done.push(work)
    })
  }
  expect(fair.isFree).toBe(false)
  await setImmediate()
  expect(done).toEqual([1, 2])
  await setImmediate()
  expect(done).toEqual([1, 2, 3])
})

test('work that asks for more work does not keep the turn', async () => {
  const { fair } = share()
  let rounds = 0
  const again = (): void => {
    rounds += 1
    if (rounds < 5) fair.later(again)
  }
  fair.later(again)
  await setImmediate()
  expect(rounds).toBe(1)
})
