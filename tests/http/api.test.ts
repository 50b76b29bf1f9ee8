import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { ProbeReport } from '../../src/domain/endpoint.ts'
import { canary, goodCsv, makeBatch, makeEndpoints, settle, type TestHttp, testHttp } from '../support/http.ts'

let server: TestHttp

beforeEach(async () => {
  server = await testHttp()
})

afterEach(() => server[Symbol.asyncDispose]())

async function ask(method: string, path: string, body?: unknown) {
  const answer = await server.api(method, path, body)
  const text = await answer.text()
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: text === '' ? {} : JSON.parse(text),
    text,
  }
}

const problemType = 'application/problem+json'

describe('endpoints', () => {
  test('are made, shown by name and by id, listed and removed', async () => {
    const made = await ask('POST', '/endpoints', { name: 'old', host: 'old.example', security: 'tls' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      name: 'old',
      server: { host: 'old.example', port: 143, security: 'tls', acceptsUntrustedCertificates: false, ca: null },
      signIn: { login: '{user}', usesAuthzid: false },
      hasAdminPassword: false,
      createdAt: '2026-01-01T00:00:00.000Z',
    })
    const byName = await ask('GET', '/endpoints/old')
    expect(byName.body).toEqual(made.body)
    expect((await ask('GET', `/endpoints/${made.body.id}`)).body).toEqual(made.body)
    expect((await ask('GET', '/endpoints')).body).toEqual({ items: [made.body], nextCursor: null })
    expect((await ask('DELETE', '/endpoints/old')).status).toBe(204)
    expect((await ask('GET', '/endpoints/old')).status).toBe(404)
  })

  test('take more or less at a time from one request on', async () => {
    await ask('POST', '/endpoints', { name: 'limited', host: 'old.example', security: 'tls' })
    const changed = await ask('PATCH', '/endpoints/limited', { connectionsMax: 15 })
    expect(changed.status).toBe(200)
    expect(changed.body.limits).toMatchObject({ concurrentMigrationsMax: 20, connectionsMax: 15 })
    expect((await ask('PATCH', '/endpoints/limited', { connectionsMax: 1 })).status).toBe(422)
    expect((await ask('PATCH', '/endpoints/limited', { hots: 'new.example' })).status).toBe(422)
    const { notes, ...now } = changed.body
    expect(notes).toEqual([])
    expect((await ask('GET', '/endpoints/limited')).body).toEqual(now)
    expect((await ask('DELETE', '/endpoints/limited')).status).toBe(204)
  })

  test('are tested by the mailbox that is given', async () => {
    await makeEndpoints(server)
    const report: ProbeReport = {
      isOk: false,
      steps: [
        {
          step: 'resolve',
          isOk: false,
          elapsedMs: 3,
          detail: 'no address',
          code: 'connect.unreachable',
          remedy: 'Check',
        },
      ],
      capabilities: [],
    }
    server.probe.answer = () => report
    const tested = await ask('POST', '/endpoints/old/test', { userName: 'alice', password: canary })
    expect([tested.status, tested.body]).toEqual([200, report])
    expect(server.probe.asked).toMatchObject([{ login: 'alice', password: canary }])
    expect(tested.text).not.toContain(canary)
  })

  test('that a batch uses stay, and the answer names the batch', async () => {
    await makeBatch(server, 'Sales')
    const refused = await ask('DELETE', '/endpoints/old')
    expect([refused.status, refused.type, refused.body.code]).toEqual([409, problemType, 'conflict'])
    expect(refused.body.detail).toContain('"Sales"')
  })
})

