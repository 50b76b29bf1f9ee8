import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import {
  type Browser,
  canary,
  goodCsv,
  makeBatch,
  makeEndpoints,
  settle,
  type TestHttp,
  testHttp,
} from '../support/http.ts'

let server: TestHttp
let browser: Browser

beforeEach(async () => {
  server = await testHttp()
  browser = await server.signIn()
})

afterEach(() => server[Symbol.asyncDispose]())

async function open(path: string, headers?: Record<string, string>) {
  const answer = await browser.get(path, headers)
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}

async function send(path: string, fields?: Record<string, string | File>, headers?: Record<string, string>) {
  const answer = await browser.post(path, fields, headers)
  return { status: answer.status, headers: answer.headers, html: await answer.text() }
}

const goesTo = ({ status, headers }: { status: number; headers: Headers }) => [status, headers.get('location')]
const htmx = { 'hx-request': 'true' }

describe('empty places teach the next step', () => {
  test('without endpoints', async () => {
    expect((await open('/batches')).html).toContain('href="/endpoints/new"')
    expect((await open('/batches/new')).html).toContain('href="/endpoints/new"')
    expect((await open('/endpoints')).html).toContain('href="/endpoints/new"')
  })

  test('without batches', async () => {
    await makeEndpoints(server)
    expect((await open('/batches')).html).toContain('href="/batches/new"')
  })
})

test('the first page is the list of batches', async () => {
  expect(goesTo(await open('/'))).toEqual([303, '/batches'])
})

describe('the list of batches', () => {
  test('shows the figures of each and of all together', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'synced')
    const { html } = await open('/batches')
    const cells = [...html.matchAll(/data-label="([^"]+)" class="number">([^<]*)</g)].map(([, name, value]) => [
      name,
      value,
    ])
    expect(cells).toEqual([
      ['Percentage synced', '100 %'],
      ['Total', '2'],
      ['Synced', '2'],
      ['Finalized', '0'],
      ['Failed', '0'],
    ])
    expect(html).toContain('Onboarding')
    expect(html).toMatch(/<strong>2<\/strong> <span>Synced/)
  })

  test('is sent again only when it changed', async () => {
    const id = await makeBatch(server)
    const first = await open('/batches', htmx)
    const tag = first.headers.get('etag') ?? ''
    expect(first.html).toStartWith('<section id="batch-list"')
    expect(first.headers.get('hx-ptag')).toBe(tag)
    expect((await open('/batches', { ...htmx, 'if-none-match': tag })).status).toBe(304)
    expect((await open('/batches', { ...htmx, 'hx-ptag': tag })).status).toBe(304)
    await server.api('POST', `/batches/${id}/sync`)
    const changed = await open('/batches', { ...htmx, 'hx-ptag': tag })
    expect([changed.status, changed.html.includes('Syncing')]).toEqual([200, true])
  })

  test('loads itself again without scripts while something moves', async () => {
    const id = await makeBatch(server)
    expect((await open('/batches')).html).not.toContain('http-equiv="refresh"')
    await server.api('POST', `/batches/${id}/sync`)
    expect((await open('/batches')).html).toMatch(
      /<head>.*<noscript><meta http-equiv="refresh".*<\/noscript>.*<\/head>/s,
    )
  })
})

