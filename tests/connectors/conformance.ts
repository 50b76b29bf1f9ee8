import { describe, expect, test } from 'bun:test'
import type { AppendItem, AppendOptions, AppendResult, MailTarget } from '../../src/connectors/connector.ts'
import { Fault, isFault } from '../../src/domain/fault.ts'
import { headerOf } from '../../src/domain/fingerprint.ts'
import type { Folder, FolderChanges, Item, ItemMeta, Uid } from '../../src/domain/mail.ts'
import { makeMessage } from '../support/mail-shapes.ts'
import { seededRandom } from '../support/random.ts'
import { defaultDate, type Mail, type World } from './world.ts'

/** The definition of a connector: what every pair of mailboxes, real or in memory, must do. */
export function exercise(name: string, start: () => Promise<World>): void {
  describe(`${name}: reading`, () => {
    test('lists folders by their path, with status; the inbox is called INBOX', async () => {
      await using world = await start()
      await world.source.deliver(['INBOX'], { body: 'a\r\n' }, { body: 'b\r\n' })
      await world.source.deliver(['Entwürfe', '2024'], { body: 'c\r\n' })
      await using source = await world.openSource()
      const folders = await source.listFolders()
      const inbox = find(folders, ['INBOX'])
      expect(inbox).toMatchObject({ isSelectable: true, status: { messages: 2, uidNext: 3 } })
      expect(find(folders, ['Entwürfe', '2024']).status?.messages).toBe(1)
      expect(await source.status(inbox)).toEqual(inbox.status!)
    })

    test('lists all messages where there is no cursor', async () => {
      await using world = await start()
      await world.source.deliver(
        ['INBOX'],
        { body: 'Subject: a\r\n\r\nx\r\n', flags: ['\\Seen', 'Work'] },
        { body: 'b\r\n', receivedAt: '17-Jul-1996 02:44:25 +0000' },
      )
      await using source = await world.openSource()
      const changes = await source.changes(await inboxOf(source), null)
      expect(changes).toMatchObject({ isComplete: true, vanished: [], status: { messages: 2, uidNext: 3 } })
      expect([...changes.items].map((item) => ({ ...item, flags: item.flags.toSorted() }))).toEqual([
        { uid: 1, sizeBytes: 17, flags: ['Work', '\\Seen'], receivedAt: defaultDate },
        { uid: 2, sizeBytes: 3, flags: [], receivedAt: '17-Jul-1996 02:44:25 +0000' },
      ])
    })

    test('tells what is new, whose flags changed and what vanished since a cursor', async () => {
      await using world = await start()
      await world.source.deliver(['INBOX'], ...['a', 'b', 'c', 'd'].map((body) => ({ body: `${body}\r\n` })))
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      const before = await source.changes(inbox, null)
      await world.source.addFlag(['INBOX'], 2, '\\Flagged')
      await world.source.expunge(['INBOX'], 3)
      await world.source.deliver(['INBOX'], { body: 'e\r\n' })
      const changes = await source.changes(inbox, cursorOf(before))
      expect(changes.status).toMatchObject({ messages: 4, uidNext: 6 })
      expect(newsOf(changes, before)).toEqual({ added: [5], flagged: [2], vanished: [3] })
    })

    test('tells nothing where nothing changed', async () => {
      await using world = await start()
      await world.source.deliver(['INBOX'], { body: 'a\r\n' }, { body: 'b\r\n' })
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      const before = await source.changes(inbox, null)
      const changes = await source.changes(inbox, cursorOf(before))
      expect(changes.status).toEqual(before.status)
      expect(newsOf(changes, before)).toEqual({ added: [], flagged: [], vanished: [] })
    })

    test('knows a cursor of another numbering from one of its own', async () => {
      await using world = await start()
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      const { status } = await source.changes(inbox, null)
      const cursor = { uidValidity: status.uidValidity + 1, uidDone: 5, modseq: status.highestModseq }
      expect(await faultOf(source.changes(inbox, cursor))).toMatchObject({ code: 'cursor.lost' })
    })

    test('brings messages as they are, ascending, passing over those that are gone', async () => {
      await using world = await start()
      const mails = shapes(60)
      await world.source.deliver(['INBOX'], ...mails)
      await world.source.expunge(['INBOX'], 5)
      await using source = await world.openSource()
      const uids = [60, ...Array.from({ length: 59 }, (_, index) => index + 1), 99]
      const items = await collect(source.fetch(await inboxOf(source), uids))
      const expected = mails.map((mail, index) => ({ ...mail, uid: index + 1 })).filter(({ uid }) => uid !== 5)
      expect(items.map(({ uid, sizeBytes }) => [uid, sizeBytes])).toEqual(
        expected.map(({ uid, body }) => [uid, body.length]),
      )
      for (const [at, item] of items.entries()) expect(item.bytes.equals(bytesOf(expected[at]!))).toBe(true)
    })

    test('brings nothing where nothing is asked for', async () => {
      await using world = await start()
      await using source = await world.openSource()
      expect(await collect(source.fetch(await inboxOf(source), []))).toEqual([])
    })

    test('leaves no trace: what was read is not seen', async () => {
      await using world = await start()
      await world.source.deliver(['INBOX'], { body: 'a\r\n' })
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      await collect(source.fetch(inbox, [1]))
      for await (const _ of source.headers(inbox, [1]));
      expect([...(await source.list(inbox))].map(({ flags }) => flags)).toEqual([[]])
    })

    test('brings the exact header bytes', async () => {
      await using world = await start()
      const header = `Subject: one\r\nX-Folded: a\r\n\tb\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`
      await world.source.deliver(['INBOX'], { body: `${header}body\r\n` }, { body: `${header}other body\r\n` })
      await using source = await world.openSource()
      const seen: Record<Uid, string> = {}
      for await (const { uid, header, sizeBytes } of source.headers(await inboxOf(source), [1, 2, 9])) {
        seen[uid] = `${sizeBytes} ${Buffer.from(headerOf(header)).toString('latin1')}`
      }
      const lines = header.trimEnd()
      expect(seen).toEqual({ 1: `${header.length + 6} ${lines}`, 2: `${header.length + 12} ${lines}` })
    })

    test('lists from a UID up, and nothing below it even at the end', async () => {
      await using world = await start()
      await world.source.deliver(['INBOX'], ...['a', 'b', 'c'].map((body) => ({ body: `${body}\r\n` })))
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      expect([...(await source.list(inbox, 2))].map(({ uid }) => uid)).toEqual([2, 3])
      expect([...(await source.list(inbox, 4))]).toEqual([])
      expect(await source.uids(inbox)).toEqual([1, 2, 3])
      expect(await source.uids(inbox, 3)).toEqual([3])
      expect(await source.uids(inbox, 4)).toEqual([])
      expect((await source.changes(inbox, null)).items).toHaveLength(3)
    })

    test('sees what came meanwhile', async () => {
      await using world = await start()
      await using source = await world.openSource()
      const inbox = await inboxOf(source)
      expect(await source.uids(inbox)).toEqual([])
      await world.source.deliver(['INBOX'], { body: 'a\r\n' })
      expect(await source.uids(inbox)).toEqual([1])
      expect([...(await source.list(inbox))].map(({ uid }) => uid)).toEqual([1])
      expect((await source.status(inbox)).messages).toBe(1)
    })

    test('is of no use once it was destroyed', async () => {
      await using world = await start()
      await using source = await world.openSource()
      source.destroy()
      expect(await faultOf(source.listFolders())).toBeInstanceOf(Fault)
    })
  })

  describe(`${name}: writing`, () => {
    test('appends messages as they are, in order, and tells their UIDs', async () => {
      await using world = await start()
      const mails = shapes(260)
      await using target = await world.openTarget()
      const inbox = await inboxOf(target)
      const results = await appendAll(target, inbox, mails)
      expect(results.map(({ sourceUid, outcome }) => `${sourceUid} ${outcome}`)).toEqual(
        mails.map((_, index) => `${index + 1} appended`),
      )
      const uids = await target.uids(inbox)
      if (target.capabilities.tellsUids)
        expect(results.map((result) => 'uid' in result && result.uid)).toEqual([...uids])
      const items = await collect(target.fetch(inbox, uids))
      for (const [at, mail] of mails.entries()) {
        expect(items[at]?.bytes.equals(bytesOf(mail))).toBe(true)
        expect(items[at]?.receivedAt).toBe(mail.receivedAt)
        expect(items[at]?.flags.toSorted()).toEqual([...(mail.flags ?? [])].sort())
      }
    })

    test('appends one by one where that is asked for', async () => {
      await using world = await start()
      await using target = await world.openTarget()
      const inbox = await inboxOf(target)
      const results = await appendAll(target, inbox, shapes(10), { batchItemsMax: 1 })
      expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'appended'))
      expect(await target.uids(inbox)).toHaveLength(10)
    })

    test('appends nothing where there is nothing', async () => {
      await using world = await start()
      await using target = await world.openTarget()
      expect(await appendAll(target, await inboxOf(target), [])).toEqual([])
    })

    test('lets nothing land once the lease is lost', async () => {
      await using world = await start()
      const target = await world.openTarget()
      const inbox = await inboxOf(target)
      const appending = appendAll(target, inbox, shapes(3), { mayCommit: () => false })
      expect(await faultOf(appending)).toMatchObject({ code: 'lease.lost', scope: 'cancelled' })
      expect(await faultOf(target.listFolders())).toBeInstanceOf(Fault)
      await using other = await world.openTarget()
      expect(await other.uids(await inboxOf(other))).toEqual([])
    })

    test('lets nothing of a batch land that breaks off in the middle of a message', async () => {
      await using world = await start()
      await using target = await world.openTarget()
      const inbox = await inboxOf(target)
      const broken = new Fault('connect.dropped', 'The source is gone', { side: 'source' })
      const items = (async function* (): AsyncGenerator<AppendItem> {
        yield itemOf({ body: 'whole\r\n' }, 1)
        const body = (async function* () {
          yield Buffer.from('half of it')
          throw broken
        })()
        yield { ...itemOf({ body: 'x'.repeat(1000) }, 2), body }
      })()
      expect(await faultOf(drain(target.append(inbox, items, options(inbox))))).toBe(broken)
      await using other = await world.openTarget()
      const landed = await collect(other.fetch(inbox, await other.uids(await inboxOf(other))))
      expect(landed.filter(({ bytes }) => bytes.toString() !== 'whole\r\n')).toEqual([])
    })

    test('makes folders with what is above them, and takes those that are there', async () => {
      await using world = await start()
      await using target = await world.openTarget()
      const wanted = [['A', 'B', 'Çé'], ['A'], ['INBOX'], ['Größe 日本 📬']]
      const first = await target.ensureFolders(wanted.map((path) => ({ path, isSubscribed: true })))
      expect(first.map((folder) => 'path' in folder && folder.path)).toEqual(wanted)
      for (const folder of first) expect(folder).toMatchObject({ isSelectable: true, status: { messages: 0 } })
      const again = await target.ensureFolders(wanted.map((path) => ({ path, isSubscribed: true })))
      expect(again.map((folder) => 'status' in folder && folder.status?.uidValidity)).toEqual(
        first.map((folder) => 'status' in folder && folder.status?.uidValidity),
      )
    })

    test('renames a folder with all that is in it', async () => {
      await using world = await start()
      await world.target.deliver(['Old'], { body: 'a\r\n' })
      await using target = await world.openTarget()
      const old = find(await target.listFolders(), ['Old'])
      const renamed = await target.renameFolder(old, ['Néw'])
      expect(renamed).toMatchObject({ path: ['Néw'], status: { messages: 1, uidValidity: old.status?.uidValidity } })
      expect((await target.listFolders()).map(({ path }) => path.join('/'))).not.toContain('Old')
    })

    test('adds and removes flags and leaves the others alone', async () => {
      await using world = await start()
      const mail = { body: 'a\r\n', flags: ['\\Seen', 'Keep'] }
      await world.target.deliver(['INBOX'], mail, mail, mail)
      await using target = await world.openTarget()
      const inbox = await inboxOf(target)
      await target.changeFlags(inbox, [
        { uids: [1, 99], add: ['\\Flagged', 'New'], remove: ['\\Seen'] },
        { uids: [2], add: ['\\Flagged'], remove: [] },
      ])
      expect([...(await target.list(inbox))].map(({ flags }) => flags.toSorted().join(' '))).toEqual([
        'Keep New \\Flagged',
        'Keep \\Flagged \\Seen',
        'Keep \\Seen',
      ])
    })

    test('tells which flags a folder keeps', async () => {
      await using world = await start()
      await world.target.deliver(['INBOX'], { body: 'a\r\n', flags: ['Work'] })
      await using target = await world.openTarget()
      expect(await target.keptFlags(await inboxOf(target), ['\\Seen', 'Work'])).toEqual(['\\Seen', 'Work'])
    })

    test('moves messages, and tells where they are', async () => {
      await using world = await start()
      await world.target.deliver(['INBOX'], ...['a', 'b', 'c'].map((body) => ({ body: `${body}\r\n` })))
      await world.target.deliver(['To'], { body: 'there before\r\n' })
      await using target = await world.openTarget()
      if (!target.capabilities.canMove) return
      const folders = await target.listFolders()
      const moved = await target.move(find(folders, ['INBOX']), [1, 3], find(folders, ['To']))
      expect([...moved.keys()]).toEqual([1, 3])
      if (target.capabilities.tellsUids) expect([...moved.values()]).toEqual([2, 3])
      expect(await target.uids(find(folders, ['INBOX']))).toEqual([2])
      const there = await collect(target.fetch(find(folders, ['To']), [2, 3]))
      expect(there.map(({ bytes }) => bytes.toString())).toEqual(['a\r\n', 'c\r\n'])
    })

    test('copies a mailbox from one server to the other, byte by byte', async () => {
      await using world = await start()
      const mails = [...shapes(120), { body: Buffer.alloc(3_000_000, '0123456789abcdef\r\n') }]
      await world.source.deliver(['INBOX'], ...mails)
      await using source = await world.openSource()
      await using target = await world.openTarget()
      const [from, to] = [await inboxOf(source), await inboxOf(target)]
      const { items } = await source.changes(from, null)
      const fetched = source.fetch(
        from,
        [...items].map(({ uid }) => uid),
      )
      await drain(target.append(to, fetched, options(to)))
      const copies = await collect(target.fetch(to, await target.uids(to)))
      const originals = await collect(source.fetch(from, await source.uids(from)))
      expect(copies.length).toBe(mails.length)
      for (const [at, copy] of copies.entries()) {
        const { bytes, flags, receivedAt } = originals[at]!
        expect(copy.bytes.equals(bytes)).toBe(true)
        expect(copy.flags.toSorted()).toEqual(flags.toSorted())
        expect(copy.receivedAt).toBe(receivedAt)
      }
    })
  })
}

