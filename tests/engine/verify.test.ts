import { describe, expect, test } from 'bun:test'
import { defaultCopyRules } from '../../src/domain/batch-settings.ts'
import type { VerifyReport } from '../../src/engine/pass.ts'
import { verifyUser } from '../../src/engine/verify.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'
import { MemorySyncStore, mail, pair, runPass, unique } from './harness.ts'

interface World {
  readonly source: MemoryMailbox
  readonly target: MemoryMailbox
  readonly store: MemorySyncStore
}

async function migrated(): Promise<World> {
  const world = { source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() }
  for (let n = 0; n < 6; n += 1) world.source.deliver('INBOX', unique(), ['\\Seen', 'Work'])
  for (let n = 0; n < 3; n += 1) world.source.deliver('Sent', unique())
  await runPass(world.source, world.target, world.store)
  return world
}

const verify = async ({ source, target, store }: World, readsData = false): Promise<VerifyReport> =>
  await verifyUser({
    pair,
    source: source.open(),
    target: target.open(),
    targetEndpoint: 'target.example:993',
    store,
    signal: new AbortController().signal,
    onProgress: () => {},
    copy: defaultCopyRules,
    readsData,
  })

const inbox = (report: VerifyReport) => report.folders.find((folder) => folder.sourcePath[0] === 'INBOX')

describe('a verification', () => {
  test.each([[false], [true]])('of a whole copy finds no difference (data read: %p)', async (readsData) => {
    const report = await verify(await migrated(), readsData)
    expect([report.differences, report.itemsChecked, report.readsData]).toEqual([0, 9, readsData])
  })

  test('finds a copy that is not there', async () => {
    const world = await migrated()
    world.target.expunge('INBOX', 2)
    const report = await verify(world)
    expect(report.differences).toBe(1)
    expect(inbox(report)?.missing).toMatchObject([{ sourceUid: 2, targetUid: 2, what: 'missing' }])
  })

  test('finds a whole folder that is gone, and one that was never copied', async () => {
    const world = await migrated()
    world.target.folders.delete('Sent')
    world.source.deliver('Never', unique())
    expect((await verify(world)).differences).toBe(4)
  })

  test('finds another header, another date and a flag that did not arrive', async () => {
    const world = await migrated()
    const items = world.target.folder('INBOX').items
    const changed = items.map((item, n) => {
      if (n === 0) return { ...item, bytes: new TextEncoder().encode(mail('Other')) }
      if (n === 1) return { ...item, receivedAt: '02-Jan-2026 10:00:00 +0000' }
      return n === 2 ? { ...item, flags: ['\\Seen'] } : item
    })
    world.target.folder('INBOX').items = changed
    const report = await verify(world)
    expect(
      inbox(report)
        ?.different.map(({ what }) => what)
        .sort(),
    ).toEqual(['content', 'date', 'flags'])
    expect(inbox(report)?.different.find(({ what }) => what === 'flags')?.detail).toContain('Work')
  })

  test('takes the same instant in another zone for the same date', async () => {
    const world = await migrated()
    const folder = world.target.folder('INBOX')
    folder.items = folder.items.map((item) => ({ ...item, receivedAt: '01-Jan-2026 12:00:00 +0200' }))
    expect((await verify(world)).differences).toBe(0)
  })

  test('takes flags that the user of the target changed later for no difference', async () => {
    const world = await migrated()
    world.target.setFlags('INBOX', 1, [])
    expect((await verify(world)).differences).toBe(0)
  })

  test('takes a flag that the target cannot keep for no difference, and finds one that it could', async () => {
    const world = { source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() }
    world.target.traits = { ...world.target.traits, keepsFlag: (flag) => flag.startsWith('\\') }
    world.source.deliver('INBOX', unique(), ['Work', '\\Seen'])
    world.source.deliver('INBOX', unique(), ['Work', '\\Flagged'])
    await runPass(world.source, world.target, world.store)
    expect((await verify(world)).differences).toBe(0)
    const [first] = world.target.folder('INBOX').items
    if (first) first.flags = []
    expect(inbox(await verify(world))?.different).toMatchObject([
      { sourceUid: 1, what: 'flags', detail: 'Not at the target: \\Seen' },
    ])
  })

  test('does not miss what an adopted copy is never given', async () => {
    const world = { source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() }
    const words = mail('There before')
    world.source.deliver('INBOX', words, ['\\Draft', '\\Deleted', '\\Seen'])
    world.target.deliver('INBOX', words)
    await runPass(world.source, world.target, world.store)
    expect([(await verify(world)).differences, world.target.folder('INBOX').items[0]?.flags]).toEqual([0, ['\\Seen']])
  })

  test('does not compare a date that could not be read at the source', async () => {
    const world = await migrated()
    world.source.folder('INBOX').items.splice(0, 1, {
      ...(world.source.folder('INBOX').items[0] ?? { uid: 1, bytes: new Uint8Array(), flags: [], modseq: 1n }),
      receivedAt: '99-Foo-1999',
    })
    expect((await verify(world)).differences).toBe(0)
  })

  test('is not misled by a source that lists wrong sizes', async () => {
    const world = { source: new MemoryMailbox(), target: new MemoryMailbox(), store: new MemorySyncStore() }
    world.source.traits = { ...world.source.traits, sizeTold: (sizeBytes) => sizeBytes + 7 }
    for (let n = 0; n < 3; n += 1) world.source.deliver('INBOX', unique())
    await runPass(world.source, world.target, world.store)
    expect((await verify(world)).differences).toBe(0)
  })

  test('finds a changed byte of a body only when the data is read', async () => {
    const world = await migrated()
    const folder = world.target.folder('INBOX')
    folder.items = folder.items.map((item, n) => {
      const bytes = item.bytes.slice()
      if (n === 3) bytes[bytes.length - 4] = 0x21
      return { ...item, bytes }
    })
    expect((await verify(world)).differences).toBe(0)
    const report = await verify(world, true)
    expect(inbox(report)?.different).toMatchObject([{ sourceUid: 4, what: 'content', detail: 'The bytes differ' }])
  })

  test('finds a copy that was made twice', async () => {
    const world = await migrated()
    const [first] = world.target.folder('INBOX').items
    if (first) world.target.deliver('INBOX', first.bytes, [], first.receivedAt)
    expect(inbox(await verify(world))?.doubledItems).toBe(1)
  })

  test('does not look at mail that arrived after the pass, nor at foreign mail', async () => {
    const world = await migrated()
    world.source.deliver('INBOX', unique())
    world.target.deliver('INBOX', mail('Foreign'))
    expect((await verify(world)).differences).toBe(0)
  })
})
