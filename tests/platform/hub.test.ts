import { expect, test } from 'bun:test'
import { type BatchChange, createHub } from '../../src/platform/hub.ts'

const progress = { itemsTotal: 9, itemsDone: 1, bytesTotal: 0, bytesDone: 0, folder: null }
const wait = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a listener hears of its batch, gathered, with the newest of each user', async () => {
  const hub = createHub(1)
  const heard: BatchChange[] = []
  hub.subscribe(7, (change) => heard.push(change))
  for (let itemsDone = 0; itemsDone < 100; itemsDone += 1)
    hub.publish({ batchId: 7, userId: 1, progress: { ...progress, itemsDone } })
  hub.publish({ batchId: 7, userId: 2, progress })
  hub.publish({ batchId: 7, userId: 2 })
  hub.publish({ batchId: 8, userId: 3 })
  await wait()
  expect(heard.map(({ batchId, users }) => [batchId, [...users]])).toEqual([
    [
      7,
      [
        [1, { ...progress, itemsDone: 99 }],
        [2, null],
      ],
    ],
  ])
})

test('a listener to all hears of each batch', async () => {
  const hub = createHub(1)
  const heard: number[] = []
  hub.subscribe(null, ({ batchId }) => heard.push(batchId))
  for (const batchId of [7, 8, 7]) hub.publish({ batchId })
  await wait()
  expect(heard).toEqual([7, 8])
})

test('a listener that would not wait hears before one that does', async () => {
  const hub = createHub(60_000)
  const { promise, resolve } = Promise.withResolvers<BatchChange>()
  const leave = hub.subscribe(7, () => resolve({ batchId: 0, users: new Map() }))
  hub.subscribe(7, resolve, 0)
  hub.publish({ batchId: 7, userId: 1 })
  expect(await promise).toEqual({ batchId: 7, users: new Map([[1, null]]) })
  leave()
})

test('nobody hears anything after they left', async () => {
  const hub = createHub(1)
  const heard: number[] = []
  const leave = hub.subscribe(null, ({ batchId }) => heard.push(batchId))
  hub.publish({ batchId: 7 })
  leave()
  hub.publish({ batchId: 8 })
  await wait()
  expect(heard).toEqual([])
})
