import type { BatchSettings } from './batch-settings.ts'
import type { Consistency } from './consistency.ts'
import type { BatchStatus } from './status.ts'
import type { FolderCounts } from './sync-state.ts'

/** Mailboxes migrated together between two endpoints. Counters stand in the same write as the transition they come from. */
export interface Batch {
  readonly id: number
  readonly name: string
  readonly type: 'imap'
  /** Derived: onboarding when the target is home, offboarding when the source is, else direct. */
  readonly direction: 'onboarding' | 'offboarding' | 'direct'
  readonly status: BatchStatus
  readonly sourceEndpointId: number
  readonly sourceEndpointName: string
  readonly targetEndpointId: number
  readonly targetEndpointName: string
  readonly priority: number
  /** Gap between incremental passes. */
  readonly incrementalEveryMs: number
  readonly settings: BatchSettings
  /** Mail begins to move then, milliseconds UTC; null: when it is started. */
  readonly startAfter: number | null
  /** The final pass begins then at the earliest, by itself; null: when somebody asks for it. */
  readonly completeAfter: number | null
  /** The worst score of its users; null before a pass of any of them has ended. */
  readonly consistency: Consistency | null
  readonly counts: UserCounts
  readonly createdAt: number
  readonly startedAt: number | null
  readonly initialSyncedAt: number | null
  readonly lastSyncedAt: number | null
  readonly completedAt: number | null
  /** When the next incremental pass is due, or null. */
  readonly nextPassAt: number | null
}

/** Users of a batch by what they are doing; `total` is the sum of the others. */
export interface UserCounts {
  readonly total: number
  /** Made and not started. */
  readonly pending: number
  /** Queued or running. */
  readonly active: number
  readonly synced: number
  readonly completed: number
  readonly failed: number
  readonly stopped: number
}

export const nameLengthMax = 64

/** How far a user is: the equation of the last pass, and how much of the whole source mailbox is settled. */
export interface UserProgress {
  readonly counts: FolderCounts
  readonly itemsTotal: number
  readonly itemsDone: number
  readonly bytesTotal: number
  readonly bytesDone: number
  /** Copied in the last pass alone: 0 says that nothing was new. */
  readonly copiedLastPass: number
  readonly flagsChangedLastPass: number
  readonly movedLastPass: number
}

/** The same, summed over the users of a batch. */
export interface BatchTotals
  extends Pick<UserProgress, 'counts' | 'itemsTotal' | 'itemsDone' | 'bytesTotal' | 'bytesDone'> {
  /** Users whose mail was counted once: what the others hold is unknown. */
  readonly usersKnown: number
}
