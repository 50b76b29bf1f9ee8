import type { Batch, UserCounts } from './batch.ts'
import type { PassKind } from './job.ts'
import { nextPassAt } from './schedule.ts'
import { type BatchEvent, type BatchStatus, nextBatchStatus, settledEvent } from './status.ts'
import { nextUserStatus, passEvents, type UserStatus, userSummary } from './user-status.ts'

/** What is to be written of a batch; the counters as a whole or not at all. */
export interface BatchChanges {
  readonly status?: BatchStatus
  readonly counts?: UserCounts
  readonly startedAt?: number
  readonly initialSyncedAt?: number
  readonly lastSyncedAt?: number
  readonly completedAt?: number
  readonly nextPassAt?: number | null
}

/** Which users get which pass, by their status. */
export type PassPlan = Partial<Record<UserStatus, PassKind>>

export type UsersByStatus = ReadonlyMap<UserStatus, number>

const startPlan: PassPlan = {
  created: 'initial',
  stopped: 'initial',
  failed: 'initial',
  incrementalStopped: 'incremental',
  incrementalFailed: 'incremental',
  completionFailed: 'incremental',
  synced: 'incremental',
  needsApproval: 'incremental',
}
const retryPlan: PassPlan = { failed: 'initial', incrementalFailed: 'incremental', completionFailed: 'incremental' }
const finalRetryPlan: PassPlan = { failed: 'final', incrementalFailed: 'final', completionFailed: 'final' }
const syncPlan: PassPlan = { synced: 'incremental', needsApproval: 'incremental' }
/** Who failed is not completed over their head: they are left over, and can be retried. */
const completePlan: PassPlan = {
  created: 'final',
  stopped: 'final',
  synced: 'final',
  needsApproval: 'final',
  incrementalSyncing: 'final',
  incrementalStopped: 'final',
}

const plans: Partial<Record<BatchEvent, PassPlan>> = {
  start: startPlan,
  startDue: startPlan,
  retry: retryPlan,
  addUsers: { created: 'initial' },
  syncNow: syncPlan,
  passDue: syncPlan,
  complete: completePlan,
  completeDue: completePlan,
  approve: { needsApproval: 'final' },
}

/** The passes that an event asks for when it takes a batch to `to`. */
export function planPasses(event: BatchEvent, to: BatchStatus): PassPlan {
  if (event === 'retry' && to === 'completing') return finalRetryPlan
  // Users who are added to a batch that rests wait for its start.
  return event === 'addUsers' && to !== 'syncing' ? {} : (plans[event] ?? {})
}

/** The pass for one user that is tried again in a batch which is, or becomes, `to`; null where there is nothing to retry. */
export function planRetry(user: UserStatus, to: BatchStatus): PassKind | null {
  if (userSummary[user] !== 'failed' && userSummary[user] !== 'stopped') return null
  return to === 'completing' ? 'final' : (startPlan[user] ?? null)
}

/** Users by status after the plan. */
export function afterPlan(users: UsersByStatus, plan: PassPlan): UsersByStatus {
  const after = new Map<UserStatus, number>()
  for (const [status, count] of users) {
    const to = plannedStatus(status, plan)
    after.set(to, (after.get(to) ?? 0) + count)
  }
  return after
}

/** Where the plan takes a user of that status; the same status where it plans nothing. */
export function plannedStatus(status: UserStatus, plan: PassPlan): UserStatus {
  const pass = plan[status]
  return (pass && nextUserStatus(status, passEvents[pass].asked)) ?? status
}

export function countUsers(users: UsersByStatus): UserCounts {
  const counts = { total: 0, pending: 0, active: 0, synced: 0, completed: 0, failed: 0, stopped: 0 }
  for (const [status, count] of users) {
    counts[userSummary[status]] += count
    counts.total += count
  }
  return counts
}

/** The counters after one user went from one status to another. */
export function moveCount(counts: UserCounts, from: UserStatus, to: UserStatus): UserCounts {
  const [less, more] = [userSummary[from], userSummary[to]]
  return less === more ? counts : { ...counts, [less]: counts[less] - 1, [more]: counts[more] + 1 }
}

/** A batch in `batch.status` whose counters are `counts`: has all ended, it goes where that takes it. `random` in [0, 1). */
export function rollUp(batch: Batch, counts: UserCounts, now: number, random: number): BatchChanges {
  const from = completesByItself(batch, counts) ? 'completing' : batch.status
  const event = settledEvent(from, counts)
  const settled = (event && nextBatchStatus(from, event)) ?? batch.status
  if (settled === batch.status) return { status: settled, counts }
  const isSynced = settled === 'synced' || settled === 'syncedWithErrors'
  const status = (isSynced && staysStopped(batch) && nextBatchStatus(settled, 'stop')) || settled
  const { incrementalEveryMs } = batch
  const hasFurtherPasses = batch.settings.allowsIncrementalSyncs
  const due = hasFurtherPasses ? nextPassAt({ status, incrementalEveryMs }, now, random) : null
  const changes = { status, counts, nextPassAt: due }
  if (isSynced) return { ...changes, initialSyncedAt: batch.initialSyncedAt ?? now, lastSyncedAt: now }
  return event === 'settled' || event === 'settledWithErrors' ? { ...changes, completedAt: now } : changes
}

/** Whether users of the batch are completed as soon as they are synced, with nobody asking for it. */
export const completesAtOnce = ({ settings, completeAfter }: Batch, now: number): boolean =>
  settings.autoComplete && (completeAfter === null || completeAfter <= now)

/**
 * Its users were completed one by one, by themselves or because somebody asked: when nobody is left, it is what a
 * completion ends as. Who is left behind by it may be tried again unless users are meant to complete by themselves.
 */
function completesByItself({ status, settings }: Batch, counts: UserCounts): boolean {
  if (status !== 'syncing' && status !== 'incrementalSyncing') return false
  const { active, synced, completed, total } = counts
  return active === 0 && synced === 0 && completed > 0 && (settings.autoComplete || completed === total)
}

/** Without further passes a batch rests after its initial sync, unless the clock will complete it. */
const staysStopped = ({ settings, completeAfter }: Batch): boolean =>
  !settings.allowsIncrementalSyncs && completeAfter === null