/** Mail of every form, in a zone and with flags that every server keeps. */
function shapes(count: number): (Mail & { readonly body: Uint8Array; readonly receivedAt: string })[] {
  const random = seededRandom(7)
  return Array.from({ length: count }, (_, index) => {
    const { bytes, flags, receivedAt } = makeMessage('ada', index, random)
    return { body: bytes, flags, receivedAt: `${receivedAt.replace(/^ /, '0').slice(0, 20)} +0000` }
  })
}

const bytesOf = ({ body }: Mail): Buffer => (typeof body === 'string' ? Buffer.from(body) : Buffer.from(body))

export function itemOf(mail: Mail, uid: Uid): AppendItem {
  const bytes = bytesOf(mail)
  const body = (async function* () {
    if (bytes.length > 0) yield bytes
  })()
  return { uid, sizeBytes: bytes.length, flags: mail.flags ?? [], receivedAt: mail.receivedAt ?? defaultDate, body }
}

export async function* itemsOf(mails: readonly Mail[]): AsyncGenerator<AppendItem> {
  for (const [index, mail] of mails.entries()) yield itemOf(mail, index + 1)
}

export const options = (folder: Folder, more: Partial<AppendOptions> = {}): AppendOptions => ({
  mark: folder.status ?? { uidValidity: 0, uidNext: 1 },
  batchItemsMax: 100,
  mayCommit: () => true,
  ...more,
})

