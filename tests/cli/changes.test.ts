import { expect, test } from 'bun:test'
import { watchChanges } from '../../src/cli/changes.ts'
import { createHub } from '../../src/platform/hub.ts'

const progress = { itemsTotal: 9, itemsDone: 1, bytesTotal: 0, bytesDone: 0, folder: null }

/** A shell whose sleeps end when they are told to. */
function sleeper() {
  const slept: { readonly ms: number; readonly wake: () => void }[] = []
  const sleep = (ms: number) => new Promise<void>((wake) => void slept.push({ ms, wake }))
  return { slept, sleep }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))

async function isOver(wait: Promise<void>): Promise<boolean> {
  let isOver = false
  void wait.then(() => {
    isOver = true
  })
  await turn()
  return isOver
}

test('a wait ends when something changed in the store, and not for progress alone', async () => {
  const hub = createHub(60_000)
  using changes = watchChanges(hub, 7)
  const wait = changes.next(sleeper())
  hub.publish({ batchId: 7, userId: 1, progress })
  hub.publish({ batchId: 8, userId: 2 })
  expect(await isOver(wait)).toBe(false)
  hub.publish({ batchId: 7, userId: 1 })
  expect(await isOver(wait)).toBe(true)
  expect([[...changes.live], changes.takeUsers(), changes.takeUsers()]).toEqual([[[1, progress]], [1], []])
})

test('a change of the batch itself ends a wait', async () => {
  const hub = createHub()
  using changes = watchChanges(hub, 7)
  hub.publish({ batchId: 7 })
  expect(await isOver(changes.next(sleeper()))).toBe(true)
})

test('a change that came before the wait ends it at once, unless it was looked at', async () => {
  const hub = createHub()
  using changes = watchChanges(hub, 7)
  hub.publish({ batchId: 7, userId: 1 })
  await turn()
  expect(await isOver(changes.next(sleeper()))).toBe(true)
  changes.takeUsers()
  expect(await isOver(changes.next(sleeper()))).toBe(false)
})

test('a gap is kept whatever changes, and no wait is longer than the usual one', async () => {
  const hub = createHub()
  using changes = watchChanges(hub, 7)
  hub.publish({ batchId: 7, userId: 1 })
  const shell = sleeper()
  const wait = changes.next(shell, 50)
  expect([await isOver(wait), shell.slept.map(({ ms }) => ms)]).toEqual([false, [50]])
  shell.slept[0]?.wake()
  expect([await isOver(wait), shell.slept.map(({ ms }) => ms)]).toEqual([true, [50, 150]])
  const long = changes.next(shell, 5_000)
  expect([await isOver(long), shell.slept[2]?.ms]).toEqual([false, 200])
  shell.slept[2]?.wake()
  expect(await isOver(long)).toBe(true)
})
