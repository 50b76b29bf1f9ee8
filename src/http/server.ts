import { OpenAPIHono } from '@hono/zod-openapi'
import { problemAnswer } from './answers.tsx'
import { apiRoutes } from './api/api.ts'
import { signInPath } from './api/sign-in-links.ts'
import { assetRoutes } from './assets.ts'
import type { Env, HttpApp, HttpOptions, Shared } from './environment.ts'
import { credentialGuard, hostGuard } from './guard.ts'
import { securityHeaders } from './headers.ts'
import { healthRoutes } from './health.ts'
import { createLiveProgressBook } from './live.ts'
import { batchRoutes } from './pages/batch.tsx'
import { batchListRoutes } from './pages/batches.tsx'
import { endpointRoutes } from './pages/endpoints.tsx'
import { signInRoutes } from './pages/sign-in.tsx'
import { userRoutes } from './pages/users.tsx'
import { isOurs, problemDetails, problemOf } from './problems.ts'

export type { HttpApp, HttpOptions } from './environment.ts'

export interface Http {
  fetch(request: Request): Promise<Response>
  /** Everything that is answered; tests walk it. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  /** Path of a page that signs one browser in, once. */
  signInPath(): string
  /** Ends the streams of open pages, so that the server can stop. */
  close(): void
}

/** The pages and the API, behind one guard. */
export function createHttp(app: HttpApp, options: HttpOptions = {}): Http {
  const { onError = console.error, version = '0.0.0', keepAliveMs = 15_000, listenHost = 'localhost' } = options
  const closing = new AbortController()
  const live = createLiveProgressBook(app.hub)
  const shared: Shared = { app, live, version, keepAliveMs, onError, closing: closing.signal }
  const router = createRouter(shared, listenHost)
  return {
    fetch: async (request) => router.fetch(request),
    routes: router.routes,
    signInPath: () => signInPath(app.sessions.createLink()),
    close() {
      closing.abort()
      live.close()
    },
  }
}

function createRouter(shared: Shared, listenHost: string): OpenAPIHono<Env> {
  const router = new OpenAPIHono<Env>()
  router.use(async (c, next) => {
    c.set('shared', shared)
    c.set('principal', null)
    await next()
  })
  router.use(securityHeaders, hostGuard(listenHost), credentialGuard)
  router.route('/', healthRoutes())
  router.route('/', assetRoutes())
  router.route('/', signInRoutes())
  router.route('/', batchListRoutes())
  router.route('/', batchRoutes())
  router.route('/', userRoutes())
  router.route('/', endpointRoutes())
  router.route('/', apiRoutes(shared.version))
  router.notFound((c) => problemAnswer(c, problemDetails('not-found', 'There is nothing at this address')))
  router.onError((error, c) => {
    const problem = problemOf(error)
    if (isOurs(problem)) shared.onError(error)
    return problemAnswer(c, problem)
  })
  return router
}
