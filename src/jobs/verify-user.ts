import { findWork } from '../../db/queries/work.ts'
import type { Job, JobControl, JobSpec } from '../domain/job.ts'
import type { VerifyReport } from '../domain/verification.ts'
import { verifyUser as verifyMailboxes } from '../engine/verify.ts'
import type { JobContext } from './context.ts'
import { type Mailboxes, refuseOldLock, withMailboxes } from './open-mailboxes.ts'
import { engineContext } from './sync-user.ts'

type VerifySpec = JobSpec & { readonly kind: 'verify-user' }

/** Compares both ends of a user; null when the user is gone. */
export async function verifyUser(
  context: JobContext,
  job: Job,
  { userId, readsData }: VerifySpec,
  control: JobControl,
): Promise<VerifyReport | null> {
  const work = await findWork(context.db, userId)
  if (work === null) return null
  refuseOldLock(job, work)
  const compare = (mailboxes: Mailboxes): Promise<VerifyReport> =>
    verifyMailboxes({
      ...engineContext(context, work, mailboxes, control),
      copy: work.batch.settings.rules,
      onProgress: () => undefined,
      readsData,
    })
  return await withMailboxes(context, work, control, compare, false, 'compare')
}
