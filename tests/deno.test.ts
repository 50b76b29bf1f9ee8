import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Proc, startProc } from './support/proc.ts'

describe('the same source under Deno', () => {
  let folder = ''
  let server: Proc
  let address = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postferry-deno-'))
    const permissions = ['net=127.0.0.1', 'read', `write=${folder}`, 'env', 'ffi', 'sys'].map((it) => `--allow-${it}`)
    const serve = ['src/main.ts', 'serve', '--data', folder, '--listen', '127.0.0.1:0']
    server = startProc(['node_modules/.bin/deno', 'run', '--no-prompt', '--cached-only', ...permissions, ...serve])
    const [link] = await server.printed(/http:\/\/127\.0\.0\.1:\d+/)
    address = link
  })

  afterAll(async () => {
    await server.kill()
    await rm(folder, { recursive: true })
  })

  test('says that it is well', async () => {
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
  })

  test('shows a page, with its style', async () => {
    const page = await fetch(`${address}/sign-in`)
    expect(page.headers.get('content-type')).toStartWith('text/html')
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(await page.text()) ?? []
    expect((await fetch(new URL(style, address))).headers.get('content-type')).toStartWith('text/css')
  })

  test('answers out of its database', async () => {
    const token = (await readFile(join(folder, 'cli.token'), 'utf8')).trim()
    const answer = await fetch(`${address}/api/v1/batches`, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toEqual({ items: [], nextCursor: null })
  })

  test('ends when it is told to', async () => {
    await server.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  })
})
