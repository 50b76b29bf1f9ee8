import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { parseWorkingHours } from '../../src/cli/caps.ts'
import { type ApiShell, apiShell } from './api-shell.ts'

let shell: ApiShell
beforeAll(async () => {
  shell = await apiShell()
  await shell.call([
    'endpoint',
    'create',
    'old',
    '--server',
    'imaps://imap.old.example',
    '--max-bytes-per-second',
    '5MB',
  ])
  await shell.call(['endpoint', 'create', 'new', '--server', 'imaps://imap.new.example'])
  await shell.call(['batch', 'create', 'Sales', '--source', 'old', '--target', 'new', '--csv', '/list'], {
    '/list': 'EmailAddress,UserName,Password,TargetPassword\na@example.org,a,x,y\n',
  })
})
afterAll(() => shell[Symbol.asyncDispose]())

describe('an endpoint is set', () => {
  test('to caps in units, and to none', async () => {
    expect(await shell.json('endpoint', 'show', 'old')).toMatchObject({ caps: { bytesPerSecondMax: 5_000_000 } })
    const caps = ['--max-bytes-per-second', 'none', '--max-mailbox-bytes-read-per-day', '2.5 GB']
    const hours = ['--working-hours', 'not mon-fri 08:00-18:00 Europe/Berlin']
    const { code } = await shell.call(['endpoint', 'set', 'old', ...caps, '--max-messages-per-second', '4', ...hours])
    expect(code).toBe(0)
    expect(await shell.json('endpoint', 'show', 'old')).toMatchObject({
      caps: {
        bytesPerSecondMax: null,
        messagesPerSecondMax: 4,
        mailboxBytesReadPerDayMax: 2_500_000_000,
        workingHours: { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', mailMoves: 'outside' },
      },
      origins: { messagesPerSecondMax: 'set', connectionsMax: 'default' },
    })
    const wrong = await shell.call(['endpoint', 'set', 'old', '--max-bytes-per-second', 'fast'])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('such as 500KB or 2.5GB, or none')])
    expect((await shell.call(['endpoint', 'set', 'old', '--max-bytes-per-second', '1KB'])).code).toBe(5)
  })

  test('to another server, and says what follows', async () => {
    const argv = [
      'endpoint',
      'set',
      'new',
      '--name',
      'newer',
      '--server',
      'imaps://imap.newer.example',
      '--home',
      'yes',
    ]
    const { code, err } = await shell.call(argv)
    expect([code, err]).toEqual([0, expect.stringContaining('imap.newer.example:993 is another server than')])
    expect(await shell.json('endpoint', 'show', 'newer')).toMatchObject({
      server: { host: 'imap.newer.example' },
      isHome: true,
    })
    expect(await shell.json('endpoint', 'set', 'newer', '--home', 'no')).toMatchObject({ isHome: false, notes: [] })
  })

  test('to what the provider says, where its host is known', async () => {
    await shell.call(['endpoint', 'create', 'google', '--server', 'imaps://imap.gmail.com'])
    expect(await shell.json('endpoint', 'show', 'google')).toMatchObject({
      preset: { name: 'Gmail' },
      limits: { connectionsMax: 15 },
      caps: { mailboxBytesReadPerDayMax: 2_500_000_000, mailboxBytesWrittenPerDayMax: 500_000_000 },
      origins: { connectionsMax: 'preset' },
      activity: { migrations: 0, incrementalSyncs: 0, closedUntil: null },
    })
  })
})

describe('settings that are not kept', () => {
  test('are tested as they are given', async () => {
    const step = { isOk: true, elapsedMs: 3, detail: 'fine', notes: ['It is good'], code: null, remedy: null }
    shell.server.probe.answer = () => ({ isOk: true, steps: [{ step: 'tls', ...step }], capabilities: [] })
    const server = ['--server', 'imap+starttls://imap.other.example', '--accept-untrusted-certificates']
    const mailbox = ['--user', 'ann', '--password-file', '/p']
    const { code, out, err } = await shell.call(['endpoint', 'test', ...server, ...mailbox], { '/p': 'secret' })
    expect([code, out, err]).toEqual([0, expect.stringContaining('fine'), expect.stringContaining('tls: It is good')])
    expect(shell.server.probe.asked.at(-1)).toMatchObject({
      server: { host: 'imap.other.example', port: 143, security: 'tls', acceptsUntrustedCertificates: true },
      login: 'ann',
      password: 'secret',
    })
  })

  test('are not mixed with those of an endpoint', async () => {
    for (const argv of [
      ['endpoint', 'test'],
      ['endpoint', 'test', 'old', '--server', 'imaps://x.example'],
    ])
      expect((await shell.call(argv)).code).toBe(2)
  })
})

test.each([
  ['mon 08:00-18:00', [1], 'UTC', 'inside'],
  ['fri-mon,wed 22:00-06:00 America/New_York', [5, 6, 7, 1, 3], 'America/New_York', 'inside'],
  ['not sunday 00:00-00:00 UTC', [7], 'UTC', 'outside'],
])('the working hours "%s" are understood', (text, days, timeZone, mailMoves) => {
  expect(parseWorkingHours(text)).toMatchObject({ days, timeZone, mailMoves })
})
