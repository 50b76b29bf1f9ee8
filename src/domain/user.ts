import type { UserProgress } from './batch.ts'
import type { Consistency } from './consistency.ts'
import type { FaultCode, Side } from './fault.ts'
import type { UserStatus } from './status.ts'

/** One mailbox pair inside a batch. Passwords are never part of it: the vault keeps them. */
export interface User {
  readonly id: number
  readonly batchId: number
  readonly batchName: string
  readonly emailAddress: string
  readonly sourceUserName: string
  readonly targetUserName: string
  readonly userRoot: string | null
  readonly hasSourcePassword: boolean
  readonly hasTargetPassword: boolean
  readonly status: UserStatus
  readonly error: UserError | null
  readonly progress: UserProgress
  /** What to do when a filled target folder is gone; asked for when the user is held for it. */
  readonly missingTargetFolder: 'hold' | 'recreate' | 'leave'
  readonly passes: number
  readonly attempts: number
  readonly lastSyncedAt: number | null
  /** What the last pass left over, in one word; null before one has ended. */
  readonly consistency: Consistency | null
  /** Skipped items that nobody has approved. */
  readonly unapproved: number
  readonly times: UserTimes
  readonly settings: UserSettings
  /** When the next attempt is due, or null. */
  readonly retryAt: number | null
}

/** What a user spends its time with: waiting for a slot, in a pass, synced until the next, or waiting to try again. */
export type UserPhase = 'queued' | 'inProgress' | 'synced' | 'stalled'

/** Where the time of a user went, milliseconds; the phase that it is in now is not in the sums. */
export interface UserTimes {
  readonly phase: UserPhase | null
  readonly phaseSince: number
  readonly queuedMs: number
  readonly inProgressMs: number
  readonly syncedMs: number
  readonly stalledMs: number
  readonly startedAt: number | null
  readonly initialSyncedAt: number | null
}

/** What a user was given of its own; null: as its batch has it. */
export interface UserSettings {
  readonly startAfter: number | null
  readonly completeAfter: number | null
  readonly badItemLimit: number | null
  readonly largeItemLimit: number | null
}

export interface UserError {
  readonly code: FaultCode | 'internal'
  readonly side: Side | null
  /** What happened, with the server's words where it said any. */
  readonly message: string
  readonly meaning: string
  readonly remedy: string
  readonly at: number
}

/** What a running pass tells while it runs; kept in memory, newer than what is stored. */
export interface LiveProgress {
  readonly itemsTotal: number
  readonly itemsDone: number
  readonly bytesTotal: number
  readonly bytesDone: number
  readonly folder: readonly string[] | null
}
