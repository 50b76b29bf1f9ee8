import type { Connector } from './connectors/connector.ts'
import type { Context } from './operations/context.ts'
import type { Sessions } from './operations/sessions.ts'
import type { Clock } from './platform/clock.ts'
import type { Hub } from './platform/hub.ts'

export interface AppOptions {
  /** Made with mode 0700 where it is missing. */
  readonly dataFolder: string
  readonly clock?: Clock
  /** Default: the real one. Tests give mailboxes in memory. */
  readonly connector?: Connector
  /** Failed attempts after which a user is given up, default 10. */
  readonly attemptsMax?: number
  /** How long a server that does not answer is waited for before its users fail; default 24 hours. */
  readonly endpointPatienceMs?: number
}

/** Everything behind the three doors. */
export interface App {
  readonly context: Context
  readonly hub: Hub
  readonly sessions: Sessions
  /** Bearer token of the command line, as it stands in DIR/cli.token. */
  readonly cliToken: string
  /** Why no work is done now; empty when all is well. */
  readiness(): readonly string[]
  /** Begins to run jobs. */
  start(): void
  /** Lets running jobs end softly, then closes the database. */
  stop(): Promise<void>
}

/** Opens the data folder; throws when another process holds it. */
export declare function createApp(options: AppOptions): Promise<App>
