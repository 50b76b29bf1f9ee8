import { and, asc, eq, inArray, isNotNull, lte, min, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Batch } from '../../src/domain/batch.ts'
import type { BatchChanges } from '../../src/domain/batch-action.ts'
import type { BatchStatus } from '../../src/domain/status.ts'
import type { Database, Statement } from '../client.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'
import { isNamed } from './endpoints.ts'

export type BatchRow = typeof batches.$inferInsert

const source = alias(endpoints, 'source')
const target = alias(endpoints, 'target')

/** Newest first. */
export const listBatches = async (db: Database): Promise<readonly Batch[]> =>
  (await selectBatches(db).where(eq(batches.isPublished, true)).orderBy(sql`${batches.id} desc`)).map(toBatch)

/** A text of digits alone is an id: no batch is named so. */
export async function findBatch(db: Database, nameOrId: string | number): Promise<Batch | null> {
  const [row] = await selectBatches(db).where(and(eq(batches.isPublished, true), isNamed(batches, nameOrId)))
  return row ? toBatch(row) : null
}

export async function batchesByStatus(db: Database, statuses: readonly BatchStatus[]): Promise<readonly Batch[]> {
  const where = and(eq(batches.isPublished, true), inArray(batches.status, [...statuses]))
  return (await selectBatches(db).where(where).orderBy(asc(batches.id))).map(toBatch)
}

/** Batches whose next pass is due by then. */
export const batchesDue = async (db: Database, now: number): Promise<readonly Batch[]> =>
  (await selectBatches(db).where(and(eq(batches.isPublished, true), lte(batches.nextPassAt, now)))).map(toBatch)

/** When the next pass of any batch is due, or null. */
export async function nextBatchPassAt(db: Database): Promise<number | null> {
  const [row] = await db.query
    .select({ at: min(batches.nextPassAt) })
    .from(batches)
    .where(isNotNull(batches.nextPassAt))
  return row?.at ?? null
}

/** Gives the new id. The batch is hidden until `publishBatch`. */
export const insertBatch = (db: Database, row: BatchRow) =>
  db.query.insert(batches).values(row).returning({ id: batches.id })

/** All of its users are written, none is started. */
export const publishBatch = (db: Database, id: number, total: number): Statement =>
  db.query.update(batches).set({ isPublished: true, total, pending: total }).where(eq(batches.id, id))

export const updateBatch = (db: Database, id: number, { counts, ...changes }: BatchChanges): Statement =>
  db.query
    .update(batches)
    .set({ ...changes, ...counts })
    .where(eq(batches.id, id))

export const deleteBatch = (db: Database, id: number): Statement => db.query.delete(batches).where(eq(batches.id, id))

/** What a dead process left hidden. */
export async function hiddenBatchIds(db: Database): Promise<readonly number[]> {
  const rows = await db.query.select({ id: batches.id }).from(batches).where(eq(batches.isPublished, false))
  return rows.map(({ id }) => id)
}

const selectBatches = (db: Database) =>
  db.query
    .select({ batch: batches, source, target })
    .from(batches)
    .innerJoin(source, eq(source.id, batches.sourceEndpointId))
    .innerJoin(target, eq(target.id, batches.targetEndpointId))
    .$dynamic()

type Row = Awaited<ReturnType<typeof selectBatches>>[number]

const toBatch = ({ batch, source, target }: Row): Batch => ({
  id: batch.id,
  name: batch.name,
  type: 'imap',
  direction: target.isHome ? 'onboarding' : source.isHome ? 'offboarding' : 'direct',
  status: batch.status,
  sourceEndpointId: source.id,
  sourceEndpointName: source.name,
  targetEndpointId: target.id,
  targetEndpointName: target.name,
  priority: batch.priority,
  incrementalEveryMs: batch.incrementalEveryMs,
  counts: {
    total: batch.total,
    pending: batch.pending,
    active: batch.active,
    synced: batch.synced,
    completed: batch.completed,
    failed: batch.failed,
    stopped: batch.stopped,
  },
  createdAt: batch.createdAt,
  startedAt: batch.startedAt,
  initialSyncedAt: batch.initialSyncedAt,
  lastSyncedAt: batch.lastSyncedAt,
  completedAt: batch.completedAt,
  nextPassAt: batch.nextPassAt,
})
