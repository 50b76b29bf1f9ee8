import { eq, sql } from 'drizzle-orm'
import type { Job, JobFailure, JobSpec, NewJob } from '../../src/domain/job.ts'
import type { Fence } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { fence as holds } from '../guards.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { insertRows } from '../rows.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'

export type JobRow = typeof jobs.$inferSelect

/**
 * New jobs, to be written with what makes them necessary: returns rows `[id]`, in order. Completed jobs of the same
 * users are forgotten, or the table would grow with every pass.
 */
export const enqueueJobs = (db: Database, newJobs: readonly NewJob[]) =>
  [
    db.query.run(sql`delete from ${jobs} where ${jobs.status} = 'completed'
      and ${jobs.userId} in (select value from json_each(${JSON.stringify(newJobs.flatMap(userIdOf))}))`),
    db.query.all<[number]>(sql`${insertRows(jobs, newJobs.map(toRow))} returning ${sql.identifier(jobs.id.name)}`),
  ] as const

/** Each of these ends or changes a job as its holder; raises `lease.lost` when somebody else is. */
export const succeedJob = (db: Database, fence: Fence) => asHolder(db, fence, { status: 'completed', leaseUntil: null })

/** Back to the queue with one attempt more. */
export const retryJob = (db: Database, fence: Fence, runAt: number, failure: JobFailure) => [
  ...asHolder(db, fence, failed(failure)),
  requeueJob(db, { jobId: fence.jobId, runAt, attempts: 1 }),
]

/** Back to the queue as it was. */
export const snoozeJob = (db: Database, fence: Fence, runAt: number) => [
  holds(db, fence),
  requeueJob(db, { jobId: fence.jobId, runAt, attempts: 0 }),
]

export const discardJob = (db: Database, fence: Fence, failure: JobFailure) =>
  asHolder(db, fence, { status: 'discarded', leaseUntil: null, ...failed(failure) })

export const endCancelledJob = (db: Database, fence: Fence) =>
  asHolder(db, fence, { status: 'cancelled', leaseUntil: null })

export const extendLease = (db: Database, fence: Fence, leaseUntil: number) => asHolder(db, fence, { leaseUntil })

/** Queued jobs become cancelled; returns rows `{ id }` of those, then of the running ones. */
export const cancelJobs = (db: Database, ids: readonly number[]) =>
  [
    db.query
      .update(jobs)
      .set({ status: 'cancelled' })
      .where(sql`${jobs.status} = 'queued' and ${isAmong(ids)}`)
      .returning({ id: jobs.id }),
    db.query
      .select({ id: jobs.id })
      .from(jobs)
      .where(sql`${jobs.status} = 'running' and ${isAmong(ids)}`),
  ] as const

/** Cancelled and discarded jobs go back to the queue with no attempts. */
export const requeueJobs = (db: Database, ids: readonly number[], now: number) =>
  db.query
    .update(jobs)
    .set({ ...queued, runAt: now, attempts: 0, failureCode: null, failureScope: null, failureMessage: null })
    .where(sql`${jobs.status} in ('cancelled', 'discarded') and ${isAmong(ids)}`)

export function toJob(row: JobRow): Job {
  const { id, status, priority, attempts, runAt, token, leaseUntil, sourceEndpointId, targetEndpointId, lock } = row
  const spec = toSpec(row)
  return { id, spec, status, priority, attempts, runAt, token, leaseUntil, sourceEndpointId, targetEndpointId, lock }
}

const asHolder = (db: Database, fence: Fence, changes: Partial<JobRow>) => [
  holds(db, fence),
  updateJob(db, fence.jobId, changes),
]

const updateJob = updateOf(jobs)

const requeueJob = prepared(
  (query, { jobId, runAt, attempts }: Places<{ jobId: number; runAt: number; attempts: number }>) =>
    query
      .update(jobs)
      .set({ ...queued, runAt: sql`${runAt}`, attempts: sql`${jobs.attempts} + ${attempts}` })
      .where(eq(jobs.id, jobId)),
)

/** Its user may have been given another target meanwhile. */
const lockNow = sql`coalesce((select ${users.targetMailbox} from ${users} where ${users.id} = ${jobs.userId}), ${jobs.lock})`

const queued = { status: 'queued', leaseUntil: null, lock: lockNow } as const

const failed = ({ code, scope, message }: JobFailure) => ({
  failureCode: code,
  failureScope: scope,
  failureMessage: message,
})

const isAmong = (ids: readonly number[]) => sql`${jobs.id} in (select value from json_each(${JSON.stringify(ids)}))`

const userIdOf = ({ spec }: NewJob): number[] => ('userId' in spec ? [spec.userId] : [])

const toRow = ({ spec, ...job }: NewJob): typeof jobs.$inferInsert => ({
  kind: spec.kind,
  userId: 'userId' in spec ? spec.userId : null,
  batchId: 'batchId' in spec ? spec.batchId : null,
  pass: 'pass' in spec ? spec.pass : null,
  readsData: 'readsData' in spec && spec.readsData,
  ...job,
})

function toSpec({ kind, userId, batchId, pass, readsData, id }: JobRow): JobSpec {
  if (kind === 'remove-batch' && batchId !== null) return { kind, batchId }
  if (kind === 'verify-user' && userId !== null) return { kind, userId, readsData }
  if (kind === 'sync-user' && userId !== null && pass !== null) return { kind, userId, pass }
  throw new Error(`Cannot read the job ${id}: it lacks what a ${kind} needs`)
}
