import { expect, test } from 'bun:test'
import { noCounts } from '../../src/domain/sync-state.ts'
import type { LiveProgress } from '../../src/domain/user.ts'
import { createProgressBoard, type EndedPass } from '../../src/jobs/progress-board.ts'
import type { Change } from '../../src/platform/hub.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'

const live = (itemsDone: number): LiveProgress => ({
  itemsTotal: 100,
  itemsDone,
  bytesTotal: 0,
  bytesDone: 0,
  folder: null,
})
const ann = { id: 1, batchId: 7 }
const bob = { id: 2, batchId: 7 }

function world(isFailing = false) {
  const timers = handTimers(handClock())
  const published: Change[] = []
  const writes: [number, number][][] = []
  const board = createProgressBoard({
    timers,
    publish: (change) => published.push(change),
    async write(progress) {
      writes.push([...progress].map(([id, { itemsDone }]) => [id, itemsDone]))
      if (isFailing) throw new Error('Full')
    },
    writeEveryMs: 3000,
  })
  return { timers, board, published, writes }
}

test('what passes tell is published at once, and written for all together, the newest of each', async () => {
  const { timers, board, published, writes } = world()
  for (let done = 1; done <= 50; done += 1) board.report(ann, live(done))
  board.report(bob, live(3))
  expect(published.length).toBe(51)
  expect(published.at(-1)).toEqual({ batchId: 7, userId: 2, progress: live(3) })
  await timers.advance(2999)
  expect(writes).toEqual([])
  await timers.advance(1)
  expect(writes).toEqual([
    [
      [1, 50],
      [2, 3],
    ],
  ])
  await timers.advance(60_000)
  expect(writes.length).toBe(1)
})

test('the figures of an ended pass are there until they are forgotten, and nothing older is written after them', async () => {
  const { timers, board, writes } = world()
  const progress = { ...live(100), counts: noCounts, copiedLastPass: 1, flagsChangedLastPass: 0, movedLastPass: 0 }
  const ended: EndedPass = { progress, refusal: null }
  board.report(ann, live(50))
  board.finish(1, ended)
  await timers.advance(3000)
  expect(writes).toEqual([])
  expect([board.finished(1), board.finished(1)]).toEqual([ended, ended])
  board.forget(1)
  expect(board.finished(1)).toBeNull()
})

test('a write that fails hurts nobody, and the next is made', async () => {
  const { timers, board, writes } = world(true)
  board.report(ann, live(1))
  await timers.advance(3000)
  board.report(ann, live(2))
  await timers.advance(3000)
  expect(writes).toEqual([[[1, 1]], [[1, 2]]])
})
