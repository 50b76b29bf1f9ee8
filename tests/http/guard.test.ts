import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openRoutes } from '../../src/http/guard.ts'
import { type Browser, makeBatch, type TestHttp, testHttp, token } from '../support/http.ts'

let server: TestHttp
let browser: Browser
let routes: readonly { readonly method: string; readonly path: string }[]

beforeAll(async () => {
  server = await testHttp()
  await makeBatch(server)
  browser = await server.signIn()
  const known = new Map(
    server.http.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => [`${method} ${path}`, { method, path }]),
  )
  routes = [...known.values()]
})

afterAll(() => server[Symbol.asyncDispose]())

const isOpen = ({ method, path }: { readonly method: string; readonly path: string }) =>
  openRoutes.has(`${method} ${path}`)
const at = (path: string) => path.replace(/:\w+/g, '1')
const named = ({ method, path }: { readonly method: string; readonly path: string }, status: number) =>
  `${method} ${path}: ${status}`

async function statusOfEach(
  asked: typeof routes,
  init: (method: string) => RequestInit,
): Promise<ReadonlyMap<string, Response>> {
  const answers = new Map<string, Response>()
  for (const route of asked) {
    const answer = await server.request(at(route.path), { ...init(route.method), method: route.method })
    answers.set(named(route, answer.status), answer)
    await answer.body?.cancel()
  }
  return answers
}

test('the table of routes holds the pages and the API', () => {
  const all = routes.map(({ method, path }) => `${method} ${path}`)
  expect(all.length).toBeGreaterThan(50)
  expect(all).toContain('GET /batches/:id/events')
  expect(all).toContain('POST /api/v1/batches')
  expect([...openRoutes].filter((route) => !all.includes(route))).toEqual([])
})

test('whoever has no credentials gets nothing but the few open routes', async () => {
  const answers = await statusOfEach(
    routes.filter((route) => !isOpen(route)),
    () => ({ headers: { 'sec-fetch-site': 'same-origin' } }),
  )
  const wrong = [...answers].filter(([name, answer]) =>
    name.includes(' /api/')
      ? answer.status !== 401 || !answer.headers.get('content-type')?.startsWith('application/problem+json')
      : answer.status !== 303 || answer.headers.get('location') !== '/sign-in',
  )
  expect(wrong.map(([name]) => name)).toEqual([])
})

test('what is open is answered to everybody', async () => {
  const answers = await statusOfEach(
    routes.filter((route) => isOpen(route) && route.method === 'GET'),
    () => ({}),
  )
  expect([...answers].filter(([, { status }]) => status !== 200).map(([name]) => name)).toEqual([])
  expect(answers.size).toBe([...openRoutes].filter((route) => route.startsWith('GET ')).length)
})

test('a path that leads nowhere tells nothing either', async () => {
  expect((await server.request('/nothing')).status).toBe(303)
  expect((await server.request('/api/v1/nothing')).status).toBe(401)
  expect((await browser.get('/nothing')).status).toBe(404)
})

