import type { Database, Statement } from '../../db/client.ts'
import { discardJob, endCancelledJob, retryJob, snoozeJob, succeedJob } from '../../db/stores/job-statements.ts'
import { faultKinds } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { JobEnd, SidedFailure } from '../domain/job-end.ts'
import type { UserError } from '../domain/user.ts'

/** The part of an end's write that is about the job itself; raises `lease.lost` when somebody else holds it. */
export function endJob(db: Database, { id, token }: Job, end: JobEnd): readonly Statement[] {
  const fence = { jobId: id, token }
  if (end.kind === 'succeed') return succeedJob(db, fence)
  if (end.kind === 'retry') return retryJob(db, fence, end.runAt, end.failure)
  if (end.kind === 'snooze') return snoozeJob(db, fence, end.runAt)
  if (end.kind === 'discard') return discardJob(db, fence, end.failure)
  return end.kind === 'cancel' ? endCancelledJob(db, fence) : []
}

/** A failure as a user shows it. */
export function userError({ code, side, message }: SidedFailure, at: number): UserError {
  const { meaning, remedy } = code === 'internal' ? internal : faultKinds[code]
  return { code, side, message, meaning, remedy, at }
}

const internal = {
  meaning: 'Postferry itself failed',
  remedy: 'Look into the log, and report what stands there',
}
