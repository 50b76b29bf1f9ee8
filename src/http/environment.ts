import type { Context as HonoContext } from 'hono'
import type { Context } from '../operations/context.ts'
import type { Sessions } from '../operations/sessions.ts'
import type { Hub } from '../platform/hub.ts'
import type { LiveProgressBook } from './live.ts'

/** What stands behind the pages and the API. */
export interface HttpApp {
  readonly context: Context
  readonly hub: Hub
  readonly sessions: Sessions
  /** Bearer token of the command line. */
  readonly cliToken: string
  /** Why no work is done now; empty when all is well. */
  readiness(): readonly string[]
}

export interface HttpOptions {
  /** The host to listen on: a name, besides those of loopback, by which the server may be called. */
  readonly listenHost?: string
  readonly version?: string
  /** Hears of every failure that is our own and not the one of who asked. */
  readonly onError?: (error: unknown) => void
  /** A stream says something at least so often, so that nobody on the way takes it for dead. */
  readonly keepAliveMs?: number
}

/** What the handlers share. */
export interface Shared {
  readonly app: HttpApp
  readonly live: LiveProgressBook
  readonly version: string
  readonly keepAliveMs: number
  readonly onError: (error: unknown) => void
  /** Aborted when the server stops: streams end then. */
  readonly closing: AbortSignal
}

/** Who asks: the command line or another program by its token, or a person by the session of a browser. */
export type Principal = { readonly kind: 'token' } | { readonly kind: 'session'; readonly sessionId: string }

export interface Env {
  Variables: {
    shared: Shared
    /** Null on the few routes that are open. */
    principal: Principal | null
  }
}

export type Ctx = HonoContext<Env>

export const contextOf = (c: Ctx): Context => c.var.shared.app.context

/** Asked by htmx for a part of a page. */
export const wantsFragment = (c: Ctx): boolean => c.req.header('HX-Request') === 'true'

export const isApi = (c: Ctx): boolean => c.req.path.startsWith('/api/')