describe('a request that does not fit', () => {
  test.each([
    ['a field of another name', { name: 'x', host: 'h', security: 'ssl', hostname: 'h' }],
    ['a word that is not known', { name: 'x', host: 'h', security: 'TLS1' }],
    ['a text for a number', { name: 'x', host: 'h', security: 'ssl', port: '993' }],
    ['nothing in it', {}],
  ])('is refused with the place of the mistake: %s', async (_, body) => {
    const refused = await ask('POST', '/endpoints', body)
    expect([refused.status, refused.type, refused.body.code]).toEqual([422, problemType, 'invalid'])
    expect(refused.body).toMatchObject({ type: 'about:blank', title: 'Cannot be used', status: 422 })
    expect(refused.body.problems.length).toBeGreaterThan(0)
  })

  test('is refused when it is no JSON, and when it is of another type', async () => {
    const send = (type: string, body: string) =>
      server.request('/api/v1/endpoints', {
        method: 'POST',
        headers: { authorization: 'Bearer token-of-the-command-line', 'content-type': type },
        body,
      })
    expect((await send('application/json', '{')).status).toBe(400)
    expect((await send('text/plain', '{}')).status).toBe(415)
    expect((await send('application/json', '{')).headers.get('content-type')).toBe(problemType)
  })

  test('is told what is wrong with a value by the name of its field', async () => {
    const refused = await ask('POST', '/endpoints', { name: '123', host: 'a b', security: 'ssl' })
    expect(refused.status).toBe(422)
    expect(refused.body.problems.map(({ column }: { column: string }) => column)).toEqual(['name', 'host'])
  })
})

describe('batches', () => {
  test('are made from JSON and from a form alike', async () => {
    await makeEndpoints(server)
    const fields = { sourceEndpoint: 'old', targetEndpoint: 'new' }
    const json = await ask('POST', '/batches', { name: 'Sales', ...fields, csv: goodCsv })
    const form = new FormData()
    for (const [name, value] of Object.entries({ name: 'Staff', ...fields })) form.set(name, value)
    form.set('csv', new File([goodCsv.replaceAll('example.org', 'example.net')], 'list.csv', { type: 'text/csv' }))
    const multipart = await ask('POST', '/batches', form)
    expect([json.status, multipart.status]).toEqual([201, 201])
    const { id, name, ...rest } = multipart.body
    expect([id, name]).toEqual([2, 'Staff'])
    expect({ ...rest, id: 1, name: 'Sales' }).toEqual(json.body)
    expect(json.body).toMatchObject({
      status: 'created',
      direction: 'onboarding',
      counts: { total: 2, pending: 2, active: 0 },
      createdAt: '2026-01-01T00:00:00.000Z',
      startedAt: null,
    })
  })

  test('with a mistake in the list are not made; each mistake has its line and column', async () => {
    await makeEndpoints(server)
    const csv = 'EmailAddress,UserName,Password\nalice@example.org,alice,x\nnobody,bob,\nalice@example.org,carl,y\n'
    const refused = await ask('POST', '/batches', { name: 'Sales', sourceEndpoint: 'old', targetEndpoint: 'new', csv })
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid'])
    const places = refused.body.problems.map(({ line, column }: { line: number; column: string }) => [line, column])
    expect(places).toContainEqual([3, 'EmailAddress'])
    expect(places).toContainEqual([3, 'Password'])
    expect(places).toContainEqual([4, 'EmailAddress'])
    expect((await ask('GET', '/batches')).body.items).toEqual([])
  })

  test('take the home endpoint where one is left out', async () => {
    await makeEndpoints(server)
    const made = await ask('POST', '/batches', { name: 'Sales', sourceEndpoint: 'old', csv: goodCsv })
    expect(made.body.targetEndpointName).toBe('new')
  })

  test('go from start to stop and back by one resource', async () => {
    const id = await makeBatch(server)
    const started = await ask('POST', '/batches/Sales/sync')
    expect([started.status, started.body.status, started.body.counts.active]).toEqual([202, 'syncing', 2])
    const again = await ask('POST', `/batches/${id}/sync`)
    expect([again.status, again.body.code]).toEqual([409, 'wrong-state'])
    expect(again.body.detail).toContain('"Sales"')
    const stopped = await ask('DELETE', `/batches/${id}/sync`)
    expect([stopped.status, stopped.body.status]).toEqual([202, 'stopped'])
    expect((await ask('POST', `/batches/${id}/sync`)).body.status).toBe('syncing')
  })

  test('that are synced bring over what is new, are completed and retried', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'synced')
    expect((await ask('POST', `/batches/${id}/sync`)).body.status).toBe('incrementalSyncing')
    await settle(server, id, 'synced')
    expect((await ask('POST', `/batches/${id}/completion`)).body.status).toBe('completing')
    await settle(server, id, 'failed')
    expect((await ask('POST', `/batches/${id}/retry`)).body.status).toBe('syncing')
  })

  test('are verified, and tell what was found', async () => {
    const id = await makeBatch(server)
    expect((await ask('GET', `/batches/${id}/verification`)).body).toMatchObject({ isRunning: false, users: [] })
    const early = await ask('POST', `/batches/${id}/verification`, { readsData: true })
    expect([early.status, early.body.code]).toEqual([409, 'wrong-state'])
    await settle(server, id, 'synced')
    expect((await ask('POST', `/batches/${id}/verification`, { readsData: true })).status).toBe(202)
    const running = await ask('GET', `/batches/${id}/verification`)
    expect(running.body).toMatchObject({ isRunning: true, differences: 0, users: [{ isRunning: true }, {}] })
  })

  test('report the equation over all of their users', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'synced')
    const { body } = await ask('GET', `/batches/${id}/report`)
    expect(body).toMatchObject({ counts: { source: 20, copied: 18, adopted: 2 }, isBalanced: true, issues: [] })
    expect(body.users.map(({ emailAddress }: { emailAddress: string }) => emailAddress)).toEqual([
      'alice@example.org',
      'bob@example.org',
    ])
  })

  test('are removed', async () => {
    const id = await makeBatch(server)
    const removed = await ask('DELETE', `/batches/${id}`)
    expect([removed.status, removed.body.status]).toEqual([202, 'removing'])
  })

  test('that are not there are not found', async () => {
    for (const [method, path] of [
      ['GET', '/batches/7'],
      ['POST', '/batches/none/sync'],
      ['DELETE', '/batches/7'],
      ['GET', '/batches/7/users'],
      ['GET', '/batches/7/report'],
      ['GET', '/batches/7/verification'],
    ] as const) {
      const refused = await ask(method, path)
      expect([path, refused.status, refused.type, refused.body.code]).toEqual([path, 404, problemType, 'not-found'])
    }
  })
})

