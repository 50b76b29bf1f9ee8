import type { Batch } from '../../src/domain/batch.ts'
import {
  afterPlan,
  type BatchChanges,
  countUsers,
  moveCount,
  plannedStatus,
  planPasses,
  planRetry,
  rollUp,
  type UsersByStatus,
} from '../../src/domain/batch-action.ts'
import { type BatchEvent, nextBatchStatus } from '../../src/domain/status.ts'
import type { User } from '../../src/domain/user.ts'
import { firstUserMove, type UserEvent, type UserStatus } from '../../src/domain/user-status.ts'
import type { Database, Statement } from '../client.ts'
import { findBatch, updateBatch } from './batches.ts'
import { queuePass, queuePasses, runningUsers, stopUsers } from './passes.ts'
import { countByStatus, updateUser } from './users.ts'

/** What the world gives to a decision. */
export interface Moment {
  readonly now: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * Takes a batch where `event` leads, and its users with it, in one write. Null: the batch refuses it, nothing is written.
 * `also` is written with it.
 * To be called in the batch's turn: what is read here must still be so when it is written.
 */
export async function actOnBatch(
  db: Database,
  batch: Batch,
  event: BatchEvent,
  moment: Moment,
  also: readonly Statement[] = [],
): Promise<Batch | null> {
  const status = nextBatchStatus(batch.status, event)
  if (status === null) return null
  const users = await countByStatus(db, batch.id)
  const next = { ...batch, status }
  const moves = status === 'stopping' ? await stopping(db, next, users, moment) : asking(db, next, users, event, moment)
  await db.write([...moves, ...also])
  return await findBatch(db, batch.id)
}

const started = (batch: Batch, { now }: Moment): BatchChanges => ({ startedAt: batch.startedAt ?? now })

function asking(db: Database, batch: Batch, users: UsersByStatus, event: BatchEvent, moment: Moment): Statement[] {
  const plan = planPasses(event, batch.status)
  const changes = rollUp(batch, countUsers(afterPlan(users, plan)), moment.now, moment.random)
  const isAsked = Object.keys(plan).length > 0
  const times = isAsked ? started(batch, moment) : {}
  return [
    ...(isAsked ? queuePasses(db, batch, plan, moment.now) : []),
    // What rolls up at once has its next pass from there.
    updateBatch(db, batch.id, { nextPassAt: null, ...times, ...changes }),
  ]
}

/** The counters follow from where each user goes: those that run are still active, as stopping ones. */
async function stopping(db: Database, batch: Batch, users: UsersByStatus, moment: Moment): Promise<Statement[]> {
  const running = await runningUsers(db, batch.id)
  const after = new Map<UserStatus, number>()
  const add = (status: UserStatus, count: number) => after.set(status, (after.get(status) ?? 0) + count)
  const move = (status: UserStatus, count: number, events: readonly UserEvent[]) =>
    add(firstUserMove(status, events) ?? status, count)
  for (const { status } of running) {
    add(status, -1)
    move(status, 1, ['stop'])
  }
  for (const [status, count] of users) {
    const atRest = count - running.filter((user) => user.status === status).length
    add(status, count - atRest)
    move(status, atRest, ['stopped', 'incrementalStopped'])
  }
  const ids = running.map(({ id }) => id)
  const changes = rollUp(batch, countUsers(after), moment.now, moment.random)
  return [...stopUsers(db, batch.id, ids), updateBatch(db, batch.id, { nextPassAt: null, ...changes })]
}

/** Queues one failed or stopped user again, and takes its batch along. False: there is nothing to retry. In the batch's turn. */
export async function retryUserOf(db: Database, batch: Batch, user: User, { now, random }: Moment): Promise<boolean> {
  const isUnderWay =
    batch.status === 'syncing' || batch.status === 'incrementalSyncing' || batch.status === 'completing'
  const status = isUnderWay ? batch.status : nextBatchStatus(batch.status, 'retry')
  const pass = status && planRetry(user.status, status)
  if (!status || !pass) return false
  const to = plannedStatus(user.status, { [user.status]: pass })
  const counts = moveCount(batch.counts, user.status, to)
  await db.write([
    ...queuePass(db, batch, user.id, pass, now),
    updateUser(db, user.id, { status: to, error: null, attempts: 0, retryAt: null }),
    updateBatch(db, batch.id, { nextPassAt: null, ...rollUp({ ...batch, status }, counts, now, random) }),
  ])
  return true
}
