import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import type { DovecotServer } from '../support/dovecot.ts'
import { append, createFolder, expunge } from '../support/imap-client.ts'
import { wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { readMailbox } from '../support/snapshot.ts'
import { type Issue, settled } from './api.ts'
import { newCase } from './case.ts'
import { type Served, startServed, sync } from './world.ts'

const testMs = 60_000

describeWith('dovecot', 'openssl')('what the target refuses', () => {
  let run: Served

  beforeAll(async () => {
    run = await startServed({ source: { storage: 'maildir', separator: '.' }, target: { quotaBytes: 300_000 } })
  }, testMs)
  afterAll(() => run[Symbol.asyncDispose]())

  test(
    'a folder name that the target refuses is reported, and the rest is copied',
    async () => {
      const { api, source, target } = run
      const { name, user, listed, create, theUser } = newCase(run)
      await seed(source, { users: [user], messagesPerUser: 12 })
      await fillFolder(source, user, ['dbox-Mails'])
      await create(listed(user))
      expect(await sync(api, name)).toMatchObject({ status: 'synced' })
      const { status, progress, error } = await theUser()
      expect([status, error?.code]).toEqual(['synced', 'folder.refused'])
      expect(error?.message).toMatch(/"dbox-Mails".*reserved name/)
      expect(progress.counts).toMatchObject({ source: 13, copied: 12, skipped: 1, failed: 0 })
      await expectSame(source, target, [user], {
        adjust: (_, { folders, subscribed }) => ({ folders: without(folders, 'dbox-Mails'), subscribed }),
      })
    },
    testMs,
  )

  test(
    'a message that the target refuses is skipped with its reason, and the rest is copied',
    async () => {
      const { api, source, target } = run
      const { name, user, listed, create, theUser } = newCase(run)
      await seed(source, { users: [user], messagesPerUser: 12 })
      await deliverNothing(source, user)
      await create(listed(user))
      expect(await sync(api, name)).toMatchObject({ status: expect.stringMatching(/^synced/) })
      const { progress, id } = await theUser()
      expect(progress.counts).toMatchObject({ source: 13, copied: 12, skipped: 1, failed: 0 })
      expect(await api.all<Issue>(`/users/${id}/issues`)).toMatchObject([
        { code: 'append.refused', detail: expect.stringMatching(/zero byte/) },
      ])
      await expectSame(source, target, [user], {
        adjust: (_, { folders, subscribed }) => ({
          folders: new Map(folders).set(
            'INBOX',
            (folders.get('INBOX') ?? []).filter(({ sizeBytes }) => sizeBytes > 0),
          ),
          subscribed,
        }),
      })
    },
    testMs,
  )

  test(
    'a full mailbox holds its user and skips nothing, and is gone on with when there is room',
    async () => {
      const { api, source, target } = run
      const { name, user, listed, create, theUser } = newCase(run)
      await using imap = await ImapWire.connect(target.access(user))
      await append(imap, 'INBOX', [
        { bytes: Buffer.alloc(270_000, 'Large\r\n'), flags: [], receivedAt: '05-May-2015 10:20:30 +0000' },
      ])
      await seed(source, { users: [user], messagesPerUser: 24 })
      await create(listed(user))
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      const held = await theUser()
      expect(held).toMatchObject({ status: 'failed', error: { code: 'append.over-quota', side: 'target' } })
      expect(held.progress.counts.skipped).toBe(0)
      await expunge(imap, 'INBOX', [1])
      await api.post(`/users/${held.id}/attempts`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )
})

const without = <V>(map: ReadonlyMap<string, V>, key: string) => new Map([...map].filter(([name]) => name !== key))

async function fillFolder(server: DovecotServer, user: string, path: readonly string[]): Promise<void> {
  await using imap = await ImapWire.connect(server.access(user))
  await createFolder(imap, wireName(server, path))
  const message = {
    bytes: Buffer.from('Subject: Astray\r\n\r\nAstray\r\n'),
    flags: [],
    receivedAt: '05-May-2015 10:20:30 +0000',
  }
  await append(imap, wireName(server, path), [message])
}

/** A message of no bytes, which no server takes by APPEND; it lies in the Maildir all the same. */
async function deliverNothing(server: DovecotServer, user: string): Promise<void> {
  const file = join(server.folder, 'mail', user, 'maildir', 'cur', '1700000000.M1P1.example:2,S')
  await writeFile(file, '')
  if (process.getuid?.() === 0) execFileSync('chown', ['mail:mail', file])
  const { folders } = await readMailbox(server, user)
  expect(folders.get('INBOX')?.some(({ sizeBytes }) => sizeBytes === 0)).toBe(true)
}