describe('users', () => {
  test('are listed page by page, and by status', async () => {
    const id = await makeBatch(server)
    const first = (await ask('GET', `/batches/${id}/users?limit=1`)).body
    expect(first.items.map((user: { emailAddress: string }) => user.emailAddress)).toEqual(['alice@example.org'])
    const second = (await ask('GET', `/batches/${id}/users?limit=1&cursor=${first.nextCursor}`)).body
    expect(second.items.map((user: { emailAddress: string }) => user.emailAddress)).toEqual(['bob@example.org'])
    expect((await ask('GET', `/batches/${id}/users?status=failed`)).body.items).toEqual([])
    expect((await ask('GET', `/batches/${id}/users?status=created`)).body.items).toHaveLength(2)
    expect((await ask('GET', `/batches/${id}/users?status=nonsense`)).status).toBe(422)
    expect((await ask('GET', `/batches/${id}/users?limit=0`)).status).toBe(422)
  })

  test('are found by address, and by batch where the address stands in two', async () => {
    await makeBatch(server, 'Sales')
    await ask('POST', '/batches', { name: 'Staff', sourceEndpoint: 'old', csv: goodCsv })
    expect((await ask('GET', '/users/alice@example.org')).status).toBe(409)
    expect((await ask('GET', '/users/alice@example.org?batch=Staff')).body.batchName).toBe('Staff')
    expect((await ask('GET', '/users/1')).body.batchName).toBe('Sales')
  })

  test('take new names and passwords, and never tell a password', async () => {
    await makeBatch(server)
    const changed = await ask('PATCH', '/users/1', { sourcePassword: 'canary-two', targetUserName: 'alice2' })
    expect(changed.body).toMatchObject({ targetUserName: 'alice2', hasSourcePassword: true, hasTargetPassword: false })
    expect((await ask('PATCH', '/users/1', { password: 'x' })).status).toBe(422)
    const updated = await server.request('/api/v1/batches/Sales/users/updates', {
      method: 'POST',
      headers: { authorization: 'Bearer token-of-the-command-line', 'content-type': 'text/csv' },
      body: 'EmailAddress,TargetPassword\nbob@example.org,canary-three\n',
    })
    expect([updated.status, await updated.json()]).toEqual([200, { updated: 1 }])
    const bob = await ask('GET', '/users/bob@example.org')
    expect(bob.body.hasTargetPassword).toBe(true)
  })

  test('are updated by a list as a whole or not at all', async () => {
    await makeBatch(server)
    const form = new FormData()
    form.set('csv', new File(['EmailAddress,UserName\nbob@example.org,robert\nnobody@example.org,x\n'], 'list.csv'))
    const refused = await ask('POST', '/batches/Sales/users/updates', form)
    expect(refused.body).toMatchObject({ code: 'invalid', problems: [{ line: 3, column: 'EmailAddress' }] })
    expect((await ask('GET', '/users/bob@example.org')).body.sourceUserName).toBe('bob')
    const plain = await ask('POST', '/batches/Sales/users/updates', 'EmailAddress\n')
    expect(plain.status).toBe(415)
  })

  test('that failed are tried again', async () => {
    const id = await makeBatch(server)
    await settle(server, id, 'failed')
    const tried = await ask('POST', '/users/1/attempts')
    expect([tried.status, tried.body.status]).toEqual([202, 'queued'])
  })

  test('show their folders and issues', async () => {
    await makeBatch(server)
    expect((await ask('GET', '/users/1/folders')).body).toEqual({ items: [], nextCursor: null })
    expect((await ask('GET', '/users/1/issues')).body).toEqual({ items: [], nextCursor: null })
  })
})

