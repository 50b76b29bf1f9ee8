import type { Database } from '../../db/client.ts'
import type { Connectors } from '../connectors/registry.ts'
import type { SyncStore } from '../domain/sync-state.ts'
import type { Clock } from '../platform/clock.ts'
import type { SavedMessages } from '../platform/saved-messages.ts'
import type { Timers } from '../platform/timers.ts'
import type { Turns } from '../platform/turns.ts'
import type { Vault } from '../platform/vault.ts'
import type { EndpointMeters } from './endpoint-meters.ts'
import type { KeptSessions } from './kept-sessions.ts'
import type { ProgressBoard } from './progress-board.ts'
import type { Identity } from './session-key.ts'
import type { SignInGuard } from './sign-in-guard.ts'

/** All a job needs; made once in app.ts. */
export interface JobContext {
  readonly db: Database
  /** The ledger. */
  readonly sync: SyncStore
  readonly vault: Vault
  readonly clock: Clock
  readonly timers: Timers
  /** By batch: what reads and then writes by what it read takes its turn. */
  readonly turns: Turns
  /** In [0, 1). */
  readonly random: () => number
  readonly connectors: Connectors
  readonly guard: SignInGuard
  /** Skipped messages that are kept aside. */
  readonly saved: SavedMessages
  /** The caps of all endpoints. */
  readonly meters: EndpointMeters
  /** Sessions between two passes. */
  readonly kept: KeptSessions
  readonly sessionKey: (identity: Identity) => string
  readonly board: ProgressBoard
  /** Feeds the event stream. */
  readonly changed: (what: { readonly batchId: number; readonly userId?: number }) => void
}
