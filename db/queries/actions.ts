import type { Batch } from '../../src/domain/batch.ts'
import {
  afterPlan,
  type BatchChanges,
  countUsers,
  type PassPlan,
  planPasses,
  rollUp,
  type UsersByStatus,
} from '../../src/domain/batch-action.ts'
import { type BatchEvent, nextBatchStatus } from '../../src/domain/status.ts'
import type { UserStatus } from '../../src/domain/user-status.ts'
import type { Database, Statement } from '../client.ts'
import { chunkRowsMax } from '../rows.ts'
import { findBatch, updateBatch } from './batches.ts'
import { beginLong, endLong, queueMany, resumeLong, stopMany } from './long-actions.ts'
import { queuePasses } from './passes.ts'
import { countByStatus } from './users.ts'

/** What the world gives to a decision. */
export interface Moment {
  readonly now: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * Takes a batch where `event` leads, and its users with it: in one write, or where they are many, in as many as it takes
 * after one that says so. Null: the batch refuses it, nothing is written. `also` is written with the first.
 * To be called in the batch's turn: what is read here must still be so when it is written.
 */
export async function actOnBatch(
  db: Database,
  batch: Batch,
  event: BatchEvent,
  moment: Moment,
  also: readonly Statement[] = [],
): Promise<Batch | null> {
  if (event === 'passDue' && (await resumeLong(db, batch, moment))) return await findBatch(db, batch.id)
  const status = nextBatchStatus(batch.status, event)
  if (status === null) return null
  const next = { ...batch, status }
  if (status === 'stopping') await stop(db, next, moment, also)
  else await ask(db, next, event, moment, also)
  return await findBatch(db, batch.id)
}

async function ask(
  db: Database,
  batch: Batch,
  event: BatchEvent,
  moment: Moment,
  also: readonly Statement[],
): Promise<void> {
  const users = await countByStatus(db, batch.id)
  const plan = only(planPasses(event, batch.status), users)
  const asked = [...users].filter(([status]) => plan[status]).reduce((sum, [, count]) => sum + count, 0)
  if (asked <= chunkRowsMax) {
    await db.write([...asking(db, batch, users, event, moment), endLong(db, batch.id), ...also])
    return
  }
  await db.write([
    updateBatch(db, batch.id, { ...started(batch, moment), ...rolledUp(batch, users, plan, moment) }),
    beginLong(db, batch.id, plan, moment.now),
    ...also,
  ])
  await queueMany(db, batch, plan, moment.now)
}

async function stop(db: Database, batch: Batch, moment: Moment, also: readonly Statement[]): Promise<void> {
  const { status } = batch
  await db.write([updateBatch(db, batch.id, { status }), beginLong(db, batch.id, null, moment.now), ...also])
  await stopMany(db, batch, moment)
}

/** Starts a batch that is made in the same write, with all of its users. */
export function startNew(db: Database, batch: Batch, moment: Moment): readonly Statement[] {
  const status = nextBatchStatus(batch.status, 'start') ?? batch.status
  return asking(db, { ...batch, status }, new Map([['created', batch.counts.total]]), 'start', moment)
}

const started = (batch: Batch, { now }: Moment): BatchChanges => ({ startedAt: batch.startedAt ?? now })

function asking(db: Database, batch: Batch, users: UsersByStatus, event: BatchEvent, moment: Moment): Statement[] {
  // Where nobody stands, nobody is moved.
  const plan = only(planPasses(event, batch.status), users)
  const changes = rolledUp(batch, users, plan, moment)
  const isAsked = Object.keys(plan).length > 0
  const times = isAsked ? started(batch, moment) : {}
  return [
    ...(isAsked ? queuePasses(db, batch, plan, moment.now) : []),
    // What rolls up at once has its next pass from there.
    updateBatch(db, batch.id, { nextPassAt: null, ...times, ...changes }),
  ]
}

const rolledUp = (batch: Batch, users: UsersByStatus, plan: PassPlan, { now, random }: Moment): BatchChanges =>
  rollUp(batch, countUsers(afterPlan(users, plan)), now, random)

const only = (plan: PassPlan, users: UsersByStatus): PassPlan =>
  Object.fromEntries(Object.entries(plan).filter(([status]) => users.has(status as UserStatus)))