test('no answer holds a password, whatever is asked', async () => {
  const id = await makeBatch(server)
  await settle(server, id, 'failed')
  const browser = await server.signIn()
  const answers = await Promise.all([
    ...[
      '/endpoints',
      '/endpoints/new',
      '/batches',
      '/batches/1',
      '/batches/1/users',
      '/users/1',
      '/batches/1/report',
    ].map((path) => server.api('GET', path)),
    ...['/endpoints', '/endpoints/2', '/batches', '/batches/1', '/users/1', '/batches/1/users/updates'].map((path) =>
      browser.get(path),
    ),
  ])
  for (const answer of answers) {
    const text = await answer.text()
    expect(text).not.toContain(canary)
    expect(text).not.toContain('canary-of-the-administrator')
  }
})

test('the API describes itself by OpenAPI 3.1', async () => {
  const { body } = await ask('GET', '/openapi.json')
  expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'Postferry', version: '1.2.3' } })
  const described = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path.replace(/{(\w+)}/g, ':$1')}`),
  )
  const answered = server.http.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/') && !path.endsWith('openapi.json'))
    .map(({ method, path }) => `${method} ${path}`)
  expect(described.sort()).toEqual([...new Set(answered)].sort())
  expect(body.components.schemas).toHaveProperty('Batch')
  expect(body.components.schemas).toHaveProperty('Problem')
})

test('a failure of our own is told to the log and to nobody else', async () => {
  await makeBatch(server)
  server.probe.answer = () => {
    throw new Error(`at ${canary}`)
  }
  const failed = await ask('POST', '/endpoints/old/test', {})
  expect([failed.status, failed.type, failed.body.code]).toEqual([500, problemType, 'internal'])
  expect(failed.text).not.toContain(canary)
  expect(String(server.errors[0])).toContain(canary)
})

test('health is told to everybody, readiness with its reasons', async () => {
  expect(await (await server.request('/healthz')).json()).toEqual({ status: 'ok' })
  expect((await server.request('/readyz')).status).toBe(200)
  server.reasons = ['The disk of the data folder is full']
  const answer = await server.request('/readyz')
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { status: 'not ready', reasons: ['The disk of the data folder is full'] },
  ])
})
