import { and, count, eq, gt, isNull, max, min, notInArray, sql } from 'drizzle-orm'
import type { BatchStatus } from '../../src/domain/status.ts'
import type { Database, Statement } from '../client.ts'
import { updateOf } from '../prepared.ts'
import { chunkRowsMax } from '../rows.ts'
import { batches } from '../schema/batches.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'

/** What an admin may set of a batch; what is undefined stays. */
export type BatchEdit = Partial<
  Pick<
    typeof batches.$inferInsert,
    | 'name'
    | 'incrementalEveryMs'
    | 'settings'
    | 'startAfter'
    | 'completeAfter'
    | 'nextPassAt'
    | 'sourceEndpointId'
    | 'targetEndpointId'
    | 'priority'
  >
>

const updateRow = updateOf(batches)

export const editBatch = (db: Database, id: number, edit: BatchEdit): Statement => updateRow(db, id, edit)

/** Batches in these are history: they do not count as open. */
const ended: readonly BatchStatus[] = ['completed', 'completedWithErrors', 'removing']

export async function countOpenBatches(db: Database): Promise<number> {
  const open = and(eq(batches.isPublished, true), notInArray(batches.status, [...ended]))
  const [[row]] = await db.read([db.query.select({ open: count() }).from(batches).where(open)])
  return row?.open ?? 0
}

/** The highest and the lowest priority of all batches. */
export async function priorityRange(db: Database): Promise<{ readonly highest: number; readonly lowest: number }> {
  const range = { highest: max(batches.priority), lowest: min(batches.priority) }
  const [[row]] = await db.read([db.query.select(range).from(batches)])
  return { highest: row?.highest ?? 0, lowest: row?.lowest ?? 0 }
}

/** Gives a batch a priority, and then its queued jobs, some at a time. What is queued meanwhile has it already. */
export async function setPriority(db: Database, batchId: number, priority: number): Promise<void> {
  await db.write([editBatch(db, batchId, { priority })])
  await eachChunk(db, batchId, async (ids) => {
    const waiting = and(eq(jobs.status, 'queued'), areAmong(jobs.userId, ids))
    await db.write([db.query.update(jobs).set({ priority }).where(waiting)])
  })
}

/** How many users of a batch have no password of their own for that side. */
export async function usersWithoutPassword(db: Database, batchId: number, side: 'source' | 'target'): Promise<number> {
  const password = side === 'source' ? users.sourcePassword : users.targetPassword
  const lacking = and(eq(users.batchId, batchId), isNull(password))
  const [[row]] = await db.read([db.query.select({ users: count() }).from(users).where(lacking)])
  return row?.users ?? 0
}

/**
 * Tells every user of a batch which mailbox it writes to. To be written together, and with the batch's new target: who
 * had another's mailbox would never be let in.
 */
export async function renameTargets(
  db: Database,
  batchId: number,
  mailboxOf: (targetUserName: string) => string,
): Promise<readonly Statement[]> {
  const { id, targetUserName } = users
  const statements: Statement[] = []
  await eachChunk(db, batchId, async (ids) => {
    const [rows] = await db.read([db.query.select({ id, targetUserName }).from(users).where(areAmong(id, ids))])
    const names = JSON.stringify(Object.fromEntries(rows.map((row) => [row.id, mailboxOf(row.targetUserName)])))
    const targetMailbox = sql`${names} ->> ('$."' || ${users.id} || '"')`
    statements.push(db.query.update(users).set({ targetMailbox }).where(areAmong(id, ids)))
  })
  return statements
}

async function eachChunk(db: Database, batchId: number, use: (ids: readonly number[]) => Promise<void>): Promise<void> {
  for (let afterId = 0; ; ) {
    const { id } = users
    const next = and(eq(users.batchId, batchId), gt(id, afterId))
    const [rows] = await db.read([db.query.select({ id }).from(users).where(next).orderBy(id).limit(chunkRowsMax)])
    const last = rows.at(-1)
    if (last === undefined) return
    await use(rows.map((row) => row.id))
    afterId = last.id
  }
}

const areAmong = (column: typeof users.id | typeof jobs.userId, ids: readonly number[]) =>
  sql`${column} in (select value from json_each(${JSON.stringify(ids)}))`
