import { and, asc, gt, lt, min, type SQL, sql } from 'drizzle-orm'
import type { ClaimFilter, Job, JobStore } from '../../src/domain/job.ts'
import type { Database } from '../client.ts'
import { jobs } from '../schema/jobs.ts'
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
      const isOver = lt(jobs.leaseUntil, Math.min(now, Number.MAX_SAFE_INTEGER))
      const rescue = db.query.update(jobs).set({ status: 'queued', leaseUntil: null })
      const [rescued] = await db.write([rescue.where(and(isRunning, isOver)).returning({ id: jobs.id })])
      return rescued.map(({ id }) => id)
    },
    async nextDueAt(after) {
      const isLater = and(isQueued, gt(jobs.runAt, after))
      const [rows] = await db.read([
        db.query
          .select({ at: min(jobs.runAt) })
          .from(jobs)
          .where(isLater),
      ])
      return rows[0]?.at ?? null
    },
    get: async (id) => (await jobsOf(db, [id]))[0] ?? null,
  }
}

// Literals: a partial index is not chosen for a bound parameter.
const isQueued = sql`${jobs.status} = 'queued'`
const isRunning = sql`${jobs.status} = 'running'`

async function jobsOf(db: Database, ids: readonly number[]): Promise<readonly Job[]> {
  const among = sql`${jobs.id} in (select value from json_each(${JSON.stringify(ids)}))`
  const [rows] = await db.read([db.query.select().from(jobs).where(among).orderBy(asc(jobs.id))])
  return rows.map(toJob)
}

/**
 * Claims what there is, in as many rounds as it takes: of several due jobs with one lock a round takes the first, and
 * the unique index on running locks leaves the others in the queue.
 */
async function claim(db: Database, filter: ClaimFilter): Promise<readonly Job[]> {
  const lanes = (await queuedLanes(db)).filter((lane) => hasRoom(lane, filter))
  const claimed: Job[] = []
  while (lanes.length > 0 && claimed.length < filter.limit) {
    const round = await claimRound(db, lanes, { ...filter, limit: filter.limit - claimed.length })
    if (round.length === 0) break
    claimed.push(...round)
  }
  return claimed.sort((a, b) => b.priority - a.priority || a.id - b.id)
}

/** Jumps from lane to lane, so that it costs the same for ten jobs and for 50,000. */
async function queuedLanes(db: Database): Promise<readonly string[]> {
  const next = sql`select min(lane) from ${jobs} indexed by jobs_queue where status = 'queued'`
  const lanes = sql`with recursive lanes(lane) as (
    ${next} union all select (${next} and lane > lanes.lane) from lanes where lane is not null)
    select lane from lanes where lane is not null`
  const [rows] = await db.read([db.query.all<[string]>(lanes)])
  return rows.flat()
}

function hasRoom(lane: string, { fullForInitial, fullForIncremental }: ClaimFilter): boolean {
  const [slot, ...endpointIds] = lane.split('/')
  const full = slot === 'initial' ? fullForInitial : slot === 'incremental' ? fullForIncremental : []
  return !endpointIds.some((id) => full.includes(Number(id)))
}

async function claimRound(db: Database, lanes: readonly string[], filter: ClaimFilter): Promise<readonly Job[]> {
  const [ids] = await db.write([
    db.query.all<[number]>(sql`update or ignore ${jobs}
      set status = 'running', token = token + 1, lease_until = ${filter.now + filter.leaseMs}
      where id in (${dueIds(lanes, filter)}) returning id`),
  ])
  return await jobsOf(db, ids.flat())
}

/** The first due jobs of each lane, and of those the first. */
const dueIds = (lanes: readonly string[], { now, limit }: ClaimFilter): SQL => sql`
  select jobs.id from json_each(${JSON.stringify(lanes)}) as open, json_each((
    select json_group_array(due.id) from (
      select mine.id from ${jobs} as mine indexed by jobs_queue
      where mine.status = 'queued' and mine.lane = open.value and mine.run_at <= ${now}
      and (mine.lock is null or mine.lock not in (
        select lock from ${jobs} where status = 'running' and lock is not null))
      order by mine.priority desc, mine.id limit ${limit}) as due)) as due
  join ${jobs} on jobs.id = due.value order by jobs.priority desc, jobs.id limit ${limit}`
