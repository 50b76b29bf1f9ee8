import type { UserCounts } from './batch.ts'
import type { PassKind } from './job.ts'

/** Statuses of a user of a batch, by their Exchange names. */
export type UserStatus =
  | 'created'
  | 'queued'
  | 'validating'
  | 'provisioning'
  | 'syncing'
  | 'synced'
  | 'incrementalSyncing'
  | 'incrementalFailed'
  | 'incrementalStopped'
  | 'completing'
  | 'completionFailed'
  | 'needsApproval'
  | 'completed'
  | 'stopping'
  | 'stopped'
  | 'failed'

/**
 * What moves a user. Asked for: queue, resync, complete (a first, a further, the final pass) and stop.
 * The worker sends begin and wait (back to the queue), and how a pass ended: passed or completed, one of three failures,
 * one of two stops; or held: all is copied and verified, and what was skipped waits for an approval.
 */
export type UserEvent =
  | 'queue'
  | 'resync'
  | 'complete'
  | 'begin'
  | 'wait'
  | 'passed'
  | 'completed'
  | 'held'
  | 'failed'
  | 'incrementalFailed'
  | 'completionFailed'
  | 'stop'
  | 'stopped'
  | 'incrementalStopped'

/**
 * Where a user goes. A further and the final pass have one status from being asked for to their end, because the user
 * is synced meanwhile; only a first pass tells waiting (queued) from running (syncing).
 */
export const userTable: Record<UserStatus, Partial<Record<UserEvent, UserStatus>>> = {
  created: { queue: 'queued', complete: 'completing' },
  queued: { begin: 'syncing', wait: 'queued', failed: 'failed', stop: 'stopping', stopped: 'stopped' },
  validating: { begin: 'syncing', wait: 'queued', failed: 'failed', stop: 'stopping', stopped: 'stopped' },
  provisioning: { begin: 'syncing', wait: 'queued', failed: 'failed', stop: 'stopping', stopped: 'stopped' },
  syncing: {
    begin: 'syncing',
    wait: 'queued',
    passed: 'synced',
    failed: 'failed',
    stop: 'stopping',
    stopped: 'stopped',
  },
  synced: { resync: 'incrementalSyncing', complete: 'completing' },
  incrementalSyncing: {
    begin: 'incrementalSyncing',
    wait: 'incrementalSyncing',
    passed: 'synced',
    incrementalFailed: 'incrementalFailed',
    complete: 'completing',
    stop: 'stopping',
    incrementalStopped: 'incrementalStopped',
  },
  incrementalFailed: { resync: 'incrementalSyncing', complete: 'completing' },
  incrementalStopped: { resync: 'incrementalSyncing', complete: 'completing' },
  completing: {
    begin: 'completing',
    wait: 'completing',
    completed: 'completed',
    held: 'needsApproval',
    completionFailed: 'completionFailed',
    stop: 'stopping',
    incrementalStopped: 'incrementalStopped',
  },
  needsApproval: { resync: 'incrementalSyncing', complete: 'completing' },
  completionFailed: { resync: 'incrementalSyncing', complete: 'completing' },
  completed: {},
  stopping: {
    passed: 'synced',
    completed: 'completed',
    held: 'needsApproval',
    failed: 'failed',
    incrementalFailed: 'incrementalFailed',
    completionFailed: 'completionFailed',
    stopped: 'stopped',
    incrementalStopped: 'incrementalStopped',
  },
  stopped: { queue: 'queued', complete: 'completing' },
  failed: { queue: 'queued', complete: 'completing' },
}

export const userStatuses = Object.keys(userTable) as readonly UserStatus[]

/** Where `event` takes a user, or null when it does not apply. */
export const nextUserStatus = (status: UserStatus, event: UserEvent): UserStatus | null =>
  userTable[status][event] ?? null

/** Where the first of the events that the status takes leads, or null. */
export function firstUserMove(status: UserStatus, events: readonly UserEvent[]): UserStatus | null {
  const event = events.find((event) => nextUserStatus(status, event) !== null)
  return event === undefined ? null : nextUserStatus(status, event)
}

/** Which counter of the batch a user stands in. */
export const userSummary: Record<UserStatus, Exclude<keyof UserCounts, 'total'>> = {
  created: 'pending',
  queued: 'active',
  validating: 'active',
  provisioning: 'active',
  syncing: 'active',
  synced: 'synced',
  incrementalSyncing: 'active',
  incrementalFailed: 'failed',
  incrementalStopped: 'stopped',
  completing: 'active',
  completionFailed: 'failed',
  needsApproval: 'synced',
  completed: 'completed',
  stopping: 'active',
  stopped: 'stopped',
  failed: 'failed',
}

interface PassEvents {
  /** Asks for the pass. */
  readonly asked: UserEvent
  readonly ended: UserEvent
  readonly failed: UserEvent
  readonly stopped: UserEvent
}

/** The words of each kind of pass in the table above. */
export const passEvents: Record<PassKind, PassEvents> = {
  initial: { asked: 'queue', ended: 'passed', failed: 'failed', stopped: 'stopped' },
  incremental: {
    asked: 'resync',
    ended: 'passed',
    failed: 'incrementalFailed',
    stopped: 'incrementalStopped',
  },
  final: { asked: 'complete', ended: 'completed', failed: 'completionFailed', stopped: 'incrementalStopped' },
}

const passStatuses: Record<PassKind, UserStatus> = {
  initial: 'syncing',
  incremental: 'incrementalSyncing',
  final: 'completing',
}

/** Whether a job for that pass is what the user waits for. Else it was stopped, or asked for another pass meanwhile. */
export const awaits = (status: UserStatus, pass: PassKind): boolean =>
  nextUserStatus(status, 'begin') === passStatuses[pass]
