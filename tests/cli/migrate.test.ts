import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/run.ts'
import type { Hooks } from '../../src/demo/hooks.ts'
import { type ImapServer, startImapServer } from '../../src/demo/server.ts'
import { Store } from '../../src/demo/store.ts'
import { postferry, startProc } from '../support/proc.ts'
import { recordedShell } from './recorded-shell.ts'

setDefaultTimeout(60_000)

const names = ['alice', 'bob']
const messagesEach = 12

/** Two servers and a data folder; `hooks` may be changed while they run. */
interface World extends AsyncDisposable {
  readonly source: ImapServer
  readonly target: ImapServer
  readonly folder: string
  readonly hooks: { target: Hooks }
}

async function startWorld(quotaBytesMax?: number): Promise<World> {
  const hooks: World['hooks'] = { target: {} }
  const source = await startImapServer({ store: storeOf(names) })
  const target = await startImapServer({
    store: storeOf([...names, 'carol'], quotaBytesMax),
    hooks: {
      onCommand: (command, session) => hooks.target.onCommand?.(command, session),
      onResponse: (text, session) => hooks.target.onResponse?.(text, session) ?? text,
    },
  })
  for (const name of names) deliver(source, name, messagesEach)
  const folder = await mkdtemp(join(tmpdir(), 'postferry-migrate-'))
  return {
    ...{ source, target, folder, hooks },
    async [Symbol.asyncDispose]() {
      await Promise.all([source.close(), target.close(), rm(folder, { recursive: true })])
    },
  }
}

function storeOf(users: readonly string[], quotaBytesMax?: number): Store {
  const store = new Store()
  for (const userName of users)
    store.addAccount({ userName, password: `pw-${userName}`, ...(quotaBytesMax !== undefined && { quotaBytesMax }) })
  return store
}

let serial = 0
function deliver({ store }: ImapServer, name: string, count: number): void {
  for (let left = count; left > 0; left--) {
    const text = `Message-ID: <${++serial}@example.org>\r\nSubject: Mail ${serial}\r\n\r\n${'x'.repeat(serial)}\r\n`
    store.account(name).deliver('INBOX', { body: new TextEncoder().encode(text) })
  }
}

const row = (name: string, password = `pw-${name}`): string =>
  `${name}@example.org,${name},${password},${name},pw-${name}`
const list = (...rows: readonly string[]): string =>
  ['EmailAddress,UserName,Password,TargetUserName,TargetPassword', ...rows].join('\n')
const everybody = list(...names.map((name) => row(name)))

const temporaryPlace = process.env.TMPDIR

let world: World
beforeEach(async () => {
  world = await startWorld()
  // Other programs make temporary folders too: these tests have a place of their own.
  process.env.TMPDIR = join(world.folder, 'temporary')
  await mkdir(process.env.TMPDIR)
})
afterEach(async () => {
  if (temporaryPlace === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporaryPlace
  await world[Symbol.asyncDispose]()
})

const url = ({ port }: ImapServer): string => `imap://127.0.0.1:${port}`

function prepare(csv: string, more: readonly string[] = []) {
  const shell = recordedShell({ files: { '-': csv } })
  const ends = ['--source', url(world.source), '--target', url(world.target)]
  return { shell, ended: run(['migrate', ...ends, '--csv', '-', ...more], shell) }
}

async function migrate(csv: string, ...more: readonly string[]) {
  const { shell, ended } = prepare(csv, more)
  return { code: await ended, out: shell.out(), err: shell.err() }
}

const withData = (): string[] => ['--data', world.folder]

/** The sizes of the messages: each is of a size of its own. */
const inbox = ({ store }: ImapServer, name: string): readonly number[] =>
  store
    .account(name)
    .demand('INBOX')
    .messages.map(({ body }) => body.sizeBytes)
    .sort((a, b) => a - b)

const expectWhole = (): void => {
  for (const name of names) expect(inbox(world.target, name)).toEqual(inbox(world.source, name))
}

describe('a migration', () => {
  test('copies every message, tells of each mailbox, and shows the equation', async () => {
    const { code, out, err } = await migrate(everybody, '--verify', '--read-data')
    expect([code, err]).toEqual([0, expect.stringContaining('alice@example.org: synced, 12 copied')])
    expect(out).toContain('24 at the source = 24 copied\n')
    expect(out).toEndWith('Checked 24 items: no difference\n')
    expectWhole()
  })

  test('copies nothing twice in further passes', async () => {
    const { code, out } = await migrate(everybody, '--passes', '3', '-o', 'json')
    const { users } = JSON.parse(out)
    expect(code).toBe(0)
    expect(
      users.map((user: { passes: number; progress: { copiedLastPass: number } }) => [
        user.passes,
        user.progress.copiedLastPass,
      ]),
    ).toEqual([
      [3, 0],
      [3, 0],
    ])
    expectWhole()
  })

  test('tells its progress as ndjson, and the report last', async () => {
    const { code, out, err } = await migrate(everybody, '-o', 'ndjson', '--verify')
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([code, err]).toEqual([0, ''])
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['progress', 'user', 'report', 'verification']))
    expect(events.at(-2)).toMatchObject({ event: 'report', isBalanced: true, counts: { source: 24, copied: 24 } })
    expect(events.at(-1)).toMatchObject({ event: 'verification', differences: 0 })
  })

  test('copies in a second call only what is new, and takes a list that has changed', async () => {
    await migrate(everybody, ...withData())
    deliver(world.source, 'alice', 3)
    world.source.store.addAccount({ userName: 'carol', password: 'pw-carol' })
    deliver(world.source, 'carol', 2)
    const { code, out } = await migrate(list(row('alice'), row('carol')), ...withData(), '-o', 'json')
    const copied = JSON.parse(out).users.map((user: { emailAddress: string; progress: { copiedLastPass: number } }) => [
      user.emailAddress,
      user.progress.copiedLastPass,
    ])
    expect([code, copied]).toEqual([
      0,
      [
        ['alice@example.org', 3],
        ['carol@example.org', 2],
      ],
    ])
    expectWhole()
  })
})

