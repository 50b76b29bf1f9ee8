import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import type { DovecotServer } from '../support/dovecot.ts'
import { describeWith } from '../support/need.ts'
import { freePorts } from '../support/ports.ts'
import { type Ferry, newCrossing, type Scheme, startFerry, url } from './one-shot.ts'
import { startServer } from './server.ts'

const testMs = 60_000

describeWith('dovecot', 'openssl')('migrate', () => {
  let ferry: Ferry

  beforeAll(async () => {
    ferry = await startFerry()
  }, testMs)
  afterAll(() => ferry[Symbol.asyncDispose]())

  test(
    'ends with 3 when a mailbox is left over, copies the others, and names the folder to go on with',
    async () => {
      const { source, target } = ferry
      const { users, temp, list, run } = await newCrossing(ferry)
      const csv = await list({ source: 'wrong' })
      const args = ['--source', url(source), '--target', url(target), '--csv', csv]
      const { exit, output } = await run(args)
      expect([exit, output]).toEqual([3, expect.stringContaining('--data')])
      const [kept = ''] = await readdir(temp)
      expect(output).toContain(join(temp, kept))
      expect((await stat(join(temp, kept))).mode & 0o777).toBe(0o700)
      await expectSame(source, target, users.slice(0, 1))
      await list()
      expect(await run([...args, '--data', join(temp, kept)])).toMatchObject({ exit: 0 })
      await expectSame(source, target, users)
    },
    testMs,
  )

  test(
    'ends with 4 when what is stored at the target is not what was sent',
    async () => {
      const { target } = ferry
      const { users, work, plain, run } = await newCrossing(ferry)
      const args = [...(await plain()), '--data', join(work, 'data')]
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
      const { source, target } = ferry
      const { temp, file, run } = await newCrossing(ferry)
      const csv = await file('wrong.csv', 'EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p\n')
      const { exit, output } = await run(['--source', url(source), '--target', url(target), '--csv', csv])
      expect([exit, output]).toEqual([5, expect.stringContaining('line 2, column EmailAddress')])
      expect(await readdir(temp)).toEqual([])
    },
    testMs,
  )

  test('ends with 2 when a password stands on the command line, and does not repeat it', async () => {
    const { plain, run } = await newCrossing(ferry)
    const { exit, output } = await run([...(await plain()), '--source-password', 'canary'])
    expect([exit, output]).toEqual([2, expect.stringContaining('other users of this machine')])
    expect(output).not.toContain('canary')
  })

  /** Ends that are a server's doing, with the options that bring them about, and words of the sentence. */
  const ends: readonly (readonly [
    exit: number,
    why: string,
    options: { from?: Scheme; to?: Scheme; wrong?: 'source' | 'target' },
    words: RegExp,
  ])[] = [
    [21, 'nobody vouches for the source', { from: 'imaps' }, /certificate/i],
    [31, 'nobody vouches for the target', { to: 'imap+starttls' }, /certificate/i],
    [22, 'the source refuses the sign-in', { wrong: 'source' }, /sign/i],
    [32, 'the target refuses the sign-in', { wrong: 'target' }, /sign/i],
  ]

  test.each(ends)(
    'ends with %i when %s',
    async (code, _, { from, to, wrong }, words) => {
      const { source, target } = ferry
      const { users, file, run } = await newCrossing(ferry)
      const passwords = [wrong === 'source' ? 'wrong' : 'source-secret', wrong === 'target' ? 'wrong' : 'pass']
      const rows = users.map((user) => [user, user, ...passwords].join(','))
      const csv = await file('u.csv', ['EmailAddress,UserName,Password,TargetPassword', ...rows].join('\n'))
      const { exit, output } = await run(['--source', url(source, from), '--target', url(target, to), '--csv', csv])
      expect([exit, output]).toEqual([code, expect.stringMatching(words)])
    },
    testMs,
  )

  test(
    'ends with 20 or 30 when a server does not answer',
    async () => {
      const { source, target } = ferry
      const { list, start } = await newCrossing(ferry)
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
      const { work, plain, run } = await newCrossing(ferry)
      await using server = await startServer(join(work, 'data'))
      const { exit, output } = await run([...(await plain()), '--data', join(work, 'data')])
      expect([exit, output]).toEqual([50, expect.stringContaining(server.address)])
    },
    testMs,
  )
})

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
