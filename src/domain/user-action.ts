import { planRetry } from './batch-action.ts'
import type { PassKind } from './job.ts'
import { type BatchStatus, nextBatchStatus } from './status.ts'
import type { UserStatus } from './user-status.ts'

/** What an operator may ask for one user that leads to a pass. Starting is resuming and retrying, too. */
export type UserAction = 'start' | 'syncNow' | 'complete'

export interface UserPlan {
  readonly pass: PassKind
  /** Where the batch is taken along. */
  readonly batch: BatchStatus
}

const busy: readonly BatchStatus[] = ['syncing', 'incrementalSyncing', 'completing']

/** The pass for one user of a batch; null where its status, or that of its batch, does not take it. */
export const planUser = (action: UserAction, user: UserStatus, batch: BatchStatus): UserPlan | null =>
  plans[action](user, batch)

const plans: Record<UserAction, (user: UserStatus, batch: BatchStatus) => UserPlan | null> = {
  start(user, batch) {
    const to = busy.includes(batch) ? batch : nextBatchStatus(batch, 'retry')
    const pass = to && (user === 'created' ? 'initial' : planRetry(user, to))
    return to && pass ? { pass: to === 'completing' ? 'final' : pass, batch: to } : null
  },
  syncNow(user, batch) {
    const to = batch === 'syncing' || batch === 'incrementalSyncing' ? batch : nextBatchStatus(batch, 'syncNow')
    return to && user === 'synced' ? { pass: 'incremental', batch: to } : null
  },
  /** The others of the batch go on as they are: it is completed when all of them have been. */
  complete(user, batch) {
    const to = busy.includes(batch) ? batch : nextBatchStatus(batch, 'syncNow')
    return to && completable.includes(user) ? { pass: 'final', batch: to } : null
  },
}

const completable: readonly UserStatus[] = ['synced', 'needsApproval', 'incrementalSyncing', 'incrementalStopped']