describe('a foreign site cannot act for somebody who is signed in', () => {
  const unsafe = () => routes.filter(({ method }) => method !== 'GET')

  test.each([
    ['cross-site', {}],
    ['same-site', {}],
    ['cross-site', { 'content-type': 'application/json' }],
    ['cross-site', { 'content-type': 'text/plain' }],
    ['cross-site', { origin: 'http://localhost' }],
  ])('%s with %o', async (site, headers) => {
    const answers = await statusOfEach(unsafe(), () => ({
      headers: { cookie: browser.cookie, 'sec-fetch-site': site, ...headers },
      body: '{}',
    }))
    expect([...answers].filter(([, { status }]) => status !== 403).map(([name]) => name)).toEqual([])
  })

  test.each([
    ['no origin at all', {}],
    ['another origin', { origin: 'http://evil.example' }],
    ['no origin told', { origin: 'null' }],
    ['another port', { origin: 'http://localhost:81' }],
    ['another scheme', { origin: 'https://localhost' }],
    ['a name that begins alike', { origin: 'http://localhost.evil.example' }],
  ])('an old browser with %s', async (_, headers: Record<string, string>) => {
    const answers = await statusOfEach(unsafe(), () => ({ headers: { cookie: browser.cookie, ...headers } }))
    expect([...answers].filter(([, { status }]) => status !== 403).map(([name]) => name)).toEqual([])
  })

  test.each([
    ['same-origin', { 'sec-fetch-site': 'same-origin' }],
    ['typed by hand', { 'sec-fetch-site': 'none' }],
    ['an old browser with our origin', { origin: 'http://localhost' }],
  ])('our own page can: %s', async (_, headers: Record<string, string>) => {
    const answer = await server.request('/batches/99/sync', {
      method: 'POST',
      headers: { cookie: browser.cookie, ...headers },
    })
    expect(answer.status).toBe(404)
  })
})

describe('the server answers to its own names alone', () => {
  test.each(['evil.example', 'evil.example:8480', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.2', ''])(
    'not to "%s"',
    async (host) => {
      const answers = await statusOfEach(routes, (method) => ({
        headers: {
          host,
          cookie: browser.cookie,
          authorization: `Bearer ${token}`,
          // As a rebound page would send it: to its browser, that name is its own origin.
          origin: `http://${host}`,
          'sec-fetch-site': 'same-origin',
        },
        ...(method !== 'GET' && { body: '{}' }),
      }))
      expect([...answers].filter(([, { status }]) => status !== 421).map(([name]) => name)).toEqual([])
    },
  )

  test.each(['localhost', 'localhost:8480', 'LOCALHOST:1', '127.0.0.1:8480', '[::1]:8480'])('to "%s"', async (host) => {
    expect((await server.request('/healthz', { headers: { host } })).status).toBe(200)
  })
})

describe('the token of the command line', () => {
  test.each([
    ['the right one', `Bearer ${token}`, 200],
    ['in another case', `bearer ${token}`, 200],
    ['a wrong one', 'Bearer nonsense', 401],
    ['none', 'Bearer ', 401],
    ['by another scheme', `Basic ${token}`, 401],
    ['with more behind it', `Bearer ${token}x`, 401],
  ])('%s', async (_, authorization, status) => {
    expect((await server.request('/api/v1/batches', { headers: { authorization } })).status).toBe(status)
  })

  test('opens no page', async () => {
    expect((await server.request('/batches', { headers: { authorization: `Bearer ${token}` } })).status).toBe(303)
  })

  test('is not saved by a session when it is wrong', async () => {
    const headers = { authorization: 'Bearer nonsense', cookie: browser.cookie }
    expect((await server.request('/api/v1/batches', { headers })).status).toBe(401)
  })
})

test('a session may read the API, and act through it from our own pages only', async () => {
  expect((await browser.get('/api/v1/batches')).status).toBe(200)
  const act = (site: string) =>
    server.request('/api/v1/batches/99/sync', {
      method: 'POST',
      headers: { cookie: browser.cookie, 'sec-fetch-site': site },
    })
  expect((await act('same-origin')).status).toBe(404)
  expect((await act('cross-site')).status).toBe(403)
})

test('every answer carries the headers that keep others out', async () => {
  for (const path of ['/batches', '/nothing', '/sign-in', '/api/v1/batches', '/api/v1/nothing', '/assets/app.css']) {
    const { headers } = await browser.get(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe(path.startsWith('/assets/') ? 'no-cache' : 'no-store')
  }
})

test('a part of a page that is asked for after the session leads the page to the sign-in', async () => {
  const answer = await server.request('/batches', { headers: { 'hx-request': 'true' } })
  expect([answer.status, answer.headers.get('hx-redirect')]).toEqual([401, '/sign-in'])
})
