import { and, eq } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import { moveCount, plannedStatus, rollUp } from '../../src/domain/batch-action.ts'
import type { User } from '../../src/domain/user.ts'
import type { UserPlan } from '../../src/domain/user-action.ts'
import { firstUserMove, userSummary } from '../../src/domain/user-status.ts'
import type { Database } from '../client.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'
import type { Moment } from './actions.ts'
import { updateBatch } from './batches.ts'
import { cancelJobsOf, queuePass } from './passes.ts'
import { moveToPhase } from './phases.ts'
import { updateUser } from './users.ts'

/** Queues the pass of one user, and takes its batch along. In the batch's turn. */
export async function beginUser(db: Database, batch: Batch, user: User, plan: UserPlan, moment: Moment): Promise<void> {
  const to = plannedStatus(user.status, { [user.status]: plan.pass })
  const counts = moveCount(batch.counts, user.status, to)
  const own = { ...batch, status: plan.batch }
  await db.write([
    ...queuePass(db, batch, user.id, plan.pass, moment.now),
    updateUser(db, user.id, { status: to, error: null, attempts: 0, retryAt: null }),
    moveToPhase(db, { userId: user.id, phase: 'queued', now: moment.now }),
    updateBatch(db, batch.id, {
      ...(plan.batch === batch.status ? {} : { nextPassAt: null }),
      startedAt: batch.startedAt ?? moment.now,
      ...rollUp(own, counts, moment.now, moment.random),
    }),
  ])
}

/**
 * Stops one user: at once where no job of it runs, else it is stopping until that job has ended. Null: there is nothing
 * to stop. In the batch's turn.
 */
export async function stopUser(
  db: Database,
  batch: Batch,
  user: User,
  moment: Moment,
): Promise<'stopped' | 'stopping' | null> {
  const isRunning = await hasRunningJob(db, user.id)
  const to = firstUserMove(user.status, isRunning ? ['stop'] : ['stopped', 'incrementalStopped'])
  if (to === null) return null
  const counts = moveCount(batch.counts, user.status, to)
  await db.write([
    cancelJobsOf(db, batch.id, user.id),
    updateUser(db, user.id, { status: to, retryAt: null }),
    ...(isRunning ? [] : [moveToPhase(db, { userId: user.id, phase: null, now: moment.now })]),
    updateBatch(db, batch.id, rollUp(batch, counts, moment.now, moment.random)),
  ])
  return isRunning ? 'stopping' : 'stopped'
}

/** Takes one user out of its batch; a job of it that runs finds nobody at its end. In the batch's turn. */
export async function removeUser(db: Database, batch: Batch, user: User, { now, random }: Moment): Promise<void> {
  const summary = userSummary[user.status]
  const counts = { ...batch.counts, total: batch.counts.total - 1, [summary]: batch.counts[summary] - 1 }
  await db.write([
    db.query.delete(jobs).where(and(eq(jobs.userId, user.id), eq(jobs.status, 'queued'))),
    db.query.delete(users).where(eq(users.id, user.id)),
    updateBatch(db, batch.id, rollUp(batch, counts, now, random)),
  ])
}

async function hasRunningJob(db: Database, userId: number): Promise<boolean> {
  const running = and(eq(jobs.userId, userId), eq(jobs.kind, 'sync-user'), eq(jobs.status, 'running'))
  const [rows] = await db.read([db.query.select({ id: jobs.id }).from(jobs).where(running).limit(1)])
  return rows.length > 0
}