describe('an end that is not whole', () => {
  test('by one wrong password exits with 3, and the others are migrated', async () => {
    const { code, out, err } = await migrate(list(row('alice', 'canary'), row('bob')), ...withData())
    expect([code, inbox(world.target, 'bob')]).toEqual([3, inbox(world.source, 'bob')])
    expect(out).toMatch(/alice@example.org +failed/)
    expect(err).toContain('run the same command again')
    expect(out + err).not.toContain('canary')
    expect((await migrate(everybody, ...withData())).code).toBe(0)
    expectWhole()
  })

  test.each([
    ['source', 22, 'alice@example.org,alice,wrong,alice,pw-alice'],
    ['target', 32, 'alice@example.org,alice,pw-alice,alice,wrong'],
  ])('by wrong passwords alone at the %s exits with %d', async (_, code, line) =>
    expect((await migrate(list(line), ...withData())).code).toBe(code),
  )

  test.each([
    ['source', 20],
    ['target', 30],
  ] as const)('by a %s that does not answer exits with %d at once', async (side, code) => {
    await world[side].close()
    const { code: got, err } = await migrate(everybody, ...withData())
    expect([got, err]).toEqual([code, expect.stringContaining(`postferry: Cannot reach the ${side}: `)])
  })

  test('by a full target exits with 40', async () => {
    for (const name of names) world.target.store.account(name).quotaBytesMax = 10
    expect((await migrate(everybody, ...withData())).code).toBe(40)
  })

  test('by a difference exits with 4, and names it', async () => {
    await migrate(everybody, ...withData())
    const [first] = world.target.store.account('bob').demand('INBOX').messages
    Object.assign(first ?? {}, { internalDate: '01-Jan-2001 00:00:00 +0000' })
    const { code, out } = await migrate(everybody, ...withData(), '--verify')
    expect(code).toBe(4)
    expect(out).toMatch(/bob@example.org +INBOX +date/)
    expect(out).toEndWith('Checked 24 items: 1 difference\n')
  })
})

describe('a list with a mistake', () => {
  test('exits with 5, names line and column, and leaves nothing', async () => {
    const { code, out, err } = await migrate(list('alice@example.org,alice,,alice,pw'))
    expect([code, out]).toEqual([5, ''])
    expect(err).toMatch(/line 2, column Password/)
    expect(await temporaryFolders()).toEqual([])
  })

  test('can be corrected in a second call', async () => {
    expect((await migrate(list('alice@example.org,alice,,alice,pw'), ...withData())).code).toBe(5)
    expect((await migrate(everybody, ...withData())).code).toBe(0)
    expectWhole()
  })
})

describe('a temporary folder', () => {
  test('is removed when all went well', async () => {
    expect((await migrate(everybody)).code).toBe(0)
    expect(await temporaryFolders()).toEqual([])
  })

  test('is kept and named otherwise, and serves to go on', async () => {
    const { code, err } = await migrate(list(row('alice', 'wrong'), row('bob')))
    const [, folder = ''] = /--data (\S+):/.exec(err) ?? []
    expect([code, folder]).toEqual([3, expect.stringContaining('postferry-')])
    try {
      expect((await migrate(everybody, '--data', folder)).code).toBe(0)
    } finally {
      await rm(folder, { recursive: true })
    }
    expectWhole()
  })
})

describe('a signal', () => {
  test('ends a migration softly, and the next call goes on', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    let appends = 0
    world.hooks.target = {
      onCommand: ({ name }) => {
        if (name === 'APPEND' && ++appends === 1) resolve()
      },
    }
    for (const name of names) deliver(world.source, name, 300)
    const { shell, ended } = prepare(everybody, withData())
    await reached
    shell.interrupt()
    expect(await ended).toBe(130)
    expect(shell.err()).toContain('To go on, run the same command again: nothing is copied twice')
    expect((await migrate(everybody, ...withData(), '--verify')).code).toBe(0)
    expectWhole()
  })
})

test('after a kill the next call goes on, and nothing is lost or doubled', async () => {
  for (const name of names) deliver(world.source, name, 300)
  const csv = join(world.folder, 'users.csv')
  await writeFile(csv, everybody)
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  world.hooks.target = { onCommand: ({ name }) => void (name === 'APPEND' && resolve()) }
  const ends = ['--source', url(world.source), '--target', url(world.target)]
  await using killed = startProc(postferry('migrate', ...ends, '--csv', csv, ...withData()))
  await reached
  await killed.kill('SIGKILL')
  const { code, out } = await migrate(everybody, ...withData(), '--verify')
  expect([code, out]).toEqual([0, expect.stringContaining('Checked 624 items: no difference')])
  expectWhole()
})

const temporaryFolders = (): Promise<readonly string[]> => readdir(tmpdir())