describe('making a batch', () => {
  const fields = { name: 'Sales', sourceEndpoint: '1', targetEndpoint: '2', incrementalEveryHours: '6' }
  const file = (text: string) => new File([text], 'list.csv', { type: 'text/csv' })

  beforeEach(() => makeEndpoints(server))

  test('from a file leads to its page; it is started where that was ticked', async () => {
    expect(goesTo(await send('/batches', { ...fields, csvFile: file(goodCsv) }))).toEqual([303, '/batches/1'])
    expect(goesTo(await send('/batches', { ...fields, name: 'Staff', csvText: goodCsv, autoStart: 'on' }))).toEqual([
      303,
      '/batches/2',
    ])
    const batches = (await (await server.api('GET', '/batches')).json()) as { items: unknown[] }
    expect(batches.items).toMatchObject([
      { name: 'Staff', status: 'syncing' },
      { name: 'Sales', status: 'created', incrementalEveryMs: 6 * 3_600_000 },
    ])
  })

  test('with mistakes shows them with line and column, makes nothing, and keeps what was typed but the list', async () => {
    const bad = `EmailAddress,UserName,Password\nalice@example.org,,${canary}\n`
    const { status, html } = await send('/batches', { ...fields, csvText: bad, allowUnknownColumns: 'on' })
    expect(status).toBe(422)
    expect(html).toMatch(/<td class="number">2<\/td><td>UserName<\/td>/)
    expect(html).toContain('value="Sales"')
    expect(html).toContain('<option value="2" selected="">')
    expect(html).toContain('value="6"')
    expect(html).toMatch(/name="allowUnknownColumns" value="on" checked=""/)
    expect(html).not.toContain(canary)
    expect((await open('/batches')).html).not.toContain('Sales')
  })

  test('by htmx gets the mistakes alone, and is sent on by a header', async () => {
    const refused = await send('/batches', { ...fields, csvText: 'EmailAddress\n' }, htmx)
    expect([refused.status, refused.html.startsWith('<div id="problems"')]).toEqual([422, true])
    const made = await send('/batches', { ...fields, csvText: goodCsv }, htmx)
    expect([made.status, made.headers.get('hx-redirect'), made.html]).toEqual([200, '/batches/1', ''])
  })

  test.each([
    ['no name', { name: '' }],
    ['no endpoints', { sourceEndpoint: '', targetEndpoint: '' }],
    ['a span that is none', { incrementalEveryHours: 'often' }],
    ['no list', {}],
  ])('with %s is refused in a sentence', async (_, change) => {
    const { status, html } = await send('/batches', { ...fields, ...change })
    expect([status, html.includes('class="notice bad"')]).toEqual([422, true])
  })
})

