import type { Statement } from '../../db/client.ts'
import { updateBatch } from '../../db/queries/batches.ts'
import { queuePass } from '../../db/queries/passes.ts'
import { moveToPhase } from '../../db/queries/phases.ts'
import { setLiveProgress, type UserChanges, updateUser } from '../../db/queries/users.ts'
import { batchIdOf, findStanding, type Standing } from '../../db/queries/work.ts'
import { completesAtOnce, moveCount, rollUp } from '../domain/batch-action.ts'
import type { Job, PassKind } from '../domain/job.ts'
import { failureOf, type JobEnd } from '../domain/job-end.ts'
import type { UserError, UserPhase } from '../domain/user.ts'
import { awaits, nextUserStatus, passEvents, type UserEvent, type UserStatus } from '../domain/user-status.ts'
import type { JobContext } from './context.ts'
import { endJob, userError } from './end-job.ts'
import { lossOf } from './loss.ts'

type Who = Standing['user']

/** A pass ended: job, user, counters and batch in one write. */
export async function endSync(
  context: JobContext,
  job: Job,
  { userId, pass }: { readonly userId: number; readonly pass: PassKind },
  end: JobEnd,
  isMeant: (user: Who, pass: PassKind) => boolean = isOf,
): Promise<void> {
  const { db, turns, board, changed } = context
  const batchId = await batchIdOf(db, userId)
  if (batchId === null) return void (await db.write(endJob(db, job, { kind: 'cancel' })))
  await turns.take(batchId, async () => {
    const standing = await findStanding(db, userId)
    if (standing && isMeant(standing.user, pass)) await write(context, job, pass, standing, asAsked(standing.user, end))
    else await db.write(endJob(db, job, { kind: 'cancel' }))
  })
  board.forget(userId)
  changed({ batchId, userId })
}

/** A run that found nobody waiting for its pass. Who was asked to stop just before it began waits for its end all the same. */
export const endUnwantedSync = (
  context: JobContext,
  job: Job,
  spec: { userId: number; pass: PassKind },
): Promise<void> => endSync(context, job, spec, { kind: 'cancel' }, ({ status }) => status === 'stopping')

/** Else the user was asked for another pass meanwhile, which is queued: this one changes nothing any more. */
const isOf = ({ status }: Who, pass: PassKind): boolean => status === 'stopping' || awaits(status, pass)

/** Who was asked to stop does not go back to the queue. */
const asAsked = ({ status }: Who, end: JobEnd): JobEnd =>
  status === 'stopping' && (end.kind === 'retry' || end.kind === 'snooze') ? { kind: 'cancel' } : end

async function write(
  context: JobContext,
  job: Job,
  pass: PassKind,
  { user, batch }: Standing,
  end: JobEnd,
): Promise<void> {
  const { db, board, clock, random } = context
  const now = clock.now()
  const loss = end.kind === 'succeed' || end.kind === 'discard' ? await lossOf(context, user.id) : null
  const isHeld = pass === 'final' && end.kind === 'succeed' && loss?.isHeld === true
  const ended = nextUserStatus(user.status, isHeld ? 'held' : eventOf(end, pass)) ?? user.status
  const own = { ...batch, completeAfter: user.completeAfter ?? batch.completeAfter }
  const goesOn = ended === 'synced' && batch.status === 'syncing' && completesAtOnce(own, now)
  const status = (goesOn && nextUserStatus(ended, 'complete')) || ended
  const seen = board.finished(user.id)
  const refusal = seen?.refusal ? userError(failureOf(seen.refusal), now) : null
  const changes = {
    ...changesOf(user, end, now, refusal),
    ...(seen && { progress: seen.progress }),
    ...loss?.changes,
    status,
  }
  const counts = moveCount(batch.counts, user.status, status)
  await db.write([
    ...endJob(db, job, end),
    ...writtenSoFar(context, user.id),
    updateUser(db, user.id, changes),
    moveToPhase(db, { userId: user.id, phase: goesOn ? 'queued' : phaseAfter(end, status), now }),
    ...(goesOn ? queuePass(db, batch, user.id, 'final', now) : []),
    ...(counts === batch.counts ? [] : [updateBatch(db, batch.id, rollUp(batch, counts, now, random()))]),
  ])
}

const phases: Partial<Record<JobEnd['kind'], UserPhase>> = {
  succeed: 'synced',
  retry: 'stalled',
  snooze: 'stalled',
  leave: 'queued',
}

/** What a user does after a pass; who failed or was stopped does nothing that is counted. */
const phaseAfter = ({ kind }: JobEnd, status: UserStatus): UserPhase | null =>
  status === 'completed' ? null : (phases[kind] ?? null)

/** A pass that was stopped stays at what was seen of it. */
function writtenSoFar({ db, board }: JobContext, userId: number): readonly Statement[] {
  const progress = board.unwritten(userId)
  return progress === null ? [] : setLiveProgress(db, new Map([[userId, progress]]))
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

/** A pass that came to its end may still have a folder to tell of which the target refused. */
function changesOf(user: Who, end: JobEnd, now: number, refusal: UserError | null): UserChanges {
  if (end.kind === 'succeed')
    return { error: refusal, passes: user.passes + 1, attempts: 0, retryAt: null, lastSyncedAt: now }
  if (end.kind === 'retry')
    return { error: userError(end.failure, now), attempts: user.attempts + 1, retryAt: end.runAt }
  if (end.kind === 'discard') return { error: userError(end.failure, now), attempts: user.attempts + 1, retryAt: null }
  if (end.kind === 'snooze' && end.failure) return { error: userError(end.failure, now), retryAt: end.runAt }
  return { retryAt: null }
}
