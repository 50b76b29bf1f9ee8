import type { Database } from '../../db/client.ts'
import type { Access, ProbeReport } from '../domain/endpoint.ts'
import type { SyncStore } from '../domain/sync-state.ts'
import type { Clock } from '../platform/clock.ts'
import type { SavedMessages } from '../platform/saved-messages.ts'
import type { Turns } from '../platform/turns.ts'
import type { Vault } from '../platform/vault.ts'

/** What keeps users from an endpoint now. */
export interface Pressure {
  /** Users that may be under way there; null: as many as are set. */
  readonly allowed: number | null
  /** How long nobody goes there, milliseconds; null: it is not held. */
  readonly heldForMs: number | null
}

/** All an operation needs; made once in app.ts. */
export interface Context {
  readonly db: Database
  /** The ledger, to read from: what a user's folders and skipped items are. */
  readonly sync: SyncStore
  readonly vault: Vault
  /** Skipped messages that are kept aside. */
  readonly saved: Pick<SavedMessages, 'read'>
  readonly clock: Clock
  /** By batch: what reads and then writes by what it read takes its turn. */
  readonly turns: Turns
  /** How many batches may be open at a time. */
  readonly openBatchesMax: number
  /** In [0, 1). */
  readonly random: () => number
  /** Tells the scheduler that there may be work. */
  readonly wake: () => void
  /** Tells the scheduler to stop the running jobs of these users, softly. */
  readonly halt: (userIds: readonly number[]) => void
  /** Forgets the sign-ins that were refused to a batch, or to one user of it: they may be tried at once. */
  readonly forgive: (what: { readonly batchId: number; readonly userId?: number }) => void
  /** Closes the connections that are kept for a batch, or for one user of it. */
  readonly disconnect: (what: { readonly batchId: number; readonly userId?: number }) => void
  /** An endpoint was changed: connections that are kept there are closed, and it is tried at once if it was away. */
  readonly renewed: (endpointId: number) => void
  /** Endpoints that are held by what they answered, or that bear fewer users at a time than are set. */
  readonly pressed: () => ReadonlyMap<number, Pressure>
  readonly probe: (access: Access, signal: AbortSignal) => Promise<ProbeReport>
  /** Feeds the event stream; the listener gathers. */
  readonly changed: (what: { readonly batchId: number }) => void
}
