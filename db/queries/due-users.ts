import { and, eq, gt, inArray, isNull, lte, min } from 'drizzle-orm'
import type { BatchStatus } from '../../src/domain/status.ts'
import type { Database, Statement } from '../client.ts'
import { prepared } from '../prepared.ts'
import { chunkRowsMax } from '../rows.ts'
import { batches } from '../schema/batches.ts'
import { users } from '../schema/users.ts'
import { editBatch } from './batch-edits.ts'

/** In these a user of the batch can be completed alone. */
const open: readonly BatchStatus[] = ['syncing', 'synced', 'syncedWithErrors', 'incrementalSyncing', 'completing']

const areReady = and(eq(users.status, 'synced'), inArray(batches.status, [...open]))

/** Some of the users whose own time to be completed has come. */
export async function usersDue(db: Database, now: number): Promise<readonly { id: number; batchId: number }[]> {
  const due = db.query
    .select({ id: users.id, batchId: users.batchId })
    .from(users)
    .innerJoin(batches, eq(batches.id, users.batchId))
    .where(and(lte(users.completeAfter, now), areReady))
    .limit(chunkRowsMax)
  return (await db.read([due]))[0]
}

/** When the next user who has a time of its own is to be completed, or null. */
export async function nextUserDueAt(db: Database): Promise<number | null> {
  const [[row]] = await db.read([selectNext(db, {})])
  return row?.at ?? null
}

const selectNext = prepared((query) =>
  query
    .select({ at: min(users.completeAfter) })
    .from(users)
    .innerJoin(batches, eq(batches.id, users.batchId))
    .where(areReady),
)

/** Whether a user of the batch is to be completed later than the batch. */
export async function hasLaterUsers(db: Database, batchId: number, now: number): Promise<boolean> {
  const later = and(eq(users.batchId, batchId), gt(users.completeAfter, now))
  const [rows] = await db.read([db.query.select({ id: users.id }).from(users).where(later).limit(1)])
  return rows.length > 0
}

/** From now on each user of the batch is completed by a time of its own: those that have none take the batch's. */
export const completeOneByOne = (db: Database, batchId: number, completeAfter: number): readonly Statement[] => [
  db.query
    .update(users)
    .set({ completeAfter })
    .where(and(eq(users.batchId, batchId), isNull(users.completeAfter))),
  editBatch(db, batchId, { completeAfter: null }),
]