describe('the page of a batch', () => {
  const buttons = (html: string) => [...html.matchAll(/action="\/batches\/1\/([\w/]+)"/g)].map(([, path]) => path)

  test.each([
    ['created', ['sync']],
    ['syncing', ['stop']],
    ['synced', ['sync', 'completion', 'stop', 'verification']],
    ['completed', ['verification']],
    ['failed', ['sync', 'retry']],
    ['removing', []],
  ] as const)('shows for %s what the batch accepts, no more', async (status, expected) => {
    const id = await makeBatch(server)
    if (status === 'synced' || status === 'completed' || status === 'failed') await settle(server, id, status)
    const { db } = server.context
    await db.write([db.query.run(sql`update batches set status = ${status} where id = ${id}`)])
    const { html } = await open('/batches/1')
    expect(buttons(html)).toEqual([...expected])
    expect(html.includes('/batches/1/removal')).toBe(!['syncing', 'removing'].includes(status))
  })

  test('acts by forms and comes back to itself', async () => {
    await makeBatch(server)
    expect(goesTo(await send('/batches/1/sync'))).toEqual([303, '/batches/1'])
    expect(goesTo(await send('/batches/1/stop'))).toEqual([303, '/batches/1'])
    const { html } = await open('/batches/1')
    expect(html).toContain('Stopped')
    expect(html).toContain('Resume')
  })

  test('tells in a sentence why an action is refused', async () => {
    await makeBatch(server)
    const { status, html } = await send('/batches/1/stop')
    expect(status).toBe(409)
    expect(html).toContain('&quot;Sales&quot;')
  })

  test('shows users, their progress and errors, and the equation', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'failed')
    await failFirstUser('sign-in.refused', 'AUTHENTICATIONFAILED')
    const { html } = await open('/batches/1')
    expect(html).toContain('href="/users/1">alice@example.org')
    expect(html).toContain('The sign-in was refused')
    expect(html).toMatch(
      /<strong>20<\/strong> at the source.*<strong>18<\/strong> copied.*<strong>2<\/strong> already there/,
    )
    expect(html).toContain('Balanced')
  })

  test('filters and pages by its address', async () => {
    await makeBatch(server)
    expect((await open('/batches/1?status=failed')).html).not.toContain('alice@example.org')
    expect((await open('/batches/1?status=created')).html).toContain('alice@example.org')
    expect((await open('/batches/1?status=nonsense')).html).toContain('alice@example.org')
    const csv = `EmailAddress,UserName,Password\n${Array.from({ length: 60 }, (_, i) => `u${i}@example.org,u${i},x`).join('\n')}`
    await server.api('POST', '/batches', { name: 'Many', sourceEndpoint: 'old', csv })
    const first = (await open('/batches/2')).html
    expect(first).toContain('>u49@example.org<')
    expect(first).not.toContain('>u50@example.org<')
    const [, next = ''] = /href="([^"]+)#users">Next page/.exec(first) ?? []
    const second = (await open(next.replaceAll('&amp;', '&'))).html
    expect(second).toContain('>u50@example.org<')
    expect(second).not.toContain('>u49@example.org<')
    expect(second).not.toContain('Next page')
  })

  test('listens to its stream, unless that is paused', async () => {
    await makeBatch(server)
    expect((await open('/batches/1?status=created')).html).toContain(
      'hx-sse:connect="/batches/1/events?status=created"',
    )
    expect((await open('/batches/1?live=off')).html).not.toContain('hx-sse:connect')
  })

  test('asks for a verification and shows what it found', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'synced')
    expect((await open('/batches/1')).html).toContain('Not verified yet')
    expect(goesTo(await send('/batches/1/verification', { readsData: 'on' }))).toEqual([303, '/batches/1#verification'])
    expect((await open('/batches/1')).html).toContain('Verifying: 0 of 2 mailboxes')
    const { db } = server.context
    const report = {
      folders: [
        {
          sourcePath: ['Projects', 'Ümlaut'],
          targetPath: ['Projects', 'Ümlaut'],
          sourceItems: 3,
          targetItems: 2,
          missing: [{ sourceUid: 7, targetUid: null, what: 'missing', detail: 'UID 7' }],
          missingItems: 3,
          doubledItems: 0,
          different: [],
          differentItems: 0,
        },
      ],
      itemsChecked: 3,
      differences: 3,
      readsData: true,
    }
    await db.write([
      db.query.run(sql`update verifications set verified_at = 1, report = ${JSON.stringify(report)} where user_id = 1`),
      db.query.run(
        sql`update verifications set verified_at = 1, report = ${JSON.stringify({ ...report, folders: [], differences: 0 })} where user_id = 2`,
      ),
    ])
    const { html } = await open('/batches/1')
    expect(html).toContain('3 differences')
    expect(html).toContain('Projects / Ümlaut')
    expect(html).toContain('Missing at the target')
    expect(html).toContain('2 more like these')
  })

  test('is removed by typing its name', async () => {
    await makeBatch(server)
    const wrong = await send('/batches/1/removal', { name: 'sales' })
    expect([wrong.status, wrong.html.includes('Type the name of the batch')]).toEqual([422, true])
    expect((await open('/batches/1')).html).toContain('Created')
    expect(goesTo(await send('/batches/1/removal', { name: ' Sales ' }))).toEqual([303, '/batches'])
    expect((await open('/batches/1')).html).toContain('Removing')
  })

  test('takes a list that changes passwords', async () => {
    await makeBatch(server)
    const csvText = `EmailAddress,TargetPassword\nalice@example.org,${canary}\n`
    const done = await send('/batches/1/users/updates', { csvText })
    expect(goesTo(done)).toEqual([303, '/batches/1/users/updates?updated=1'])
    expect((await open('/batches/1/users/updates?updated=1')).html).toContain('1 mailbox changed')
    const refused = await send('/batches/1/users/updates', { csvText: csvText.replace('alice', 'nobody') })
    expect([refused.status, refused.html.includes(canary)]).toEqual([422, false])
    expect(refused.html).toMatch(/<td class="number">2<\/td><td>EmailAddress<\/td>/)
  })
})

