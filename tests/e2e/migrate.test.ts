import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import { append } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { type Ended, type Ferry, master, messagesPerUser, newCrossing, startFerry, url } from './one-shot.ts'

const testMs = 60_000

/** Source and target, each with its way of encryption. */
const encryptions = [
  ['imaps', 'imap+starttls'],
  ['imap+starttls', 'imap'],
  ['imap', 'imaps'],
] as const

describeWith('dovecot', 'openssl')('migrate', () => {
  let ferry: Ferry

  beforeAll(async () => {
    ferry = await startFerry()
  }, testMs)
  afterAll(() => ferry[Symbol.asyncDispose]())

  test.each(encryptions)(
    'copies by %s to %s, verifies, and leaves nothing behind',
    async (from, to) => {
      const { source, target } = ferry
      const { users, temp, list, run } = await newCrossing(ferry)
      const { exit, output } = await run([
        ...['--source', url(source, from), '--source-ca', source.certificate.certificateFile],
        ...['--target', url(target, to), '--target-ca', target.certificate.certificateFile],
        ...['--csv', await list(), '--read-data'],
      ])
      expect([exit, output]).toEqual([0, expect.stringContaining('48 at the source = 48 copied')])
      expect(output).toContain('Checked 48 items: no difference')
      await expectSame(source, target, users)
      expect(await readdir(temp)).toEqual([])
    },
    testMs,
  )

  test(
    'signs in by the administrators, as a master user and by authorization identity',
    async () => {
      const { source, target } = ferry
      const { users, file, run } = await newCrossing(ferry)
      const csv = await file('users.csv', `EmailAddress,UserName,TargetUserName\n${users[0]},${users[0]},\n`)
      const { exit, output } = await run(
        [
          ...['--source', url(source), '--source-login', '{user}*{admin}', '--source-admin', master.name],
          ...['--source-password-file', await file('master.txt', `${master.password}\n`)],
          ...['--target', url(target), '--target-login', 'authzid', '--target-admin', master.name],
          ...['--csv', csv, '--verify'],
        ],
        { POSTFERRY_TARGET_PASSWORD: master.password },
      )
      expect([exit, output]).toEqual([0, expect.stringContaining('24 copied')])
      await expectSame(source, target, users.slice(0, 1))
    },
    testMs,
  )

  test(
    'with a data folder is an incremental pass the second time, and a third one copies nothing',
    async () => {
      const { source, target } = ferry
      const { users, work, plain, run } = await newCrossing(ferry)
      const args = [...(await plain()), '--data', join(work, 'data'), '-o', 'ndjson']
      expect(copied(await run(args))).toBe(2 * messagesPerUser)
      await using imap = await ImapWire.connect(source.access(users[0] ?? ''))
      await append(imap, 'INBOX', [note('New'), note('Newer')])
      expect(copied(await run(args))).toBe(2)
      expect(copied(await run(args))).toBe(0)
      await expectSame(source, target, users)
    },
    testMs,
  )

  test(
    'makes as many passes as it is asked for',
    async () => {
      const { plain, run } = await newCrossing(ferry)
      const result = await run([...(await plain()), '--passes', '2', '-o', 'ndjson'])
      expect(copied(result)).toBe(0)
      expect(reportOf(result.output).counts).toMatchObject({ source: 48, copied: 48 })
    },
    testMs,
  )

  test(
    'stops softly at SIGTERM, and the same command goes on',
    async () => {
      const { source, target } = ferry
      const { users, work, plain, start, run } = await newCrossing(ferry)
      await seed(source, { users, messagesPerUser: 1_000, seed: 2 })
      const args = [...(await plain()), '--data', join(work, 'data'), '-o', 'ndjson', '--concurrency', '1']
      await using proc = start(args)
      await proc.printed(/"itemsDone":[1-9]/)
      await proc.kill('SIGTERM')
      expect(await proc.exited).toBe(130)
      expect(await run(args)).toMatchObject({ exit: 0 })
      await expectSame(source, target, users)
    },
    testMs,
  )
})

const note = (words: string) => ({
  bytes: Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`),
  flags: [],
  receivedAt: '05-May-2015 10:20:30 +0000',
})

interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly users: readonly { readonly progress: { readonly copiedLastPass: number } }[]
}

/** The report among the lines of ndjson. */
function reportOf(output: string): Report {
  const lines = output.split('\n').filter((line) => line.startsWith('{'))
  const report = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'report')
  if (report === undefined) throw new Error(`There is no report in: ${output}`)
  return report
}

function copied({ exit, output }: Ended): number {
  if (exit !== 0) throw new Error(`Ended with ${exit}: ${output}`)
  return reportOf(output).users.reduce((sum, { progress }) => sum + progress.copiedLastPass, 0)
}
