import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { describeWith } from '../support/need.ts'
import { postferry, startProc } from '../support/proc.ts'
import { seed } from '../support/seed.ts'
import { until, usersOf } from './api.ts'
import { type Server, signIn, startServer, type TempFolder, tempFolder } from './server.ts'
import { endpoint, sync } from './world.ts'

const user = 'ann@example.org'
const batch = 'sealed'

/** One for every place where a password can be given; none of them is ever to be seen again. */
const canaries = {
  source: 'canary-1-source,"x',
  target: 'canary-2-target',
  sourceMaster: 'canary-3-source-master',
  targetMaster: 'canary-4-target-master',
  wrong: 'canary-5-wrong',
  corrected: 'canary-6-corrected',
  tested: 'canary-7-tested',
  mistaken: 'canary-8-in-a-wrong-list',
} as const

/** As text in the encodings in which a careless line would write it. */
const disguises = (secret: string): readonly Buffer[] => [
  Buffer.from(secret),
  Buffer.from(secret, 'utf16le'),
  Buffer.from(Buffer.from(secret).toString('hex')),
  Buffer.from(encodeURIComponent(secret)),
  Buffer.from(JSON.stringify(secret).slice(1, -1)),
  // Anywhere inside of what was encoded, such as the answer of SASL PLAIN.
  ...[0, 1, 2].map((shift) => Buffer.from(Buffer.from(secret).subarray(shift).toString('base64').slice(0, -4))),
]

function found(bytes: Buffer): readonly string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => disguises(secret).some((disguise) => bytes.includes(disguise)))
    .map(([name]) => name)
}

/** Every file below a folder, with the canaries in it. */
const foundBelow = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .flatMap((path) => found(readFileSync(path)).map((name) => `${path}: ${name}`))

const argumentsOf = (pid: number): Buffer => readFileSync(`/proc/${pid}/cmdline`)

describeWith('dovecot', 'openssl')('a password that was given', () => {
  let source: DovecotServer
  let target: DovecotServer
  let folder: TempFolder
  let server: Server
  const said: string[] = []

  beforeAll(async () => {
    source = await startDovecot({
      users: { [user]: canaries.source },
      master: { name: 'root', password: canaries.sourceMaster },
    })
    target = await startDovecot({
      users: { [user]: canaries.target },
      master: { name: 'root', password: canaries.targetMaster },
    })
    folder = await tempFolder()
    await seed(source, { users: [user], messagesPerUser: 12 })
    server = await startServer(join(folder.path, 'data'))
  }, 30_000)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await Promise.all([source, target, folder].map((one) => one[Symbol.asyncDispose]()))
  })

  /** Asks as a script does and keeps what was answered. */
  const ask = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<string> => {
    const { text } = await server.api.ask(method, path, body)
    said.push(text)
    return text
  }

  test('is in no answer of the API, no page, no output and no file of the data folder', async () => {
    const admin = (password: string) => ({ login: '{user}*{admin}', adminName: 'root', adminPassword: password })
    await ask('POST', '/endpoints', endpoint('source', source, admin(canaries.sourceMaster)))
    await ask('POST', '/endpoints', endpoint('target', target, admin(canaries.targetMaster)))
    await ask('POST', '/endpoints', endpoint('plain', source))
    await ask('POST', '/endpoints/source/test', { userName: user, password: canaries.tested })
    await ask('POST', '/endpoints/source/test', { userName: user })
    const ends = { sourceEndpoint: 'plain', targetEndpoint: 'target' }
    const csv = (password: string) =>
      `EmailAddress,UserName,Password,TargetPassword\n${user},${user},${password},${canaries.target}`
    await ask('POST', '/batches', { name: 'mistaken', ...ends, csv: `${user},${user},${canaries.mistaken}` })
    await ask('POST', '/batches', { name: 'mistaken', ...ends, csv: csv(`${canaries.mistaken},`) })
    await ask('POST', '/batches', { name: batch, ...ends, csv: csv(canaries.wrong) })
    expect(await sync(server.api, batch)).toMatchObject({ status: 'failed' })
    const [failed] = await usersOf(server.api, batch)
    await ask('PATCH', `/users/${failed?.id}`, { sourcePassword: canaries.corrected })
    await ask('PATCH', `/users/${failed?.id}`, { sourcePassword: canaries.source, misspelt: canaries.corrected })
    await ask('PATCH', `/users/${failed?.id}`, { sourcePassword: canaries.source })
    await ask('POST', `/users/${failed?.id}/attempts`)
    await until('the batch is synced', async () => (await ask('GET', `/batches/${batch}`)).includes('"synced"') || null)
    await ask('POST', `/batches/${batch}/verification`, { readsData: true })

    const paths = ['/endpoints', '/endpoints/source', '/batches', `/batches/${batch}/users`, `/batches/${batch}/report`]
    for (const path of [
      ...paths,
      `/batches/${batch}/verification`,
      `/users/${failed?.id}`,
      `/users/${failed?.id}/folders`,
      `/users/${failed?.id}/issues`,
      '/openapi.json',
    ])
      await ask('GET', path)
    const headers = { cookie: await signIn(server) }
    for (const path of ['/batches', '/batches/1', `/users/${failed?.id}`, '/endpoints', '/endpoints/1'])
      said.push(await (await fetch(`${server.address}${path}`, { headers })).text())

    expect(said.join('').length).toBeGreaterThan(10_000)
    expect(found(Buffer.from(said.join('\n')))).toEqual([])
    expect(found(Buffer.from(server.proc.output()))).toEqual([])
    expect(found(argumentsOf(server.proc.pid))).toEqual([])
    expect(foundBelow(join(folder.path, 'data'))).toEqual([])
    expect(statSync(join(folder.path, 'data')).mode & 0o077).toBe(0)
  }, 60_000)

  test('to migrate is not in its arguments, its output and its data folder, debugging or not', async () => {
    const work = join(folder.path, 'migrate')
    await mkdir(work)
    const file = async (name: string, text: string) => {
      await writeFile(join(work, name), text)
      return join(work, name)
    }
    const address = ({ port }: DovecotServer) => `imap://127.0.0.1:${port}`
    const args = [
      ...['--source', address(source), '--source-login', '{user}*{admin}', '--source-admin', 'root'],
      ...['--source-password-file', await file('master', canaries.sourceMaster)],
      ...['--target', address(target), '--csv'],
      await file('users.csv', `EmailAddress,UserName,TargetPassword\n${user},${user},${canaries.wrong}\n`),
      ...['--data', join(folder.path, 'kept'), '--debug', '-o', 'ndjson'],
    ]
    await using proc = startProc(postferry('migrate', ...args))
    const seen = await until('it has its arguments', async () => {
      const words = argumentsOf(proc.pid)
      return words.includes('--source-password-file') ? words : null
    })
    expect(await proc.exited).toBe(32)
    expect(found(seen)).toEqual([])
    expect(found(Buffer.from(proc.output()))).toEqual([])
    expect(foundBelow(join(folder.path, 'kept'))).toEqual([])
  }, 60_000)

  test('would be found if it were there', () => {
    for (const secret of Object.values(canaries)) {
      const response = Buffer.from(`\0${user}\0${secret}`).toString('base64')
      expect(found(Buffer.from(`x AUTHENTICATE PLAIN ${response}`))).not.toEqual([])
      expect(found(Buffer.from(JSON.stringify({ secret })))).not.toEqual([])
    }
  })
})
