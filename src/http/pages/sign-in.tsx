/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import { SignInPage } from '../../../views/sign-in.tsx'
import { page } from '../answers.tsx'
import { readForm, smallBody } from '../body.ts'
import type { Env } from '../environment.ts'
import { dropSessionCookie, writeSessionCookie } from '../session.ts'

/** Sign-in by the link that the server printed. */
export function signInRoutes(): Hono<Env> {
  const app = new Hono<Env>()

  // Only shows a button: whoever looks at links ahead of a person must not use them up.
  app.get('/sign-in', async (c) => {
    if (c.var.principal !== null) return c.redirect('/batches', 303)
    return page(c, <SignInPage token={c.req.query('token') || null} />)
  })

  app.post('/sign-in', smallBody, async (c) => {
    const { sessions } = c.var.shared.app
    const sessionId = sessions.redeem((await readForm(c)).text('token'))
    if (sessionId === null) return page(c, <SignInPage token={null} isRefused />, 401)
    // The session before this one ends: nobody goes on under an id that was known before the sign-in.
    if (c.var.principal?.kind === 'session') sessions.end(c.var.principal.sessionId)
    writeSessionCookie(c, sessionId)
    return c.redirect('/batches', 303)
  })

  app.post('/sign-out', (c) => {
    if (c.var.principal?.kind === 'session') c.var.shared.app.sessions.end(c.var.principal.sessionId)
    dropSessionCookie(c)
    return c.redirect('/sign-in', 303)
  })
  return app
}
