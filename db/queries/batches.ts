import { and, desc, eq, isNotNull, lte, min, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Batch } from '../../src/domain/batch.ts'
import type { BatchChanges } from '../../src/domain/batch-action.ts'
import { consistencies } from '../../src/domain/consistency.ts'
import type { Database, Statement } from '../client.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'
import { users } from '../schema/users.ts'
import { idOf, isNamed } from './endpoints.ts'

export type BatchRow = typeof batches.$inferInsert

const source = alias(endpoints, 'source')
const target = alias(endpoints, 'target')

// What a batch shows of its endpoints, and no more: building a statement costs by the column.
const sourceEnd = { id: source.id, name: source.name, isHome: source.isHome }
const targetEnd = { id: target.id, name: target.name, isHome: target.isHome }

/** Newest first. */
export async function listBatches(db: Database): Promise<readonly Batch[]> {
  const [rows] = await db.read([selectAll(db, {})])
  return rows.map(toBatch)
}

const selectAll = prepared((query) => selectBatches({ query }))

/** A text of digits alone is an id: no batch is named so. */
export async function findBatch(db: Database, nameOrId: string | number): Promise<Batch | null> {
  const id = idOf(nameOrId)
  const select = id === null ? selectByName(db, { name: String(nameOrId) }) : selectById(db, { id })
  const [[row]] = await db.read([select])
  return row ? toBatch(row) : null
}

const selectById = prepared((query, { id }: Places<{ id: number }>) => selectBatches({ query }, eq(batches.id, id)))

const selectByName = prepared((query, { name }: Places<{ name: string }>) =>
  selectBatches({ query }, isNamed(batches, name)),
)

/** Batches for which the clock has something to do by then. */
export async function batchesDue(db: Database, now: number): Promise<readonly Batch[]> {
  const [rows] = await db.read([selectDue(db, { now })])
  return rows.map(toBatch)
}

const selectDue = prepared((query, { now }: Places<{ now: number }>) =>
  selectBatches({ query }, lte(batches.dueAt, now)),
)

/** When the clock has next something to do for any batch, or null. */
export async function nextBatchDueAt(db: Database): Promise<number | null> {
  const [[row]] = await db.read([selectNextDue(db, {})])
  return row?.at ?? null
}

const selectNextDue = prepared((query) =>
  query
    .select({ at: min(batches.dueAt) })
    .from(batches)
    .where(isNotNull(batches.dueAt)),
)

/** Gives the new id. The batch is hidden until `publishBatch`. */
export const insertBatch = (db: Database, row: BatchRow) =>
  db.query.insert(batches).values(row).returning({ id: batches.id })

/** All of its users are written, none is started. */
export const publishBatch = (db: Database, id: number, total: number): Statement =>
  db.query.update(batches).set({ isPublished: true, total, pending: total }).where(eq(batches.id, id))

export const updateBatch = (db: Database, id: number, { counts, ...changes }: BatchChanges): Statement =>
  updateRow(db, id, { ...changes, ...counts })

const updateRow = updateOf(batches)

export const deleteBatch = (db: Database, id: number): Statement => db.query.delete(batches).where(eq(batches.id, id))

/** What a dead process left hidden. */
export async function hiddenBatchIds(db: Database): Promise<readonly number[]> {
  const hidden = db.query.select({ id: batches.id }).from(batches).where(eq(batches.isPublished, false))
  const [rows] = await db.read([hidden])
  return rows.map(({ id }) => id)
}

/** Newest first, as rows for `toBatch`. */
export const selectBatches = (db: Pick<Database, 'query'>, where?: SQL) =>
  db.query
    .select({ batch: batches, source: sourceEnd, target: targetEnd, consistency: worst })
    .from(batches)
    .innerJoin(source, eq(source.id, batches.sourceEndpointId))
    .innerJoin(target, eq(target.id, batches.targetEndpointId))
    .where(and(eq(batches.isPublished, true), where))
    .orderBy(desc(batches.id))

/** One look into an index that ends with the score. */
const worst = sql<
  number | null
>`(select max(${users.consistency}) from ${users} where ${users.batchId} = ${batches.id})`

type End = Pick<typeof endpoints.$inferSelect, 'id' | 'name' | 'isHome'>

interface Row {
  readonly batch: typeof batches.$inferSelect
  readonly source: End
  readonly target: End
  readonly consistency: number | null
}

export const toBatch = ({ batch, source, target, consistency }: Row): Batch => ({
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
  settings: batch.settings,
  startAfter: batch.startAfter,
  completeAfter: batch.completeAfter,
  consistency: consistencies[consistency ?? -1] ?? null,
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
