import type { MiddlewareHandler } from 'hono'
import { isBearer } from '../operations/sessions.ts'
import { assetPaths } from './assets.ts'
import { type Ctx, type Env, isApi, type Principal, wantsFragment } from './environment.ts'
import { Declined, problemDetails, problemResponse } from './problems.ts'
import { readSessionCookie } from './session.ts'

/** Everything that is answered without credentials. What does not stand here is denied to whoever has none. */
export const openRoutes: ReadonlySet<string> = new Set([
  'GET /healthz',
  'GET /readyz',
  'GET /sign-in',
  'POST /sign-in',
  ...assetPaths.map((path) => `GET ${path}`),
])

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']

/**
 * The server answers to these names alone: a page of another site whose name was bent to our address (DNS rebinding)
 * asks under that site's name. Ports are not looked at, so that a forwarded one works.
 */
export function hostGuard(listenHost: string): MiddlewareHandler<Env> {
  const names: ReadonlySet<string> = new Set([...loopbackHosts, bracketed(listenHost.toLowerCase())])
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host
    if (!names.has(hostName(host))) throw new Declined('misdirected', 'This server does not answer to that name')
    await next()
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** Without the port: `[::1]:8480` is `[::1]`. */
const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')

/** Finds out who asks, and lets nobody else in. */
export const credentialGuard: MiddlewareHandler<Env> = async (c, next) => {
  const principal = principalOf(c)
  c.set('principal', principal)
  // A token is sent by a program on purpose; anything else may be sent by a browser on behalf of a foreign page.
  if (principal?.kind !== 'token' && isUnsafe(c.req.method) && !isFromOurPages(c)) {
    throw new Declined('forbidden', 'This request came from another site')
  }
  if (principal === null && !isOpen(c)) return denied(c)
  await next()
}

function principalOf(c: Ctx): Principal | null {
  const { cliToken, sessions } = c.var.shared.app
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) return isApi(c) && isBearer(authorization, cliToken) ? { kind: 'token' } : null
  const sessionId = readSessionCookie(c)
  return sessionId !== null && sessions.find(sessionId) !== null ? { kind: 'session', sessionId } : null
}

const isUnsafe = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'

/**
 * Whatever the content type is, since a foreign page can send JSON too. Browsers say where a request comes from by
 * Sec-Fetch-Site; those that do not must name our own origin, exactly.
 */
function isFromOurPages(c: Ctx): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { protocol } = new URL(c.req.url)
  return c.req.header('origin') === `${protocol}//${c.req.header('host')}`
}

const isOpen = (c: Ctx): boolean => {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  return openRoutes.has(`${method} ${c.req.path}`)
}

/** A program is told; a person is led to the sign-in. */
function denied(c: Ctx): Response {
  const problem = problemDetails('unauthorized', 'This needs a sign-in or the token of the data folder')
  if (isApi(c)) return problemResponse(problem, { 'www-authenticate': 'Bearer' })
  if (wantsFragment(c)) return problemResponse(problem, { 'hx-redirect': '/sign-in' })
  return c.redirect('/sign-in', 303)
}
