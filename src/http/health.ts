import { Hono } from 'hono'
import type { Env } from './environment.ts'

/** For whoever watches over the process: does it live, and does it work. */
export function healthRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => {
    const reasons = c.var.shared.app.readiness()
    return c.json({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons }, reasons.length === 0 ? 200 : 503)
  })
  return app
}
