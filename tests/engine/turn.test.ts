import { expect, test } from 'bun:test'
import { Turn } from '../../src/engine/turn.ts'

const isDone = async (promise: Promise<void>): Promise<boolean> => {
  let done = false
  void promise.then(() => {
    done = true
  })
  for (let n = 0; n < 10; n += 1) await Promise.resolve()
  return done
}

function row(length: number) {
  const left: number[] = []
  const turns: Turn[] = []
  for (let at = 0; at < length; at += 1) turns.push(new Turn(turns.at(-1) ?? null, () => left.push(at)))
  return { turns: turns as [Turn, Turn, Turn], left }
}

test('a turn comes when all before it were left, in whatever order', async () => {
  const { turns, left } = row(3)
  const [first, second, third] = turns
  expect(await isDone(first.come())).toBe(true)
  second.leave()
  expect([await isDone(second.come()), await isDone(third.come())]).toEqual([false, false])
  first.leave()
  first.leave()
  expect([await isDone(second.come()), await isDone(third.come())]).toEqual([true, true])
  expect(left).toEqual([1, 0])
})

test('what was read is handed on in the order of the row, though it was asked for ahead', async () => {
  const { turns } = row(3)
  const [first, second, third] = turns
  first.leave()
  second.leave()
  expect([await isDone(second.first()), await isDone(third.first())]).toEqual([false, false])
  first.pass()
  expect([await isDone(second.first()), await isDone(third.first())]).toEqual([true, false])
})

test('one that ends lets the next come and hand on', async () => {
  const { turns } = row(3)
  turns[0].end()
  expect([await isDone(turns[1].come()), await isDone(turns[1].first())]).toEqual([true, true])
})
