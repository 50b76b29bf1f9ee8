import type { UserCounts } from './batch.ts'

export { type UserStatus, userStatuses } from './user-status.ts'

/** Stored statuses of a batch, by their Exchange names. Starting and Corrupted are shown, never stored. */
export type BatchStatus =
  | 'created'
  | 'waiting'
  | 'syncing'
  | 'synced'
  | 'syncedWithErrors'
  | 'incrementalSyncing'
  | 'completing'
  | 'needsApproval'
  | 'completed'
  | 'completedWithErrors'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'removing'

/** What moves a batch. The clock sends startDue, passDue, completeDue; counters send settled … drained; the rest is asked for. */
export type BatchEvent =
  | 'schedule'
  | 'start'
  | 'startDue'
  | 'retry'
  | 'syncNow'
  | 'passDue'
  | 'settled'
  | 'settledWithErrors'
  | 'failed'
  | 'complete'
  | 'completeDue'
  | 'approve'
  | 'stop'
  | 'drained'
  | 'remove'

/** What an operator may ask of a batch. */
export type BatchAction = 'start' | 'stop' | 'retry' | 'syncNow' | 'complete' | 'approve' | 'remove'

const batchActions: readonly BatchAction[] = ['start', 'stop', 'retry', 'syncNow', 'complete', 'approve', 'remove']

/** Where a batch goes. An event that is not named is refused in that status. */
const batchTable: Record<BatchStatus, Partial<Record<BatchEvent, BatchStatus>>> = {
  created: { schedule: 'waiting', start: 'syncing', startDue: 'syncing', remove: 'removing' },
  waiting: { schedule: 'waiting', start: 'syncing', startDue: 'syncing', stop: 'stopped', remove: 'removing' },
  syncing: { settled: 'synced', settledWithErrors: 'syncedWithErrors', failed: 'failed', stop: 'stopping' },
  synced: {
    syncNow: 'incrementalSyncing',
    passDue: 'incrementalSyncing',
    complete: 'completing',
    completeDue: 'completing',
    stop: 'stopped',
    remove: 'removing',
  },
  syncedWithErrors: {
    retry: 'syncing',
    syncNow: 'incrementalSyncing',
    passDue: 'incrementalSyncing',
    complete: 'completing',
    completeDue: 'completing',
    stop: 'stopped',
    remove: 'removing',
  },
  incrementalSyncing: {
    settled: 'synced',
    settledWithErrors: 'syncedWithErrors',
    failed: 'failed',
    complete: 'completing',
    completeDue: 'completing',
    stop: 'stopping',
  },
  completing: { settled: 'completed', settledWithErrors: 'completedWithErrors', failed: 'failed', stop: 'stopping' },
  needsApproval: { approve: 'completing', stop: 'stopped', remove: 'removing' },
  completed: { remove: 'removing' },
  completedWithErrors: { retry: 'completing', remove: 'removing' },
  stopping: { drained: 'stopped' },
  stopped: {
    start: 'syncing',
    startDue: 'syncing',
    retry: 'syncing',
    complete: 'completing',
    completeDue: 'completing',
    remove: 'removing',
  },
  failed: { start: 'syncing', startDue: 'syncing', retry: 'syncing', remove: 'removing' },
  removing: {},
}

export const batchStatuses = Object.keys(batchTable) as readonly BatchStatus[]

/** Where `event` takes a batch, or null when the batch refuses it. */
export const nextBatchStatus = (status: BatchStatus, event: BatchEvent): BatchStatus | null =>
  batchTable[status][event] ?? null

/** The actions that a batch of that status accepts. */
export const allowedActions = (status: BatchStatus): readonly BatchAction[] =>
  batchActions.filter((action) => batchTable[status][action] !== undefined)

/** How a sentence of refusal names a status: "… while it is syncing". */
export const batchStatusWords: Record<BatchStatus, string> = {
  created: 'not started',
  waiting: 'waiting for its start time',
  syncing: 'syncing',
  synced: 'synced',
  syncedWithErrors: 'synced with errors',
  incrementalSyncing: 'syncing what is new',
  completing: 'completing',
  needsApproval: 'waiting for approval',
  completed: 'completed',
  completedWithErrors: 'completed with errors',
  stopping: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
  removing: 'being removed',
}

/**
 * What the counters say has happened to a batch, or null while users are still queued or running.
 * A user that is stopped or was never started is left over like one that failed; only failed ones all together fail the batch.
 */
export function settledEvent(status: BatchStatus, counts: UserCounts): BatchEvent | null {
  if (counts.active > 0) return null
  if (status === 'stopping') return 'drained'
  if (status !== 'syncing' && status !== 'incrementalSyncing' && status !== 'completing') return null
  if (counts.failed === counts.total) return 'failed'
  return counts.synced + counts.completed === counts.total ? 'settled' : 'settledWithErrors'
}
