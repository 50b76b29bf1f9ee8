import { and, eq, gt, sql } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import { countUsers, type PassPlan, rollUp } from '../../src/domain/batch-action.ts'
import type { PassKind } from '../../src/domain/job.ts'
import { firstUserMove, type UserStatus, userStatuses } from '../../src/domain/user-status.ts'
import type { Database } from '../client.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { chunkRowsMax } from '../rows.ts'
import { batches } from '../schema/batches.ts'
import { users } from '../schema/users.ts'
import type { Moment } from './actions.ts'
import { updateBatch } from './batches.ts'
import { queueUsers, runningUsers, stopUsers } from './passes.ts'
import { countByStatus } from './users.ts'

/** When a batch is looked after whose long action failed half way, because the store did. */
const resumeAfterMs = 60_000

/** For the first write of a long action: what is to be done, and when to see whether it was. */
export const beginLong = (db: Database, batchId: number, unqueued: PassPlan | null, now: number) =>
  updateRow(db, batchId, { unqueued, nextPassAt: now + resumeAfterMs })

/** Nothing of it is left to do. */
export const endLong = (db: Database, batchId: number) => updateRow(db, batchId, { unqueued: null })

const updateRow = updateOf(batches)

/** Goes on with what `beginLong` said; false where nothing is left to do. In the batch's turn. */
export async function resumeLong(db: Database, batch: Batch, moment: Moment): Promise<boolean> {
  const [[row]] = await db.read([selectUnqueued(db, { id: batch.id })])
  if (row?.unqueued) await queueMany(db, batch, row.unqueued, moment.now)
  else if (batch.status === 'stopping') await stopMany(db, batch, moment)
  else return false
  return true
}

const selectUnqueued = prepared((query, { id }: Places<{ id: number }>) =>
  query.select({ unqueued: batches.unqueued }).from(batches).where(eq(batches.id, id)),
)

/** Queues the passes of a plan. Whoever is queued leaves the status that the plan names, so this may begin anew. */
export async function queueMany(db: Database, batch: Batch, plan: PassPlan, now: number): Promise<void> {
  for (const [status, pass] of Object.entries(plan) as [UserStatus, PassKind][]) {
    for await (const ids of chunksOf(db, batch.id, [status]))
      await db.write(queueUsers(db, batch, areAmong(ids), { status, pass, plan, now }))
  }
  const counts = countUsers(await countByStatus(db, batch.id))
  await db.write([updateBatch(db, batch.id, { counts, nextPassAt: null }), endLong(db, batch.id)])
}

/** Users whose job runs now are asked to stop; the others are stopped at once, and their jobs cancelled. */
export async function stopMany(db: Database, batch: Batch, { now, random }: Moment): Promise<void> {
  const runningIds = (await runningUsers(db, batch.id)).map(({ id }) => id)
  for await (const ids of chunksOf(db, batch.id, stoppable))
    await db.write(stopUsers(db, batch.id, runningIds, now, areAmong(ids)))
  const counts = countUsers(await countByStatus(db, batch.id))
  await db.write([updateBatch(db, batch.id, { nextPassAt: null, ...rollUp(batch, counts, now, random) })])
}

const stoppable = userStatuses.filter(
  (status) => firstUserMove(status, ['stop', 'stopped', 'incrementalStopped']) !== null,
)

// One value, so that the text is the same for every chunk.
const areAmong = (ids: readonly number[]) => sql`${users.id} in (select value from json_each(${JSON.stringify(ids)}))`

/** Ids of the users that have one of the statuses, by id; some at a time, as they stand when they are asked for. */
async function* chunksOf(
  db: Database,
  batchId: number,
  statuses: readonly UserStatus[],
): AsyncGenerator<readonly number[]> {
  for (let afterId = 0; ; ) {
    const [rows] = await db.read([selectIds(db, { batchId, afterId, statuses: JSON.stringify(statuses) })])
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ id }) => id)
    afterId = last.id
  }
}

type Chunk = { readonly batchId: number; readonly afterId: number; readonly statuses: string }

const selectIds = prepared((query, { batchId, afterId, statuses }: Places<Chunk>) =>
  query
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.batchId, batchId),
        gt(users.id, afterId),
        sql`${users.status} in (select value from json_each(${statuses}))`,
      ),
    )
    .orderBy(users.id)
    .limit(chunkRowsMax),
)