describe('the page of a mailbox', () => {
  test('tells what went wrong, what it means and what to do', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'failed')
    await failFirstUser('sign-in.refused', 'The server said: NO go away')
    const { html } = await open('/users/1')
    expect(html).toContain('The sign-in was refused')
    expect(html).toContain('Correct the user name or password and retry.')
    expect(html).toContain('The server said: NO go away')
    expect(html).toContain('at the source')
  })

  test('takes a new password and tries again with it', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'failed')
    const done = await send('/users/1', { sourceUserName: 'alice', sourcePassword: ' blank in front', thenRetry: 'on' })
    expect(goesTo(done)).toEqual([303, '/users/1'])
    expect((await open('/users/1')).html).toContain('Queued')
  })

  test('changes nothing that was left as it is', async () => {
    await makeBatch(server)
    await send('/users/1', { sourceUserName: 'alice', sourcePassword: '', targetUserName: 'other' })
    const user = await (await server.api('GET', '/users/1')).json()
    expect(user).toMatchObject({ sourceUserName: 'alice', targetUserName: 'other', hasSourcePassword: true })
  })

  test('asks what shall become of a folder that was removed at the target', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'failed')
    expect((await open('/users/1')).html).not.toContain('missingTargetFolder')
    await failFirstUser('folder.removed-at-target', 'The folder "A" is gone')
    expect((await open('/users/1')).html).toContain('name="missingTargetFolder" value="recreate"')
    await send('/users/1', { missingTargetFolder: 'recreate', thenRetry: 'on' })
    const user = await (await server.api('GET', '/users/1')).json()
    expect(user).toMatchObject({ missingTargetFolder: 'recreate', status: 'queued' })
  })

  test('shows what a running pass tells, before it is stored', async () => {
    const id = await makeBatch(server)
    await server.api('POST', `/batches/${id}/sync`)
    await tell(id, 1, { itemsTotal: 40, itemsDone: 10, bytesTotal: 8000, bytesDone: 6000 })
    const { html } = await open('/users/1', htmx)
    expect(html).toStartWith('<div id="panel"')
    expect(html).toContain('6.0 kB of 8.0 kB')
    expect((await open('/batches/1')).html).toContain('10 of 40')
    const user = await (await server.api('GET', '/users/1')).json()
    expect(user).toMatchObject({ progress: { itemsTotal: 40, itemsDone: 10 } })
  })
})

describe('endpoints', () => {
  const fields = { name: 'old', host: 'old.example', security: 'ssl', method: 'own', port: '' }

  test('are made by a form, with the port that belongs to the security', async () => {
    expect(goesTo(await send('/endpoints', fields))).toEqual([303, '/endpoints/1'])
    const { html } = await open('/endpoints/1')
    expect(html).toContain('old.example:993')
    expect(html).toContain('Each mailbox by its own password')
  })

  test('with an administrator keep the password sealed', async () => {
    await send('/endpoints', {
      ...fields,
      method: 'pattern',
      login: '{user}*{admin}',
      adminName: 'master',
      adminPassword: canary,
    })
    const { html } = await open('/endpoints/1')
    expect(html).toContain('As {user}*{admin}')
    expect(html).not.toContain(canary)
    const endpoint = await (await server.api('GET', '/endpoints/1')).json()
    expect(endpoint).toMatchObject({ hasAdminPassword: true, adminName: 'master' })
  })

  test('where nobody else signs in keep no administrator', async () => {
    await send('/endpoints', { ...fields, adminName: 'master', adminPassword: canary, login: '{user}*{admin}' })
    const endpoint = await (await server.api('GET', '/endpoints/1')).json()
    expect(endpoint).toMatchObject({ hasAdminPassword: false, adminName: null, signIn: { login: '{user}' } })
  })

  test('with mistakes come back with everything but the password', async () => {
    const typed = { ...fields, host: 'not a host', port: 'x', isHome: 'on', adminName: 'master', method: 'pattern' }
    const { status, html } = await send('/endpoints', { ...typed, adminPassword: canary })
    expect(status).toBe(422)
    expect(html).toContain('<td>host</td>')
    expect(html).toContain('<td>port</td>')
    expect(html).toContain('value="not a host"')
    expect(html).toContain('value="master"')
    expect(html).toMatch(/name="isHome" value="on" checked=""/)
    expect(html).not.toContain(canary)
  })

  test('show the ladder of a test up to the rung that broke', async () => {
    await send('/endpoints', fields)
    server.probe.answer = () => ({
      isOk: false,
      steps: [
        { step: 'resolve', isOk: true, elapsedMs: 2, detail: '192.0.2.1', code: null, remedy: null },
        {
          step: 'tls',
          isOk: false,
          elapsedMs: 1500,
          detail: 'self-signed',
          code: 'tls.untrusted',
          remedy: 'Give the CA file',
        },
      ],
      capabilities: ['IMAP4rev1'],
    })
    const whole = await send('/endpoints/1/test', { userName: 'alice', password: canary })
    expect(whole.html).toContain('Give the CA file')
    expect(whole.html).toContain('1.5 s')
    expect(whole.html).not.toContain(canary)
    const part = await send('/endpoints/1/test', {}, htmx)
    expect(part.html).toStartWith('<div id="ladder"')
    const refused = await send('/endpoints/1/test', { userName: 'alice' })
    expect([refused.status, refused.html.includes('password')]).toEqual([422, true])
  })

  test('that are used stay', async () => {
    await makeBatch(server)
    const refused = await send('/endpoints/1/removal')
    expect([refused.status, refused.html.includes('&quot;Sales&quot;')]).toEqual([409, true])
    await server.api('POST', '/endpoints', { name: 'spare', host: 'spare.example', security: 'ssl' })
    expect(goesTo(await send('/endpoints/3/removal'))).toEqual([303, '/endpoints'])
  })
})

