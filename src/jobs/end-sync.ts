import { findBatch, updateBatch } from '../../db/queries/batches.ts'
import { findUser, type UserChanges, updateUser } from '../../db/queries/users.ts'
import type { Batch } from '../domain/batch.ts'
import { moveCount, rollUp } from '../domain/batch-action.ts'
import type { Job, PassKind } from '../domain/job.ts'
import type { JobEnd } from '../domain/job-end.ts'
import type { User } from '../domain/user.ts'
import { awaits, nextUserStatus, passEvents, type UserEvent } from '../domain/user-status.ts'
import type { JobContext } from './context.ts'
import { endJob, userError } from './end-job.ts'

/** A pass ended: job, user, counters and batch in one write. */
export async function endSync(
  context: JobContext,
  job: Job,
  { userId, pass }: { readonly userId: number; readonly pass: PassKind },
  end: JobEnd,
): Promise<void> {
  const found = await findUser(context.db, userId)
  if (found === null) return void (await context.db.write(endJob(context.db, job, { kind: 'cancel' })))
  await context.turns.take(found.batchId, async () => {
    const user = await findUser(context.db, userId)
    const batch = await findBatch(context.db, found.batchId)
    if (user && batch && isOf(user, pass)) await write(context, job, pass, user, batch, asAsked(user, end))
    else await context.db.write(endJob(context.db, job, { kind: 'cancel' }))
  })
  context.board.forget(userId)
  context.changed({ batchId: found.batchId, userId })
}

/** Else the user was asked for another pass meanwhile, which is queued: this one changes nothing any more. */
const isOf = ({ status }: User, pass: PassKind): boolean => status === 'stopping' || awaits(status, pass)

/** Who was asked to stop does not go back to the queue. */
const asAsked = ({ status }: User, end: JobEnd): JobEnd =>
  status === 'stopping' && (end.kind === 'retry' || end.kind === 'snooze') ? { kind: 'cancel' } : end

async function write(
  context: JobContext,
  job: Job,
  pass: PassKind,
  user: User,
  batch: Batch,
  end: JobEnd,
): Promise<void> {
  const { db, board, clock, random } = context
  const now = clock.now()
  const status = nextUserStatus(user.status, eventOf(end, pass)) ?? user.status
  const progress = board.finished(user.id)
  const changes = { ...changesOf(user, end, now), ...(progress && { progress }), status }
  const counts = moveCount(batch.counts, user.status, status)
  await db.write([
    ...endJob(db, job, end),
    updateUser(db, user.id, changes),
    ...(counts === batch.counts ? [] : [updateBatch(db, batch.id, rollUp(batch, counts, now, random()))]),
  ])
}

function eventOf(end: JobEnd, pass: PassKind): UserEvent {
  const { ended, failed, stopped } = passEvents[pass]
  const events = {
    succeed: ended,
    retry: 'wait',
    snooze: 'wait',
    discard: failed,
    cancel: stopped,
    leave: 'wait',
  } as const
  return events[end.kind]
}

function changesOf(user: User, end: JobEnd, now: number): UserChanges {
  if (end.kind === 'succeed')
    return { error: null, passes: user.passes + 1, attempts: 0, retryAt: null, lastSyncedAt: now }
  if (end.kind === 'retry')
    return { error: userError(end.failure, now), attempts: user.attempts + 1, retryAt: end.runAt }
  if (end.kind === 'discard') return { error: userError(end.failure, now), attempts: user.attempts + 1, retryAt: null }
  if (end.kind === 'snooze' && end.failure) return { error: userError(end.failure, now), retryAt: end.runAt }
  return { retryAt: null }
}
