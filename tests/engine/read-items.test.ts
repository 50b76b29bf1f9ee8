import { expect, test } from 'bun:test'
import { ItemListBuilder } from '../../src/domain/item-list-builder.ts'
import type { Folder } from '../../src/domain/mail.ts'
import type { FolderWork, Pass } from '../../src/engine/folder-work.ts'
import { readItems } from '../../src/engine/read-items.ts'
import { ReadingOrder } from '../../src/engine/reading-order.ts'
import { Halt } from '../../src/engine/shared.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { unique } from './harness.ts'

const turn = { leave() {}, first: () => Promise.resolve(), pass() {} }

test('a pass that stops before a page is read throws away what came of it, and makes room for other pages', async () => {
  const mailbox = new MemoryMailbox()
  mailbox.deliver('INBOX', unique())
  const source = mailbox.open()
  let areEnded = 0
  const fetch = source.fetch.bind(source)
  source.fetch = async function* (folder: Folder, uids) {
    try {
      yield* fetch(folder, uids)
    } finally {
      areEnded += 1
    }
  }
  const [folder] = await source.listFolders()
  const item = { uid: 1, sizeBytes: 2 ** 30, flags: [], receivedAt: null }
  const list = new ItemListBuilder()
  list.put(item)
  const reading = new ReadingOrder()
  const pass = { source, reading, signal: AbortSignal.abort(), halt: new Halt() } as unknown as Pass
  const work = { source: folder, state: { suspect: null } } as unknown as FolderWork
  const flight = { sent: new Map(), failedAt: null }
  const stopped = readItems(pass, work, list.list(), flight, turn)
  expect(await errorOf(stopped.next())).toMatchObject({ code: 'cancelled' })
  expect(reading.hasRoom([item])).toBe(true)
  for (let n = 0; n < 100 && areEnded === 0; n += 1) await Promise.resolve()
  expect(areEnded).toBe(1)
})
