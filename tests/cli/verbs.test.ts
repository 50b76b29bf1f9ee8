import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ApiShell, apiShell } from './api-shell.ts'

const canary = 'canary-7f3a'
const list = `EmailAddress,UserName,Password,TargetPassword\na@example.org,a,${canary},${canary}\nb@example.org,b,x,y\n`

let shell: ApiShell
beforeAll(async () => {
  shell = await apiShell()
  await shell.call(['endpoint', 'create', 'old', '--server', 'imaps://imap.old.example'])
  await shell.call(
    [
      ...['endpoint', 'add', 'new', '--server', 'imap+starttls://imap.new.example:1143', '--login', '{user}*{admin}'],
      ...['--admin-name', 'master', '--admin-password-file', '/secret', '--max-concurrent-migrations', '5'],
    ],
    { '/secret': `${canary}\n` },
  )
  await shell.call(['batch', 'create', 'Sales', '--source', 'old', '--target', 'new', '--csv', '/list'], {
    '/list': list,
  })
})
afterAll(() => shell[Symbol.asyncDispose]())

describe('endpoints', () => {
  test('are made as the options say', async () => {
    expect(await shell.json('endpoint', 'show', 'new')).toMatchObject({
      name: 'new',
      server: { host: 'imap.new.example', port: 1143, security: 'tls', acceptsUntrustedCertificates: false },
      signIn: { login: '{user}*{admin}', usesAuthzid: false },
      adminName: 'master',
      hasAdminPassword: true,
      limits: { concurrentMigrationsMax: 5 },
    })
    expect(await shell.json('endpoint', 'show', 'old')).toMatchObject({ server: { port: 993, security: 'ssl' } })
  })

  test('are found by id as by name', async () => {
    const { id } = await shell.json('endpoint', 'show', 'old')
    expect(await shell.json('endpoint', 'show', String(id))).toMatchObject({ name: 'old' })
  })

  test('take more or less at a time when they are told to, and keep what is not named', async () => {
    const { code } = await shell.call(['endpoint', 'change', 'new', '--max-connections', '15'])
    expect(code).toBe(0)
    expect(await shell.json('endpoint', 'show', 'new')).toMatchObject({
      limits: { concurrentMigrationsMax: 5, connectionsMax: 15 },
    })
    expect((await shell.call(['endpoint', 'change', 'new'])).err).toContain('Name at least one limit')
  })

  test('are listed in a table', async () => {
    const { out } = await shell.call(['endpoint', 'list'])
    expect(out).toMatch(/^Id +Name +Host +Port +Security/)
    expect(out).toMatch(/\d +old +imap\.old\.example +993 +ssl/)
  })

  test('are tested with the mailbox that is named', async () => {
    const step = { isOk: true, elapsedMs: 3, detail: 'fine', code: null, remedy: null }
    shell.server.probe.answer = () => ({ isOk: true, steps: [{ step: 'resolve', ...step }], capabilities: [] })
    const { code, out } = await shell.call(['endpoint', 'test', 'old', '--user', 'alice', '--password-file', '/p'], {
      '/p': 'secret',
    })
    expect([code, out]).toEqual([0, expect.stringMatching(/resolve +yes +3 +fine/)])
    expect(shell.server.probe.asked.at(-1)).toMatchObject({ login: 'alice', password: 'secret' })
  })

  test.each([
    ['connect.unreachable', 20],
    ['tls.untrusted', 21],
    ['sign-in.refused', 22],
    ['server.protocol', 3],
  ] as const)('whose test ends with %s exit with %d', async (faultCode, code) => {
    const step = { step: 'connect', isOk: false, elapsedMs: 3, detail: 'no', code: faultCode, remedy: 'Do it' } as const
    shell.server.probe.answer = () => ({ isOk: false, steps: [step], capabilities: [] })
    const ended = await shell.call(['endpoint', 'test', 'old'])
    expect(ended.code).toBe(code)
    expect(ended.out).toContain('Do it')
  })

  test('that a batch uses are not removed', async () => {
    const { code, err } = await shell.call(['endpoint', 'rm', 'old'])
    expect([code, err]).toEqual([7, expect.stringContaining('"Sales"')])
  })

  test('that nobody uses are removed', async () => {
    await shell.call(['endpoint', 'create', 'spare', '--server', 'imaps://spare.example'])
    expect(await shell.call(['endpoint', 'remove', 'spare'])).toMatchObject({ code: 0, out: '' })
    expect(await shell.call(['endpoint', 'show', 'spare'])).toMatchObject({ code: 6, out: '' })
  })
})

