import { deleteBatch } from '../../db/queries/batches.ts'
import { findUser } from '../../db/queries/users.ts'
import { putVerification } from '../../db/queries/verifications.ts'
import type { Job, JobControl, JobSpec } from '../domain/job.ts'
import type { JobEnd } from '../domain/job-end.ts'
import type { VerifyReport } from '../domain/verification.ts'
import type { JobContext } from './context.ts'
import { endJob, userError } from './end-job.ts'
import { endSync, endUnwantedSync } from './end-sync.ts'
import { removeBatch } from './remove-batch.ts'
import { syncUser } from './sync-user.ts'
import { verifyUser } from './verify-user.ts'

/** What a run hands over to be written with its end. */
export type RunResult = VerifyReport | 'unwanted' | 'done'

/** What the scheduler calls for a job. */
export async function runJob(context: JobContext, job: Job, control: JobControl): Promise<RunResult> {
  const { spec } = job
  if (spec.kind === 'sync-user') return await syncUser(context, job, spec, control)
  if (spec.kind === 'verify-user') return (await verifyUser(context, job, spec, control)) ?? 'unwanted'
  await removeBatch(context, spec.batchId, control)
  return 'done'
}

/** What the scheduler calls for its end: one write for all that follows from it. */
export async function settleJob(context: JobContext, job: Job, end: JobEnd, result: RunResult | null): Promise<void> {
  const { db } = context
  const { spec } = job
  if (result === 'unwanted' && spec.kind === 'sync-user') await endUnwantedSync(context, job, spec)
  else if (result === 'unwanted') await db.write(endJob(db, job, { kind: 'cancel' }))
  else if (spec.kind === 'sync-user') await endSync(context, job, spec, end)
  else if (spec.kind === 'verify-user') await endVerification(context, job, spec, end, result)
  else await endRemoval(context, job, spec.batchId, end)
}

async function endVerification(
  context: JobContext,
  job: Job,
  { userId, readsData }: JobSpec & { readonly kind: 'verify-user' },
  end: JobEnd,
  result: RunResult | null,
): Promise<void> {
  const { db, clock } = context
  const verifiedAt = clock.now()
  const report = typeof result === 'object' ? result : null
  const error = errorOf(end, verifiedAt)
  const isOver = end.kind === 'succeed' || end.kind === 'discard' || end.kind === 'cancel'
  const user = await findUser(db, userId)
  await db.write([
    ...endJob(db, job, end),
    ...(isOver && user ? [putVerification(db, { userId, readsData, report, error, verifiedAt })] : []),
  ])
  if (user) context.changed({ batchId: user.batchId, userId })
}

function errorOf(end: JobEnd, at: number) {
  if (end.kind === 'discard') return userError(end.failure, at)
  const stopped = {
    code: 'cancelled',
    scope: 'cancelled',
    side: null,
    message: 'The verification was stopped',
  } as const
  return end.kind === 'cancel' ? userError(stopped, at) : null
}

async function endRemoval(context: JobContext, job: Job, batchId: number, end: JobEnd): Promise<void> {
  const { db } = context
  await db.write([...endJob(db, job, end), ...(end.kind === 'succeed' ? [deleteBatch(db, batchId)] : [])])
  context.changed({ batchId })
}
