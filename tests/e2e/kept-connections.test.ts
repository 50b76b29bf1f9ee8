import { afterAll, beforeAll, expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import type { DovecotServer } from '../support/dovecot.ts'
import { append } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { usersOf } from './api.ts'
import { type SentCommand, sentCommands } from './commands.ts'
import { type Served, startMigration, sync, userNames } from './world.ts'

const users = userNames(3)
const batch = 'kept'
const receivedAt = '05-May-2015 10:20:30 +0000'

describeWith('dovecot', 'openssl')('two passes on kept connections', () => {
  let run: Served

  beforeAll(async () => {
    run = await startMigration(batch, users, { source: { keepsWire: true }, target: { keepsWire: true } })
    await seed(run.source, { users, messagesPerUser: 30 })
    expect(await sync(run.api, batch)).toMatchObject({ status: 'synced' })
  }, 60_000)
  afterAll(() => run[Symbol.asyncDispose]())

  const signIns = async (server: DovecotServer) => (await server.log()).split('Login: user=<').length - 1
  const both = async <T>(ask: (server: DovecotServer) => Promise<T>) => [await ask(run.source), await ask(run.target)]
  /** What the product does at both servers meanwhile. */
  const during = async (act: () => Promise<unknown>) => {
    const [loginsBefore, sentBefore] = [await both(signIns), await both(sentCommands)]
    await act()
    const [logins, sent] = [await both(signIns), await both(sentCommands)]
    return {
      signIns: logins.map((count, at) => count - (loginsBefore[at] ?? 0)),
      commands: sent.map((all, at) => newNames(sentBefore[at] ?? [], all)),
    }
  }

  /** A stream of commands goes on with each pass: what is new in all of them is what is not old. */
  const newNames = (before: readonly SentCommand[], after: readonly SentCommand[]): readonly string[] => {
    const names = after.map(({ name }) => name)
    for (const { name } of before) names.splice(names.indexOf(name), 1)
    return names
  }

  test('that finds nothing new signs in nowhere and asks each server one thing of each mailbox', async () => {
    const { signIns, commands } = await during(() => sync(run.api, batch))
    expect(signIns).toEqual([0, 0])
    expect(commands).toEqual([users.map(() => 'LIST'), users.map(() => 'LIST')])
  })

  test('that finds new mail copies it, and signs in nowhere', async () => {
    const [user = ''] = users
    {
      await using imap = await ImapWire.connect(run.source.access(user))
      await append(imap, 'INBOX', [{ bytes: Buffer.from('Subject: New\r\n\r\nNew\r\n'), flags: [], receivedAt }])
    }
    const { signIns } = await during(() => sync(run.api, batch))
    expect(signIns).toEqual([0, 0])
    expect((await usersOf(run.api, batch)).map(({ progress }) => progress.copiedLastPass)).toEqual([1, 0, 0])
    await expectSame(run.source, run.target, users)
  })

  test('after a stop signs in anew', async () => {
    await run.api.ask('DELETE', `/batches/${batch}/sync`)
    const { signIns } = await during(() => sync(run.api, batch))
    expect(signIns).toEqual([users.length, users.length])
  })

  test('are logged out when the server ends, within seconds', async () => {
    const begun = performance.now()
    await run.server.proc.kill('SIGTERM')
    expect(performance.now() - begun).toBeLessThan(5_000)
    const logOuts = async (server: DovecotServer) => (await server.log()).split('Logged out').length - 1
    expect(await both(async (server) => (await signIns(server)) - (await logOuts(server)))).toEqual([0, 0])
  })
})
