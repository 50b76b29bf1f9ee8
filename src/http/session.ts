import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Ctx } from './environment.ts'

/**
 * A browser sends cookies to every port of a host, so that the name carries the port: two servers on one machine do
 * not sign each other out.
 */
const cookieName = (c: Ctx): string => `postferry-${new URL(c.req.url).port || '80'}`

export const readSessionCookie = (c: Ctx): string | null => getCookie(c, cookieName(c)) ?? null

/** Gone with the browser; the server ends it earlier. Not `Secure`: on loopback there is no TLS. */
export const writeSessionCookie = (c: Ctx, sessionId: string): void =>
  setCookie(c, cookieName(c), sessionId, { httpOnly: true, sameSite: 'Strict', path: '/' })

export function dropSessionCookie(c: Ctx): void {
  deleteCookie(c, cookieName(c), { path: '/' })
}