test('what is not there is a page that says so', async () => {
  for (const path of [
    '/batches/9',
    '/users/9',
    '/endpoints/9',
    '/nothing',
    '/batches/9/events',
    '/batches/9/removal',
  ]) {
    const { status, html } = await open(path)
    expect([path, status, html.startsWith('<!doctype html>')]).toEqual([path, 404, true])
  }
})

test('a failure leaves the page that asked by htmx as it is, but for the place of its problems', async () => {
  await makeBatch(server)
  const gone = await open('/users/9', htmx)
  expect([gone.status, gone.headers.get('hx-reswap'), gone.html]).toEqual([404, 'none', ''])
  server.probe.answer = () => {
    throw new Error('of our own')
  }
  const failed = await send('/endpoints/1/test', {}, htmx)
  expect([failed.status, failed.headers.get('hx-retarget')]).toEqual([500, '#problems'])
  expect(failed.html).toStartWith('<div id="problems"')
})

test('every page is one whole document with a title, a heading and one main part', async () => {
  await makeBatch(server)
  const paths = ['/batches', '/batches/1', '/batches/new', '/users/1', '/endpoints', '/endpoints/1', '/endpoints/new']
  for (const path of [...paths, '/batches/1/removal', '/batches/1/users/updates', '/nothing']) {
    const { html } = await open(path)
    expect(html).toStartWith('<!doctype html><html lang="en"><head>')
    for (const tag of ['title', 'h1', 'main']) expect([path, html.split(`<${tag}`).length - 1]).toEqual([path, 1])
    expect(html).not.toMatch(/ style="|<script>|<style| on\w+="/)
    expect(html).not.toMatch(/\[object |undefined|NaN/)
  }
})

async function failFirstUser(code: string, message: string): Promise<void> {
  const kinds = {
    'sign-in.refused': ['The sign-in was refused', 'Correct the user name or password and retry'],
    'folder.removed-at-target': ['A target folder was removed', 'Choose what shall become of it'],
  }
  const [meaning, remedy] = kinds[code as keyof typeof kinds]
  const error = JSON.stringify({ code, side: 'source', message, meaning, remedy, at: 1 })
  const { db } = server.context
  await db.write([db.query.run(sql`update users set status = 'failed', error = ${error} where id = 1`)])
}

/** Publishes what a pass tells, and waits until those who listen heard it. */
async function tell(
  batchId: number,
  userId: number,
  progress: { itemsTotal: number; itemsDone: number; bytesTotal: number; bytesDone: number },
): Promise<void> {
  const heard = Promise.withResolvers<void>()
  const unsubscribe = server.app.hub.subscribe(batchId, () => heard.resolve())
  server.app.hub.publish({ batchId, userId, progress: { ...progress, folder: null } })
  await heard.promise
  unsubscribe()
}
