import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type TestHttp, testHttp, token } from '../support/http.ts'

let server: TestHttp

beforeEach(async () => {
  server = await testHttp()
})

afterEach(() => server[Symbol.asyncDispose]())

const fromUs = { 'sec-fetch-site': 'same-origin' }

const use = (linkToken: string, headers: Record<string, string> = fromUs) =>
  server.request('/sign-in', { method: 'POST', headers, body: new URLSearchParams({ token: linkToken }) })

const linkToken = (path: string) => new URL(path, 'http://localhost').searchParams.get('token') ?? ''

const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

const isSignedIn = async (cookie: string) => (await server.request('/batches', { headers: { cookie } })).status === 200

test('opening the link uses nothing up, the button does, once', async () => {
  const path = server.http.signInPath()
  for (let looked = 0; looked < 3; looked += 1) {
    const page = await server.request(path)
    expect(page.headers.get('set-cookie')).toBeNull()
    expect(await page.text()).toContain('Open Postferry')
  }
  const first = await use(linkToken(path))
  expect([first.status, first.headers.get('location')]).toEqual([303, '/batches'])
  expect(await isSignedIn(cookieOf(first))).toBe(true)
  const second = await use(linkToken(path))
  expect(second.status).toBe(401)
  expect(second.headers.get('set-cookie')).toBeNull()
})

test('the cookie is out of reach for scripts and for other sites', async () => {
  const cookie = (await use(linkToken(server.http.signInPath()))).headers.get('set-cookie') ?? ''
  expect(cookie).toContain('HttpOnly')
  expect(cookie).toContain('SameSite=Strict')
  expect(cookie).toContain('Path=/')
  expect(cookie).not.toContain('Domain')
})

test('a link holds for 30 minutes', async () => {
  const path = server.http.signInPath()
  server.clock.advance(30 * 60_000)
  expect((await use(linkToken(path))).status).toBe(401)
})

test('another site cannot sign a browser in', async () => {
  const path = server.http.signInPath()
  expect((await use(linkToken(path), { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await use(linkToken(path))).status).toBe(303)
})

test('an id that was known before the sign-in is worth nothing after it', async () => {
  const planted = 'postferry-80=planted'
  const answer = await use(linkToken(server.http.signInPath()), { ...fromUs, cookie: planted })
  expect(cookieOf(answer)).not.toBe(planted)
  expect(await isSignedIn(planted)).toBe(false)
})

test('signing in again ends the session before', async () => {
  const first = cookieOf(await use(linkToken(server.http.signInPath())))
  const second = cookieOf(await use(linkToken(server.http.signInPath()), { ...fromUs, cookie: first }))
  expect([await isSignedIn(first), await isSignedIn(second)]).toEqual([false, true])
})

test('signing out ends the session for good', async () => {
  const cookie = cookieOf(await use(linkToken(server.http.signInPath())))
  const answer = await server.request('/sign-out', { method: 'POST', headers: { ...fromUs, cookie } })
  expect(answer.headers.get('location')).toBe('/sign-in')
  expect(cookieOf(answer)).toBe('postferry-80=')
  expect(await isSignedIn(cookie)).toBe(false)
})

test('a session ends after half an hour without use, and after twelve hours in any case', async () => {
  const cookie = cookieOf(await use(linkToken(server.http.signInPath())))
  for (let hour = 0; hour < 12 * 60; hour += 20) {
    expect(await isSignedIn(cookie)).toBe(true)
    server.clock.advance(20 * 60_000)
  }
  expect(await isSignedIn(cookie)).toBe(false)
  const other = cookieOf(await use(linkToken(server.http.signInPath())))
  server.clock.advance(31 * 60_000)
  expect(await isSignedIn(other)).toBe(false)
})

test('guessing gets nobody in', async () => {
  server.http.signInPath()
  for (let guess = 0; guess < 100; guess += 1) expect((await use(`guess-${guess}`)).status).toBe(401)
})

test('two servers of one machine keep their cookies apart', async () => {
  const on = (port: number) =>
    server.request(`http://127.0.0.1:${port}/sign-in`, {
      method: 'POST',
      headers: fromUs,
      body: new URLSearchParams({ token: linkToken(server.http.signInPath()) }),
    })
  expect(cookieOf(await on(8480)).split('=')[0]).toBe('postferry-8480')
  expect(cookieOf(await on(8481)).split('=')[0]).toBe('postferry-8481')
})

test('the token of the data folder makes a link, a session does not', async () => {
  const made = await server.api('POST', '/sign-in-links')
  expect(made.status).toBe(201)
  const { path } = (await made.json()) as { path: string }
  const cookie = cookieOf(await use(linkToken(path)))
  expect(await isSignedIn(cookie)).toBe(true)
  const again = await server.request('/api/v1/sign-in-links', { method: 'POST', headers: { ...fromUs, cookie } })
  expect(again.status).toBe(403)
  expect(await again.text()).not.toContain(token)
})