describe('batches', () => {
  test('are made from a list, and shown', async () =>
    expect(await shell.json('batch', 'show', 'Sales')).toMatchObject({ status: 'created', counts: { total: 2 } }))

  test('with a mistake in the list name line and column, and make nothing', async () => {
    const argv = ['batch', 'create', 'Bad', '--source', 'old', '--target', 'new', '--csv', '-']
    const { code, err } = await shell.call(argv, {
      '-': 'EmailAddress,UserName,Password\nc@example.org,c,\nnobody,d,e\n',
    })
    expect(code).toBe(5)
    expect(err).toMatch(/line 2, column Password/)
    expect(err).toMatch(/line 3, column EmailAddress/)
    expect((await shell.call(['batch', 'show', 'Bad'])).code).toBe(6)
  })

  test('whose file is not there are refused before the server is asked', async () => {
    const { code, err } = await shell.call(['batch', 'create', 'Bad', '--csv', '/none'])
    expect([code, err]).toEqual([5, 'postferry: Cannot read the CSV file "/none": there is no such file\n'])
  })

  test('start, stop and start again, and refuse what they cannot do', async () => {
    expect(await shell.json('batch', 'start', 'Sales')).toMatchObject({ status: 'syncing' })
    expect(await shell.call(['batch', 'complete', 'Sales'])).toMatchObject({ code: 7 })
    expect(['stopping', 'stopped']).toContain(String((await shell.json('batch', 'stop', 'Sales')).status))
  })

  test('report where items are, as far as it is known', async () => {
    const { code, out } = await shell.call(['batch', 'report', 'Sales'])
    expect([code, out]).toEqual([0, expect.stringContaining('No mailbox has ended its first pass yet\n')])
  })

  test('that rest end a watch at once', async () => {
    const { code, err } = await shell.call(['batch', 'watch', 'Sales'])
    expect([code, err]).toEqual([0, expect.stringContaining('Sales: stopped, 0 of 2 mailboxes done')])
  })

  test('of which nobody was synced cannot be verified', async () =>
    expect(await shell.call(['batch', 'verify', 'Sales'])).toMatchObject({ code: 7 }))
})

describe('users', () => {
  test('are listed, and filtered by status', async () => {
    const { out } = await shell.call(['user', 'list', 'Sales', '-o', 'csv'])
    expect(out.split('\n').map((line) => line.split(',')[1])).toEqual([
      'Address',
      'a@example.org',
      'b@example.org',
      undefined,
    ])
    expect((await shell.call(['user', 'list', 'Sales', '--status', 'failed', '-o', 'ndjson'])).out).toBe('')
    expect((await shell.call(['user', 'list', 'Sales', '--status', 'nonsense'])).code).toBe(5)
  })

  test('are shown with their folders', async () =>
    expect(await shell.json('user', 'show', 'a@example.org')).toMatchObject({ sourceUserName: 'a', folders: [] }))

  test('are changed one by one', async () => {
    const argv = ['user', 'set', 'b@example.org', '--source-user-name', 'bee', '--missing-target-folder', 'leave']
    expect(await shell.call(argv)).toMatchObject({ code: 0 })
    expect(await shell.json('user', 'show', 'b@example.org')).toMatchObject({
      sourceUserName: 'bee',
      missingTargetFolder: 'leave',
    })
    expect(await shell.call(['user', 'set', 'b@example.org'])).toMatchObject({ code: 2 })
  })

  test('are changed by the rows of a list', async () => {
    const csv = { '-': 'EmailAddress,UserName\nb@example.org,beta\n' }
    const { code, out } = await shell.call(['batch', 'update-users', 'Sales', '--csv', '-'], csv)
    expect([code, out]).toEqual([0, 'Updated users  1\n'])
    expect(await shell.json('user', 'show', 'b@example.org')).toMatchObject({ sourceUserName: 'beta' })
  })

  test('that are not there exit with 6', async () =>
    expect((await shell.call(['user', 'show', 'nobody@example.org'])).code).toBe(6))
})

test('a link signs one browser in', async () => {
  const { code, out } = await shell.call(['sign-in-link'])
  expect([code, out]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\?token=\S+\n$/)])
  expect(await (await fetch(out.trim())).text()).toContain('Open Postferry')
})

test('no password is ever written', async () => {
  const verbs = ['endpoint list', 'endpoint show new', 'batch list', 'batch show Sales', 'batch report Sales']
  for (const verb of [...verbs, 'user list Sales', 'user show a@example.org']) {
    for (const format of ['table', 'json', 'ndjson', 'csv']) {
      const { out, err } = await shell.call([...verb.split(' '), '-o', format])
      expect(out).not.toBe('')
      expect(out + err).not.toContain(canary)
    }
  }
})

describe('a server', () => {
  test('that refuses the token exits with 61', async () => {
    await writeFile(join(shell.folder, 'cli.token'), 'another')
    const { code, err } = await shell.call(['batch', 'list'])
    expect([code, err]).toEqual([61, expect.stringMatching(/^postferry: \w/)])
  })

  test('that is gone exits with 60', async () => {
    const { code, err } = await shell.call(['batch', 'list', '--data', '/nowhere'])
    expect([code, err]).toEqual([60, expect.stringContaining('postferry serve --data /nowhere')])
  })
})
