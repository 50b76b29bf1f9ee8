import { expect, test } from 'bun:test'
import type { PassProgress } from '../../src/engine/pass.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, pair, runPass, unique } from './harness.ts'

function filled(): MemoryMailbox {
  const source = new MemoryMailbox()
  for (let n = 0; n < 12; n += 1) source.deliver('INBOX', unique())
  for (let n = 0; n < 8; n += 1) source.deliver('Sent', unique())
  return source
}

const bytesOf = (mailbox: MemoryMailbox): number =>
  [...mailbox.folders.values()].flatMap(({ items }) => items).reduce((sum, { bytes }) => sum + bytes.length, 0)

/** All that one pass tells, in order. */
async function told(source: MemoryMailbox, target: MemoryMailbox, store: MemorySyncStore): Promise<PassProgress[]> {
  const all: PassProgress[] = []
  await runPass(source, target, store, { onProgress: (progress) => all.push(progress) })
  return all
}

const done = (source: MemoryMailbox, items: number): Partial<PassProgress> => {
  const bytes = bytesOf(source)
  return { itemsTotal: items, itemsDone: items, bytesTotal: bytes, bytesDone: bytes }
}

test('a first pass begins with nothing and ends with the size of the mailbox', async () => {
  const source = filled()
  const all = await told(source, new MemoryMailbox(), new MemorySyncStore())
  expect(all.at(0)).toMatchObject({ itemsTotal: 20, itemsDone: 0, bytesDone: 0 })
  expect(all.at(-1)).toMatchObject(done(source, 20))
})

test('mail that was at the target already counts as done', async () => {
  const source = filled()
  const target = new MemoryMailbox()
  await runPass(source, target, new MemorySyncStore())
  const all = await told(source, target, new MemorySyncStore())
  expect(all.at(-1)).toMatchObject(done(source, 20))
})

test('a pass with nothing to do is done from the start, and still knows the size', async () => {
  const source = filled()
  const target = new MemoryMailbox()
  const store = new MemorySyncStore()
  await runPass(source, target, store)
  expect((await told(source, target, store)).at(0)).toMatchObject(done(source, 20))
})

test('new mail in one folder adds to the size of all, exactly', async () => {
  const source = filled()
  const target = new MemoryMailbox()
  const store = new MemorySyncStore()
  await runPass(source, target, store)
  const before = bytesOf(source)
  source.deliver('Sent', unique())
  const all = await told(source, target, store)
  expect(all.at(0)).toMatchObject({ itemsTotal: 21, itemsDone: 20, bytesDone: before })
  expect(all.at(-1)).toMatchObject(done(source, 21))
})

test('a pass that goes on after a failure begins where the other ended', async () => {
  const source = filled()
  const target = new MemoryMailbox()
  const store = new MemorySyncStore()
  let isDead = false
  store.tick = (step) => {
    isDead ||= step === 'store.advance done'
    if (isDead) throw new Error('The power is gone')
  }
  await errorOf(runPass(source, target, store))
  store.tick = () => {}
  const settled = (await store.folders(pair)).map(async ({ id }) => (await store.ledger(id)).size)
  const itemsDone = (await Promise.all(settled)).reduce((sum, items) => sum + items, 0)
  const all = await told(source, target, store)
  expect(itemsDone).toBeGreaterThan(0)
  expect(all.at(0)).toMatchObject({ itemsTotal: 20, itemsDone })
  expect(all.at(-1)).toMatchObject(done(source, 20))
})

test('a pass that finds again what one before it had sent never goes back', async () => {
  const source = filled()
  const target = new MemoryMailbox({ tellsUids: false })
  const store = new MemorySyncStore()
  let settled = 0
  store.tick = (step) => {
    settled += Number(step === 'store.settle done')
    // All of the inbox was sent, and nobody knows yet where it stands.
    if (settled >= 3) throw new Error('The power is gone')
  }
  await errorOf(runPass(source, target, store))
  store.tick = () => {}
  const all = await told(source, target, store)
  const items = all.map(({ itemsDone }) => itemsDone)
  const bytes = all.map(({ bytesDone }) => bytesDone)
  expect(items[0]).toBeGreaterThan(1)
  expect(items).toEqual(items.toSorted((a, b) => a - b))
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b))
  expect(all.at(-1)).toMatchObject(done(source, 20))
})
