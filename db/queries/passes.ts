import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import { type PassPlan, plannedStatus } from '../../src/domain/batch-action.ts'
import type { PassKind } from '../../src/domain/job.ts'
import { firstUserMove, type UserEvent, type UserStatus, userStatuses } from '../../src/domain/user-status.ts'
import type { Database, Statement } from '../client.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'
import { enterPhase } from './phases.ts'

/** Moves the users of a batch as planned, and queues a job for each of them. */
export const queuePasses = (db: Database, batch: Batch, plan: PassPlan, now: number): readonly Statement[] =>
  (Object.entries(plan) as [UserStatus, PassKind][]).flatMap(([status, pass]) =>
    queueUsers(db, batch, undefined, { status, pass, plan, now }),
  )

interface Queued {
  /** Of the users, before. */
  readonly status: UserStatus
  readonly pass: PassKind
  readonly plan: PassPlan
  readonly now: number
}

/**
 * Queues that pass for those users of a batch which have the status, and moves them as planned. What was queued for them
 * before is cancelled; what has ended is forgotten.
 */
export function queueUsers(
  db: Database,
  batch: Batch,
  which: SQL | undefined,
  { status, pass, plan, now }: Queued,
): readonly Statement[] {
  const ofStatus = and(eq(users.status, status), which)
  return [
    forgetEndedJobs(db, batch.id, ofStatus),
    cancelQueued(db, batch.id, ofStatus),
    queueJobs(db, batch, ofStatus, pass, now),
    db.query
      .update(users)
      .set({
        status: plannedStatus(status, plan),
        error: null,
        attempts: 0,
        retryAt: null,
        ...enterPhase('queued', now),
      })
      .where(and(eq(users.batchId, batch.id), ofStatus)),
  ]
}

/** A pass for one user, at once. */
export function queuePass(db: Database, batch: Batch, userId: number, pass: PassKind, now: number): Statement[] {
  const isUser = eq(users.id, userId)
  return [cancelQueued(db, batch.id, isUser), queueJobs(db, batch, isUser, pass, now)]
}

/** Users whose job runs now are asked to stop; the others are stopped at once, and their jobs cancelled. */
export function stopUsers(
  db: Database,
  batchId: number,
  runningIds: readonly number[],
  now: number,
  which?: SQL,
): readonly Statement[] {
  const isRunning = sql`${users.id} in (select value from json_each(${JSON.stringify(runningIds)}))`
  return [
    cancelQueued(db, batchId, which),
    moveUsers(db, batchId, ['stop'], and(isRunning, which)),
    moveUsers(
      db,
      batchId,
      ['stopped', 'incrementalStopped'],
      and(sql`not (${isRunning})`, which),
      enterPhase(null, now),
    ),
  ]
}

/** Moves users by the table: each by the first of the events that its status takes. */
export function moveUsers(
  db: Database,
  batchId: number,
  events: readonly UserEvent[],
  where?: SQL,
  phase: Partial<ReturnType<typeof enterPhase>> = {},
): Statement {
  const moves = userStatuses.flatMap((from) => {
    const to = firstUserMove(from, events)
    return to === null || to === from ? [] : [{ from, to }]
  })
  const cases = moves.map(({ from, to }) => sql`when ${users.status} = ${from} then ${to}`)
  return db.query
    .update(users)
    .set({ status: sql`case ${sql.join(cases, sql` `)} end`, retryAt: null, ...phase })
    .where(
      and(
        eq(users.batchId, batchId),
        inArray(
          users.status,
          moves.map(({ from }) => from),
        ),
        where,
      ),
    )
}

/** Users of a batch with a pass under way at this moment. */
export async function runningUsers(db: Database, batchId: number) {
  const running = db.query
    .select({ id: users.id, status: users.status })
    .from(jobs)
    .innerJoin(users, eq(users.id, jobs.userId))
    .where(and(eq(users.batchId, batchId), eq(jobs.kind, 'sync-user'), eq(jobs.status, 'running')))
  return (await db.read([running]))[0]
}

/** Users of a batch with any job under way at this moment. */
export async function busyUserIds(db: Database, batchId: number): Promise<readonly number[]> {
  const busy = db.query
    .select({ id: users.id })
    .from(jobs)
    .innerJoin(users, eq(users.id, jobs.userId))
    .where(and(eq(users.batchId, batchId), eq(jobs.status, 'running')))
  const [rows] = await db.read([busy])
  return rows.map(({ id }) => id)
}

/** Whether the job that removes the batch waits or runs. */
export async function hasRemoval(db: Database, batchId: number): Promise<boolean> {
  const removals = db.query
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.kind, 'remove-batch'), eq(jobs.batchId, batchId), inArray(jobs.status, ['queued', 'running'])))
  const [rows] = await db.read([removals])
  return rows.length > 0
}

/** Cancels jobs of any kind that wait for users of a batch. */
export const cancelQueuedJobs = (db: Database, batchId: number): Statement =>
  db.query
    .update(jobs)
    .set({ status: 'cancelled' })
    .where(and(eq(jobs.status, 'queued'), inArray(jobs.userId, idsOf(db, batchId))))

/** Cancels the passes that wait for one user. */
export const cancelJobsOf = (db: Database, batchId: number, userId: number): Statement =>
  cancelQueued(db, batchId, eq(users.id, userId))

/** Ended jobs tell nothing that the users do not tell. */
const forgetEndedJobs = (db: Database, batchId: number, which: SQL | undefined): Statement =>
  db.query
    .delete(jobs)
    .where(
      and(
        inArray(jobs.status, ['completed', 'discarded', 'cancelled']),
        eq(jobs.kind, 'sync-user'),
        inArray(jobs.userId, idsOf(db, batchId, which)),
      ),
    )

const cancelQueued = (db: Database, batchId: number, where?: SQL): Statement =>
  db.query
    .update(jobs)
    .set({ status: 'cancelled' })
    .where(and(eq(jobs.status, 'queued'), eq(jobs.kind, 'sync-user'), inArray(jobs.userId, idsOf(db, batchId, where))))

/** A row for each of perhaps 50,000 users: one statement makes them all. */
const queueJobs = (db: Database, batch: Batch, which: SQL | undefined, pass: PassKind, now: number): Statement =>
  db.query.run(sql`insert into ${jobs} (kind, user_id, pass, priority, run_at, source_endpoint_id, target_endpoint_id, lock)
    select 'sync-user', ${users.id}, ${pass}, ${batch.priority}, max(${now}, coalesce(${users.startAfter}, 0)), ${batch.sourceEndpointId},
      ${batch.targetEndpointId}, ${users.targetMailbox}
    from ${users} where ${and(eq(users.batchId, batch.id), which)} order by ${users.id}`)

const idsOf = (db: Database, batchId: number, where?: SQL) =>
  db.query
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.batchId, batchId), where))
