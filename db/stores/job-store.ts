import { and, asc, gt, lt, min, sql } from 'drizzle-orm'
import type { Job, JobStore } from '../../src/domain/job.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { jobs } from '../schema/jobs.ts'
import { claim } from './claims.ts'
import {
  cancelJobs,
  discardJob,
  endCancelledJob,
  enqueueJobs,
  extendLease,
  requeueJobs,
  retryJob,
  snoozeJob,
  succeedJob,
  toJob,
} from './job-statements.ts'

/** The queue on libSQL. */
export function createJobStore(db: Database): JobStore {
  const done = async (statements: Parameters<Database['write']>[0]): Promise<void> => {
    await db.write(statements)
  }
  return {
    async enqueue(newJobs) {
      if (newJobs.length === 0) return []
      const [, ids] = await db.write(enqueueJobs(db, newJobs))
      return await jobsOf(db, ids.flat())
    },
    claim: (filter) => claim(db, filter),
    heartbeat: (fence, leaseUntil) => done(extendLease(db, fence, leaseUntil)),
    succeed: (fence) => done(succeedJob(db, fence)),
    retry: (fence, runAt, failure) => done(retryJob(db, fence, runAt, failure)),
    snooze: (fence, runAt) => done(snoozeJob(db, fence, runAt)),
    discard: (fence, failure) => done(discardJob(db, fence, failure)),
    async cancel(ids) {
      const [cancelled, running] = await db.write(cancelJobs(db, ids))
      return { cancelled: cancelled.map(({ id }) => id), running: running.map(({ id }) => id) }
    },
    cancelled: (fence) => done(endCancelledJob(db, fence)),
    requeue: (ids, now) => done([requeueJobs(db, ids, now)]),
    async rescue(now) {
      const [rescued] = await db.write([rescueJobs(db, { now: Math.min(now, Number.MAX_SAFE_INTEGER) })])
      return rescued.map(({ id }) => id)
    },
    async nextDueAt(after) {
      const [rows] = await db.read([selectNextDue(db, { after })])
      return rows[0]?.at ?? null
    },
    get: async (id) => (await jobsOf(db, [id]))[0] ?? null,
  }
}

// Literals: a partial index is not chosen for a bound parameter.
const isQueued = sql`${jobs.status} = 'queued'`
const isRunning = sql`${jobs.status} = 'running'`

const rescueJobs = prepared((query, { now }: Places<{ now: number }>) =>
  query
    .update(jobs)
    .set({ status: 'queued', leaseUntil: null })
    .where(and(isRunning, lt(jobs.leaseUntil, now)))
    .returning({ id: jobs.id }),
)

const selectNextDue = prepared((query, { after }: Places<{ after: number }>) =>
  query
    .select({ at: min(jobs.runAt) })
    .from(jobs)
    .where(and(isQueued, gt(jobs.runAt, after))),
)

async function jobsOf(db: Database, ids: readonly number[]): Promise<readonly Job[]> {
  const among = sql`${jobs.id} in (select value from json_each(${JSON.stringify(ids)}))`
  const [rows] = await db.read([db.query.select().from(jobs).where(among).orderBy(asc(jobs.id))])
  return rows.map(toJob)
}
