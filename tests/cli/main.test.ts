import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { type Proc, postferry, startProc } from '../support/proc.ts'

/** Runs the program to its end. */
async function ended(...args: readonly string[]) {
  await using proc = startProc(postferry(...args))
  return { code: await proc.exited, output: proc.output() }
}

describe('the program', () => {
  test('tells its version', async () =>
    expect(await ended('--version')).toEqual({ code: 0, output: `postferry  ${project.version}\n` }))

  test('ends with 2 and its help when no verb is given', async () => {
    const { code, output } = await ended()
    expect([code, output]).toEqual([2, expect.stringContaining('Usage: postferry')])
  })

  test('refuses a password on the command line', async () => {
    const { code, output } = await ended(
      'endpoint',
      'create',
      'x',
      '--server',
      'imaps://x',
      '--admin-password',
      'canary',
    )
    expect([code, output]).toEqual([2, expect.stringContaining('--admin-password')])
    expect(output).not.toContain('canary')
  })

  test('takes it quietly when nobody reads any further', async () => {
    const command = `${postferry('--help').join(' ')} | head -c 1; echo " \${PIPESTATUS[0]}"`
    await using proc = startProc(['bash', '-c', command])
    expect([await proc.exited, proc.output()]).toEqual([0, 'U 0\n'])
  })
})

describe('a server', () => {
  let folder: string
  let server: Proc
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postferry-main-'))
    server = startProc(postferry('serve', '--data', folder, '--listen', '127.0.0.1:0'))
    await server.printed(/sign-in\?token=/)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const address = (): string => /http:\/\/127\.0\.0\.1:\d+/.exec(server.output())?.[0] ?? 'none'

  test('is found by the other verbs through its data folder', async () => {
    const made = await ended('endpoint', 'create', 'old', '--server', 'imaps://imap.old.example', '--data', folder)
    expect(made.code).toBe(0)
    const listed = await ended('endpoint', 'list', '-o', 'csv', '--data', folder)
    expect(listed.output).toContain('old,imap.old.example,993,ssl')
  })

  test('keeps a second one out, which tells where the first is', async () => {
    const { code, output } = await ended('serve', '--data', folder, '--listen', '127.0.0.1:0')
    expect([code, output]).toEqual([50, expect.stringContaining(`the server at ${address()} holds it`)])
  })

  test('answers only on the loopback', async () => {
    const { code, output } = await ended('serve', '--data', folder, '--listen', '0.0.0.0:0')
    expect([code, output]).toEqual([5, expect.stringContaining('Cannot listen on 0.0.0.0')])
  })

  test('says when its port is taken', async () => {
    const other = await mkdtemp(join(tmpdir(), 'postferry-main-'))
    const { code, output } = await ended('serve', '--data', other, '--listen', new URL(address()).host)
    await rm(other, { recursive: true })
    expect([code, output]).toEqual([5, expect.stringContaining('another program uses this port')])
  })

  test('ends softly when it is asked to, and leaves no address behind', async () => {
    await server.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(existsSync(join(folder, 'server.json'))).toBe(false)
    expect((await ended('batch', 'list', '--data', folder)).code).toBe(60)
  })
})