export const appendAll = (
  target: MailTarget,
  folder: Folder,
  mails: readonly Mail[],
  more: Partial<AppendOptions> = {},
): Promise<AppendResult[]> => drain(flat(target.append(folder, itemsOf(mails), options(folder, more))))

export async function drain<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** Results that come some at a time, one by one. */
export async function* flat<T>(parts: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const part of parts) yield* part
}

export async function collect(items: AsyncIterable<Item>): Promise<(Item & { readonly bytes: Buffer })[]> {
  const all: (Item & { readonly bytes: Buffer })[] = []
  for await (const item of items) all.push({ ...item, bytes: Buffer.concat(await drain(item.body)) })
  return all
}

function find(folders: readonly Folder[], path: readonly string[]): Folder {
  const folder = folders.find((candidate) => candidate.path.join('\0') === path.join('\0'))
  if (folder) return folder
  throw new Error(`No folder ${path.join('/')} among ${folders.map((other) => other.path.join('/')).join(', ')}`)
}

export const inboxOf = async (mailbox: { listFolders(): Promise<readonly Folder[]> }): Promise<Folder> =>
  find(await mailbox.listFolders(), ['INBOX'])

const cursorOf = ({ status }: FolderChanges) => ({
  uidValidity: status.uidValidity,
  uidDone: status.uidNext - 1,
  modseq: status.highestModseq,
})

/** What a list of changes means, be it complete or not. */
function newsOf({ isComplete, items, vanished }: FolderChanges, before: FolderChanges) {
  const known = before.items
  const isGone = (uid: Uid): boolean =>
    isComplete ? !items.has(uid) : vanished.some(([first, last]) => first <= uid && uid <= last)
  const isFlagged = (item: ItemMeta): boolean =>
    known.has(item.uid) && known.get(item.uid)?.flags.toSorted().join() !== item.flags.toSorted().join()
  return {
    added: [...items.uids()].filter((uid) => !known.has(uid)),
    flagged: [...items.filter(isFlagged).uids()],
    vanished: [...known.uids()].filter(isGone),
  }
}

/** The fault that a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    (value) => new Error(`Fulfilled with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (isFault(error)) return error
  throw error
}
