import { afterAll, beforeAll, expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { compareMailboxes } from '../support/compare.ts'
import type { DovecotOptions } from '../support/dovecot-config.ts'
import {
  append,
  expunge,
  move,
  renameFolder,
  run as runCommand,
  type SeenMessage,
  store,
} from '../support/imap-client.ts'
import { quote, wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import type { MailServer } from '../support/mail-server.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { folderKey, readMailbox, type Snapshot } from '../support/snapshot.ts'
import { type ReportView, settled, type UserView, usersOf } from './api.ts'
import { type Served, startMigration, sync } from './world.ts'

const user = 'ada@example.org'
const messagesPerUser = 90
const testMs = 60_000

const inbox = ['INBOX']
const sent = ['Sent']
const project = ['Projekte', 'Übersicht', '2024']
const nested = ['受信', 'テスト']
const nestedAtTarget = ['Anderswo テスト']
const bikes = ['Reisen 🚲']
const bikesLater = ['Fahrten 🚲']
const empty = ['Leer']

const targets: readonly (readonly [string, DovecotOptions])[] = [
  ['a target like the source', {}],
  ['a target with another separator and prefix', { storage: 'maildir', separator: '.', prefix: 'INBOX.' }],
]

/** What a person does to their mail, by one of the two servers. */
async function at<T>(
  server: MailServer,
  act: (imap: ImapWire, name: (path: readonly string[]) => string) => Promise<T>,
) {
  await using imap = await ImapWire.connect(server.access(user))
  return await act(imap, (path) => wireName(server, path))
}

const note = (words: string) => ({
  bytes: Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`),
  flags: ['\\Seen'],
  receivedAt: '05-May-2015 10:20:30 +0000',
})

const suite = describeWith('dovecot', 'openssl')

suite.each(targets)('between two passes to %s', (_, target) => {
  const batch = 'follow'
  let run: Served
  /** The target after its user was there, and after the pass that followed. */
  let before: Snapshot
  let after: Snapshot
  let counts: UserView['progress']

  beforeAll(async () => {
    run = await startMigration(batch, [user], { target })
    await seed(run.source, { users: [user], messagesPerUser })
    await at(run.source, (imap, name) => store(imap, name(sent), [2], 'FLAGS (Early \\Seen)'))
    expect(await sync(run.api, batch)).toMatchObject({ status: 'synced' })
    await actAtSource(run.source)
    await actAtTarget(run.target)
    before = await readMailbox(run.target, user)
    expect(await sync(run.api, batch)).toMatchObject({ status: 'synced' })
    after = await readMailbox(run.target, user)
    counts = (await usersOf(run.api, batch))[0]?.progress as UserView['progress']
  }, testMs)
  afterAll(() => run[Symbol.asyncDispose]())

  const shas = (items: readonly SeenMessage[]) => items.map(({ sha256 }) => sha256).sort()
  const here = (snapshot: Snapshot, path: readonly string[]): readonly SeenMessage[] =>
    snapshot.folders.get(folderKey(path)) ?? []
  const itemAt = (snapshot: Snapshot, path: readonly string[], uid: number): SeenMessage => {
    const item = here(snapshot, path).find((candidate) => candidate.uid === uid)
    if (item === undefined) throw new Error(`There is no message ${uid} in ${path.join('/')}`)
    return item
  }
  const flagsOf = (path: readonly string[], uid: number) => here(after, path).find((item) => item.uid === uid)?.flags

  test('a folder renamed at the source is renamed at the target, its mail untouched', () => {
    expect(here(before, bikes).length).toBeGreaterThan(0)
    expect(here(after, bikesLater)).toEqual(here(before, bikes))
    expect(after.folders.has(folderKey(bikes))).toBe(false)
  })

  test('a folder renamed at the target stays so, and new mail follows it', () => {
    const subjects = here(after, nestedAtTarget).map(({ subject }) => subject)
    expect(subjects).toEqual([...here(before, nestedAtTarget).map(({ subject }) => subject), 'New in the renamed'])
    expect(after.folders.has(folderKey(nested))).toBe(false)
  })

  test('mail moved at the source is moved at the target, and not sent again', () => {
    expect(counts).toMatchObject({ movedLastPass: 2 })
    expect(shas(here(after, empty))).toEqual(shas([itemAt(before, inbox, 2), itemAt(before, inbox, 3)]))
    expect(here(after, inbox).filter(({ uid }) => uid === 2 || uid === 3)).toEqual([])
  })

  test('a moved copy keeps what its user did to it', () => {
    expect(here(after, empty).some(({ flags }) => flags.includes('Mine'))).toBe(true)
  })

  test('mail deleted at the source stays at the target', () => {
    expect(itemAt(after, inbox, 5)).toEqual(itemAt(before, inbox, 5))
  })

  test('mail deleted or moved by its user at the target is not sent again', () => {
    expect(here(after, inbox).filter(({ uid }) => uid === 7 || uid === 8)).toEqual([])
    expect(shas(here(after, project)).filter((sha) => sha === here(before, project).at(-1)?.sha256)).toHaveLength(1)
    expect(counts.counts.removed).toBe(2)
  })

  test('only what the source changed of the flags is carried, on top of what the user changed at the target', () => {
    expect(flagsOf(sent, 1)).toEqual([...itemAt(before, sent, 1).flags, 'AtSource'].sort())
    expect(flagsOf(sent, 1)).toContain('AtTarget')
    expect(flagsOf(sent, 2)).toEqual(['Mine', '\\flagged'])
    expect(flagsOf(sent, 3)).toEqual(['AtTarget'])
  })

  test('nothing else changes at the target', () => {
    expect(compareMailboxes(expected(before), after)).toEqual([])
  })

  test('only the new mail was sent, and the equation balances', async () => {
    expect(counts).toMatchObject({ copiedLastPass: 2, movedLastPass: 2, flagsChangedLastPass: 2 })
    const report = await run.api.get<ReportView>(`/batches/${batch}/report`)
    const atSource = [...(await readMailbox(run.source, user)).folders.values()].flat().length
    expect(report.isBalanced).toBe(true)
    expect(report.counts).toMatchObject({ source: atSource, copied: atSource - 2, removed: 2, skipped: 0, failed: 0 })
  })

  test('a third pass has nothing to do', async () => {
    await sync(run.api, batch)
    expect((await usersOf(run.api, batch))[0]?.progress).toMatchObject({
      copiedLastPass: 0,
      movedLastPass: 0,
      flagsChangedLastPass: 0,
      counts: counts.counts,
    })
    expect(compareMailboxes(after, await readMailbox(run.target, user))).toEqual([])
  })

  /** What the second pass has to make of the target. */
  function expected({ folders, subscribed }: Snapshot): Snapshot {
    const all = new Map(folders)
    all.set(folderKey(bikesLater), here(before, bikes))
    all.delete(folderKey(bikes))
    const inboxLeft = here(before, inbox).filter(({ uid }) => uid !== 2 && uid !== 3)
    all.set(folderKey(inbox), [
      ...inboxLeft,
      ...here(after, inbox).filter(({ subject }) => subject === 'New at the source'),
    ])
    all.set(folderKey(empty), [itemAt(before, inbox, 2), itemAt(before, inbox, 3)])
    all.set(folderKey(nestedAtTarget), [...here(before, nestedAtTarget), ...here(after, nestedAtTarget).slice(-1)])
    all.set(
      folderKey(sent),
      here(before, sent).map(({ flags, ...item }) => ({ ...item, flags: flagsOf(sent, item.uid) ?? flags })),
    )
    return { folders: all, subscribed }
  }
})

async function actAtSource(source: MailServer): Promise<void> {
  await at(source, async (imap, name) => {
    await renameFolder(imap, name(bikes), name(bikesLater))
    await move(imap, name(inbox), [2, 3], name(empty))
    await expunge(imap, name(inbox), [5])
    await append(imap, name(nested), [note('New in the renamed')])
    await append(imap, name(inbox), [note('New at the source')])
    await store(imap, name(sent), [1], '+FLAGS (AtSource)')
    await store(imap, name(sent), [2], '-FLAGS (Early)')
  })
}

async function actAtTarget(target: MailServer): Promise<void> {
  await at(target, async (imap, name) => {
    await renameFolder(imap, name(nested), name(nestedAtTarget))
    await store(imap, name(inbox), [2], '+FLAGS (Mine)')
    await move(imap, name(inbox), [7], name(project))
    await expunge(imap, name(inbox), [8])
    await append(imap, name(inbox), [note('New at the target')])
    await store(imap, name(sent), [1], '+FLAGS (AtTarget)')
    await store(imap, name(sent), [2], 'FLAGS (Mine \\Flagged Early)')
    await store(imap, name(sent), [3], 'FLAGS (AtTarget)')
  })
}

suite('a filled folder that its user removed at the target', () => {
  const batch = 'removed'
  let run: Served

  beforeAll(async () => {
    run = await startMigration(batch, [user])
    await seed(run.source, { users: [user], messagesPerUser })
    await sync(run.api, batch)
    await at(run.target, (imap, name) => runCommand(imap, `DELETE ${quote(name(sent))}`))
    await at(run.source, (imap, name) => append(imap, name(sent), [note('New in the removed')]))
    await sync(run.api, batch)
  }, testMs)
  afterAll(() => run[Symbol.asyncDispose]())

  const subjects = async () => {
    const { folders } = await readMailbox(run.target, user)
    return folders.get(folderKey(sent))?.map(({ subject }) => subject) ?? null
  }
  const decide = async (missingTargetFolder: 'leave' | 'recreate') => {
    const [held] = await usersOf(run.api, batch)
    await run.api.patch(`/users/${held?.id}`, { missingTargetFolder })
    await run.api.post(`/users/${held?.id}/attempts`)
    return settled(run.api, batch)
  }

  test('holds the user until an admin decides, and is not made again meanwhile', async () => {
    const [held] = await usersOf(run.api, batch)
    expect(held).toMatchObject({ status: 'incrementalFailed', error: { code: 'folder.removed-at-target' } })
    expect(held?.error?.message).toContain('Sent')
    expect(await subjects()).toBeNull()
  })

  test('is made again with all its mail when the admin says so', async () => {
    expect(await decide('recreate')).toMatchObject({ status: 'synced' })
    expect(await subjects()).toHaveLength(16)
    await expectSame(run.source, run.target, [user])
  })

  test('stays away when the admin says so', async () => {
    await at(run.target, (imap, name) => runCommand(imap, `DELETE ${quote(name(sent))}`))
    await run.api.patch(`/users/${(await usersOf(run.api, batch))[0]?.id}`, { missingTargetFolder: 'leave' })
    expect(await sync(run.api, batch)).toMatchObject({ status: 'synced' })
    expect(await subjects()).toBeNull()
    const report = await run.api.get<ReportView>(`/batches/${batch}/report`)
    expect(report).toMatchObject({ isBalanced: true, counts: { removed: 16, failed: 0 } })
  })
})
