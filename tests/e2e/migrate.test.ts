import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { append } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { freePorts } from '../support/ports.ts'
import { type Proc, postferry, startProc } from '../support/proc.ts'
import { seed } from '../support/seed.ts'
import { startServer, type TempFolder, tempFolder } from './server.ts'
import { csvFor } from './world.ts'

const testMs = 60_000
const messagesPerUser = 24
const master = { name: 'postmaster', password: 'master-secret' }

/** Source and target, each with its way of encryption. */
const encryptions = [
  ['imaps', 'imap+starttls'],
  ['imap+starttls', 'imap'],
  ['imap', 'imaps'],
] as const

type Scheme = (typeof encryptions)[number][number]

describeWith('dovecot', 'openssl')('migrate', () => {
  let source: DovecotServer
  let target: DovecotServer
  let folder: TempFolder
  let number = 0
  let users: readonly string[]
  let work: string

  beforeAll(async () => {
    source = await startDovecot({ master, password: 'source-secret' })
    // Its messages lie in files of their own, so that one can be spoilt behind the server's back.
    target = await startDovecot({ master, storage: 'maildir', separator: '.', prefix: 'INBOX.' })
    folder = await tempFolder()
  }, testMs)
  afterAll(() => Promise.all([source, target, folder].map((one) => one[Symbol.asyncDispose]())))
  beforeEach(async () => {
    number += 1
    users = ['ann', 'bob'].map((name) => `${name}${number}@example.org`)
    work = join(folder.path, `${number}`)
    await mkdir(join(work, 'tmp'), { recursive: true })
    await seed(source, { users, messagesPerUser })
  })

  const url = (server: DovecotServer, scheme: Scheme = 'imap') =>
    `${scheme}://127.0.0.1:${scheme === 'imaps' ? server.tlsPort : server.port}`
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(work, name), text)
    return join(work, name)
  }
  const list = () => file('users.csv', csvFor(users, source, target))
  const start = (args: readonly string[], env: Record<string, string> = {}): Proc =>
    startProc(postferry('migrate', ...args), { env: { TMPDIR: join(work, 'tmp'), ...env } })
  const run = async (args: readonly string[], env?: Record<string, string>) => {
    await using proc = start(args, env)
    return { exit: await proc.exited, output: proc.output() }
  }
  const clear = async () => ['--source', url(source), '--target', url(target), '--csv', await list()]

  test.each(encryptions)(
    'copies by %s to %s, verifies, and leaves nothing behind',
    async (from, to) => {
      const { exit, output } = await run([
        ...['--source', url(source, from), '--source-ca', source.certificate.certificateFile],
        ...['--target', url(target, to), '--target-ca', target.certificate.certificateFile],
        ...['--csv', await list(), '--read-data'],
      ])
      expect([exit, output]).toEqual([0, expect.stringContaining('48 at the source = 48 copied')])
      expect(output).toContain('Checked 48 items: no difference')
      await expectSame(source, target, users)
      expect(await readdir(join(work, 'tmp'))).toEqual([])
    },
    testMs,
  )

  test(
    'signs in by the administrators, as a master user and by authorization identity',
    async () => {
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
      const args = [...(await clear()), '--data', join(work, 'data'), '-o', 'ndjson']
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
      const result = await run([...(await clear()), '--passes', '2', '-o', 'ndjson'])
      expect(copied(result)).toBe(0)
      expect(reportOf(result.output).counts).toMatchObject({ source: 48, copied: 48 })
    },
    testMs,
  )

  test(
    'ends with 3 when a mailbox is left over, copies the others, and names the folder to go on with',
    async () => {
      const csv = (await readFile(await list(), 'utf8')).replace(
        `${users[1]},${users[1]},source-secret`,
        `${users[1]},${users[1]},wrong`,
      )
      await writeFile(join(work, 'users.csv'), csv)
      const args = ['--source', url(source), '--target', url(target), '--csv', join(work, 'users.csv')]
      const { exit, output } = await run(args)
      expect([exit, output]).toEqual([3, expect.stringContaining('--data')])
      const [kept = ''] = await readdir(join(work, 'tmp'))
      expect(output).toContain(join(work, 'tmp', kept))
      expect((await stat(join(work, 'tmp', kept))).mode & 0o777).toBe(0o700)
      await expectSame(source, target, users.slice(0, 1))
      await list()
      expect(await run([...args, '--data', join(work, 'tmp', kept)])).toMatchObject({ exit: 0 })
      await expectSame(source, target, users)
    },
    testMs,
  )

  test(
    'ends with 4 when what is stored at the target is not what was sent',
    async () => {
      const args = [...(await clear()), '--data', join(work, 'data')]
      expect(await run(args)).toMatchObject({ exit: 0 })
      await spoilStored(target, users[0] ?? '')
      expect(await run([...args, '--verify'])).toMatchObject({ exit: 0 })
      const { exit, output } = await run([...args, '--read-data'])
      expect([exit, output]).toEqual([4, expect.stringMatching(/ann.*INBOX.*content/)])
      expect(output).toContain('1 difference')
    },
    testMs,
  )

  test(
    'ends with 5 and the place of the mistake when the list is wrong, and leaves nothing behind',
    async () => {
      const csv = await file('wrong.csv', 'EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p\n')
      const { exit, output } = await run(['--source', url(source), '--target', url(target), '--csv', csv])
      expect([exit, output]).toEqual([5, expect.stringContaining('line 2, column EmailAddress')])
      expect(await readdir(join(work, 'tmp'))).toEqual([])
    },
    testMs,
  )

  test('ends with 2 when a password stands on the command line, and does not repeat it', async () => {
    const { exit, output } = await run([...(await clear()), '--source-password', 'canary'])
    expect([exit, output]).toEqual([2, expect.stringContaining('other users of this machine')])
    expect(output).not.toContain('canary')
  })

  /** Ends that are a server's doing, with the options that bring them about, and words of the sentence. */
  const ends: readonly (readonly [exit: number, why: string, args: () => Promise<readonly string[]>, words: RegExp])[] =
    [
      [
        21,
        'nobody vouches for the source',
        async () => ['--source', url(source, 'imaps'), '--target', url(target), '--csv', await list()],
        /certificate/i,
      ],
      [
        31,
        'nobody vouches for the target',
        async () => ['--source', url(source), '--target', url(target, 'imap+starttls'), '--csv', await list()],
        /certificate/i,
      ],
      [
        22,
        'the source refuses the sign-in',
        async () => [
          '--source',
          url(source),
          '--target',
          url(target),
          '--csv',
          await file('u.csv', rows('wrong', 'pass')),
        ],
        /sign/i,
      ],
      [
        32,
        'the target refuses the sign-in',
        async () => [
          '--source',
          url(source),
          '--target',
          url(target),
          '--csv',
          await file('u.csv', rows('source-secret', 'wrong')),
        ],
        /sign/i,
      ],
    ]
  const rows = (password: string, targetPassword: string) =>
    [
      'EmailAddress,UserName,Password,TargetPassword',
      ...users.map((user) => [user, user, password, targetPassword].join(',')),
    ].join('\n')

  test.each(ends)(
    'ends with %i when %s',
    async (code, _, args, words) => {
      const { exit, output } = await run(await args())
      expect([exit, output]).toEqual([code, expect.stringMatching(words)])
    },
    testMs,
  )

  test(
    'ends with 20 or 30 when a server does not answer',
    async () => {
      const [port = 0] = await freePorts(1)
      const away = `imap://127.0.0.1:${port}`
      const csv = await list()
      await using noSource = start(['--source', away, '--target', url(target), '--csv', csv])
      await using noTarget = start(['--source', url(source), '--target', away, '--csv', csv])
      expect(await Promise.all([noSource.exited, noTarget.exited])).toEqual([20, 30])
      for (const { output } of [noSource, noTarget]) expect(output()).toContain(`127.0.0.1:${port}`)
    },
    2 * testMs,
  )

  test(
    'ends with 50 and the address of the server when one has the data folder',
    async () => {
      await using server = await startServer(join(work, 'data'))
      const { exit, output } = await run([...(await clear()), '--data', join(work, 'data')])
      expect([exit, output]).toEqual([50, expect.stringContaining(server.address)])
    },
    testMs,
  )

  test(
    'stops softly at SIGTERM, and the same command goes on',
    async () => {
      await seed(source, { users, messagesPerUser: 1_000, seed: 2 })
      const args = [...(await clear()), '--data', join(work, 'data'), '-o', 'ndjson', '--concurrency', '1']
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

interface Result {
  readonly exit: number | NodeJS.Signals
  readonly output: string
}

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

function copied({ exit, output }: Result): number {
  if (exit !== 0) throw new Error(`Ended with ${exit}: ${output}`)
  return reportOf(output).users.reduce((sum, { progress }) => sum + progress.copiedLastPass, 0)
}

/** Changes one letter in the text of one stored message; its size, date and flags stay. */
async function spoilStored(server: DovecotServer, user: string): Promise<void> {
  const cur = join(server.folder, 'mail', user, 'maildir', 'cur')
  const [name = ''] = (await readdir(cur)).sort()
  const file = join(cur, name)
  const { atime, mtime } = await stat(file)
  const bytes = await readFile(file)
  const at = bytes.lastIndexOf('\n', bytes.length - 2) + 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(file, bytes)
  if (process.getuid?.() === 0) execFileSync('chown', ['mail:mail', file])
  await utimes(file, atime, mtime)
}
