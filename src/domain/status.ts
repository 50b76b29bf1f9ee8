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
  | 'addUsers'
  | 'syncNow'
  | 'passDue'
  | 'settled'
  | 'settledWithErrors'
  | 'needsApproval'
  | 'failed'
  | 'complete'
  | 'completeDue'
  | 'approve'
  | 'stop'
  | 'drained'
  | 'remove'
  | 'forceRemove'

/** What an operator may ask of a batch. */
export type BatchAction = 'start' | 'stop' | 'retry' | 'syncNow' | 'complete' | 'approve' | 'remove'

const batchActions: readonly BatchAction[] = ['start', 'stop', 'retry', 'syncNow', 'complete', 'approve', 'remove']

const removal = { remove: 'removing', forceRemove: 'removing' } as const
/** While something runs, only who insists removes: what runs is ended first. */
const forced = { forceRemove: 'removing' } as const

/** Where a batch goes. An event that is not named is refused in that status. */
const batchTable: Record<BatchStatus, Partial<Record<BatchEvent, BatchStatus>>> = {
  created: { schedule: 'waiting', start: 'syncing', startDue: 'syncing', addUsers: 'created', ...removal },
  waiting: {
    schedule: 'waiting',
    start: 'syncing',
    startDue: 'syncing',
    addUsers: 'waiting',
    stop: 'stopped',
    ...removal,
  },
  syncing: {
    settled: 'synced',
    settledWithErrors: 'syncedWithErrors',
    failed: 'failed',
    addUsers: 'syncing',
    stop: 'stopping',
    ...forced,
  },
  synced: {
    syncNow: 'incrementalSyncing',
    passDue: 'incrementalSyncing',
    complete: 'completing',
    completeDue: 'completing',
    addUsers: 'syncing',
    stop: 'stopped',
    ...removal,
  },
  syncedWithErrors: {
    retry: 'syncing',
    addUsers: 'syncing',
    syncNow: 'incrementalSyncing',
    passDue: 'incrementalSyncing',
    complete: 'completing',
    completeDue: 'completing',
    stop: 'stopped',
    ...removal,
  },
  incrementalSyncing: {
    settled: 'synced',
    settledWithErrors: 'syncedWithErrors',
    failed: 'failed',
    complete: 'completing',
    completeDue: 'completing',
    addUsers: 'syncing',
    stop: 'stopping',
    ...forced,
  },
  completing: {
    settled: 'completed',
    settledWithErrors: 'completedWithErrors',
    needsApproval: 'needsApproval',
    failed: 'failed',
    stop: 'stopping',
    ...forced,
  },
  needsApproval: { approve: 'completing', stop: 'stopped', ...removal },
  completed: { ...removal },
  completedWithErrors: { retry: 'completing', ...removal },
  stopping: { drained: 'stopped', ...forced },
  stopped: {
    start: 'syncing',
    startDue: 'syncing',
    retry: 'syncing',
    complete: 'completing',
    completeDue: 'completing',
    addUsers: 'stopped',
    ...removal,
  },
  failed: { start: 'syncing', startDue: 'syncing', retry: 'syncing', addUsers: 'failed', ...removal },
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
 * A user that is stopped or was never started is left over like one that failed; only failed ones all together fail the
 * batch. Who is only synced at the end of a completion waits for an approval.
 */
export function settledEvent(status: BatchStatus, counts: UserCounts): BatchEvent | null {
  if (counts.active > 0) return null
  if (status === 'stopping') return 'drained'
  if (status !== 'syncing' && status !== 'incrementalSyncing' && status !== 'completing') return null
  if (counts.failed === counts.total) return 'failed'
  if (status === 'completing' && counts.synced > 0) return 'needsApproval'
  return counts.synced + counts.completed === counts.total ? 'settled' : 'settledWithErrors'
}
