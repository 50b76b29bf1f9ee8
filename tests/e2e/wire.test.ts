import { afterAll, beforeAll, expect, test } from 'bun:test'
import { check } from '../support/checker.ts'
import { expunge, move, renameFolder, run, store } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { settled, until } from './api.ts'
import { type SentCommand, sentCommands } from './commands.ts'
import { type Served, startMigration, sync, userNames } from './world.ts'

const users = userNames(5)
const batch = 'wire'

/** All that is ever asked of a source: nothing of it changes anything there (RFC 3501, section 6). */
const harmless = [
  ...['CAPABILITY', 'NOOP', 'ID', 'ENABLE', 'NAMESPACE', 'LIST', 'LSUB', 'STATUS', 'EXAMINE', 'UNSELECT', 'LOGOUT'],
  ...['SEARCH', 'UID SEARCH', 'FETCH', 'UID FETCH', 'GETQUOTA', 'GETQUOTAROOT', 'COMPRESS'],
]
/** What a target is asked besides: to take mail and to keep up with the source, never to give anything up. */
const forTarget = ['SELECT', 'CREATE', 'SUBSCRIBE', 'UNSUBSCRIBE', 'RENAME', 'APPEND', 'UID STORE', 'UID MOVE']

describeWith('dovecot', 'openssl')('over a first, a further and the final pass and two verifications', () => {
  let migration: Served
  let atSource: readonly SentCommand[]
  let atTarget: readonly SentCommand[]

  beforeAll(async () => {
    migration = await startMigration(batch, users, { source: { keepsWire: true }, target: { keepsWire: true } })
    await seed(migration.source, { users, messagesPerUser: 60 })
    for (const user of users) await inSource(user, (imap) => store(imap, 'Sent', [1, 2], 'FLAGS (\\Seen)'))
    expect(await sync(migration.api, batch)).toMatchObject({ status: 'synced' })
    await verify(false)
    for (const user of users) await inSource(user, act)
    expect(await sync(migration.api, batch)).toMatchObject({ status: 'synced' })
    await migration.api.post(`/batches/${batch}/completion`)
    expect(await settled(migration.api, batch)).toMatchObject({ status: 'completed' })
    await verify(true)
    ;[atSource, atTarget] = await Promise.all([sentCommands(migration.source), sentCommands(migration.target)])
  }, 60_000)
  afterAll(() => migration[Symbol.asyncDispose]())

  const verify = async (readsData: boolean) => {
    await migration.api.post(`/batches/${batch}/verification`, { readsData })
    const found = await until('the verification is done', async () => {
      const now = await migration.api.get<{ isRunning: boolean; differences: number }>(`/batches/${batch}/verification`)
      return now.isRunning ? null : now
    })
    expect(found).toMatchObject({ differences: 0, failed: 0 })
  }

  const inSource = async (user: string, doing: (imap: ImapWire) => Promise<unknown>) => {
    await using imap = await ImapWire.connect(migration.source.access(user))
    await doing(imap)
  }

  const act = async (imap: ImapWire) => {
    await renameFolder(imap, 'Leer', 'Leer und umbenannt')
    await run(imap, 'UNSUBSCRIBE Leer')
    await run(imap, 'SUBSCRIBE "Leer und umbenannt"')
    await store(imap, 'Sent', [1, 2], '+FLAGS (Changed \\Deleted)')
    await move(imap, 'INBOX', [2], 'Sent')
    await expunge(imap, 'INBOX', [3])
  }

  const namesOf = (commands: readonly SentCommand[]) => [...new Set(commands.map(({ name }) => name))].sort()

  test('the source is only read, and nothing is marked as read there', () => {
    expect(atSource.length).toBeGreaterThan(users.length * 20)
    expect(namesOf(atSource).filter((name) => !harmless.includes(name))).toEqual([])
    const fetches = atSource.filter(({ name }) => name.endsWith('FETCH'))
    expect(fetches.length).toBeGreaterThan(users.length)
    expect(fetches.filter((fetch) => /BODY\[|RFC822(?!\.SIZE|\.HEADER)/i.test(fetch.arguments))).toEqual([])
  })

  test('the target is never told to close, expunge or delete, and flags are added or removed, never replaced', () => {
    expect(atTarget.filter(({ name }) => name === 'APPEND').length).toBeGreaterThan(users.length)
    expect(namesOf(atTarget).filter((name) => ![...harmless, ...forTarget].includes(name))).toEqual([])
    const stores = atTarget.filter(({ name }) => name === 'UID STORE')
    expect(stores.length).toBeGreaterThanOrEqual(users.length)
    for (const { arguments: text } of stores) expect(text).toMatch(/ [+-]FLAGS\.SILENT \(/)
  })

  test('what came of it is right all the same', async () => {
    const { differences } = await check(migration.source, migration.target, users)
    // What was deleted at the source stays at the target, and a later \Deleted does not travel.
    expect(differences.map(({ kind, folder }) => `${kind} ${folder}`).sort()).toEqual(
      users.flatMap(() => ['extra INBOX', 'other flags Sent', 'other flags Sent']).sort(),
    )
  })
})
