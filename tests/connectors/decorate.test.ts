import { describe, expect, test } from 'bun:test'
import { type Load, type Passage, paced } from '../../src/connectors/decorate.ts'
import { Fault } from '../../src/domain/fault.ts'
import type { Folder } from '../../src/domain/mail.ts'
import { mail } from '../engine/harness.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'

async function world(messages: number, changes: Partial<Passage> = {}) {
  const mailbox = new MemoryMailbox()
  for (let n = 0; n < messages; n += 1) mailbox.deliver('INBOX', mail(`message ${n}`))
  const session = mailbox.open()
  const inbox = (await session.listFolders())[0] as Folder
  const asked: number[][] = []
  const told: Load[] = []
  const passage: Passage = {
    isCapped: true,
    bytesAtOnce: Number.POSITIVE_INFINITY,
    messagesAtOnce: 3,
    take: async () => undefined,
    correct: (load) => void told.push(load),
    ...changes,
  }
  const watched = new Proxy(session, {
    get(target, key) {
      if (key !== 'fetch') return Reflect.get(target, key)
      return (folder: Folder, uids: readonly number[]) => {
        asked.push([...uids])
        return target.fetch(folder, uids)
      }
    },
  })
  const stop = new AbortController()
  return { session: watched, inbox, asked, told, passage, stop, page: paced(watched, [passage], stop.signal) }
}

async function read(items: AsyncIterable<{ readonly uid: number; readonly body: AsyncIterable<Uint8Array> }>) {
  const uids: number[] = []
  for await (const { uid, body } of items) {
    for await (const _ of body);
    uids.push(uid)
  }
  return uids
}

describe('mail that is held back', () => {
  test('is asked for in small pages, one when the one before has come', async () => {
    const { page, inbox, asked } = await world(8)
    expect(await read(page.fetch(inbox, [1, 2, 3, 4, 5, 6, 7, 8]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(asked).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ])
  })

  test('comes in pages of as many bytes as may pass, by what messages turned out to be', async () => {
    const { page, inbox, asked, told } = await world(20, {
      messagesAtOnce: Number.POSITIVE_INFINITY,
      bytesAtOnce: 70_000,
    })
    const uids = Array.from({ length: 20 }, (_, at) => at + 1)
    expect(await read(page.fetch(inbox, uids))).toEqual(uids)
    expect(asked[0]).toEqual([1])
    expect(asked.length).toBeLessThan(20)
    // What was taken and what is corrected make up what came.
    expect(told).toHaveLength(asked.length)
  })

  test('keeps the order of its pages, and a page that is left holds nobody back', async () => {
    const { page, inbox, asked } = await world(8)
    const first = page.fetch(inbox, [1, 2, 3, 4, 5])[Symbol.asyncIterator]()
    const second = page.fetch(inbox, [6, 7, 8])[Symbol.asyncIterator]()
    const waiting = second.next()
    await first.next()
    expect(asked).toEqual([[1, 2, 3]])
    await first.return?.()
    expect((await waiting).value?.uid).toBe(6)
    expect(asked).toEqual([
      [1, 2, 3],
      [6, 7, 8],
    ])
  })

  test('ends at once when the pass is stopped', async () => {
    const { page, inbox, asked, stop } = await world(8)
    const first = page.fetch(inbox, [1, 2, 3, 4, 5])[Symbol.asyncIterator]()
    await first.next()
    const second = errorOf(Promise.resolve(page.fetch(inbox, [6])[Symbol.asyncIterator]().next()))
    stop.abort(new Fault('cancelled', 'Stopped'))
    expect(await second).toMatchObject({ message: 'Stopped' })
    expect(asked).toEqual([[1, 2, 3]])
  })

  test('is not asked for when none may pass', async () => {
    const fault = new Fault('endpoint.window', 'Not now')
    const { page, inbox, asked } = await world(2, {
      async take() {
        throw fault
      },
    })
    expect(await errorOf(read(page.fetch(inbox, [1, 2])))).toBe(fault)
    expect(asked).toEqual([])
  })

  test('is what the session gives, where there is no cap', async () => {
    const { page, inbox, session, asked } = await world(4, { isCapped: false })
    const items = page.fetch(inbox, [1, 2, 3, 4])
    expect(Object.getPrototypeOf(items)).toBe(Object.getPrototypeOf(session.fetch(inbox, [1])))
    expect(await read(items)).toEqual([1, 2, 3, 4])
    expect(asked[0]).toEqual([1, 2, 3, 4])
  })
})
