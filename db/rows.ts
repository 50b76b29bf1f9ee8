import { getTableColumns, type InferInsertModel, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database, Statement } from './client.ts'

/** Rows of one transaction, so that a long write lets others pass. */
export const chunkRowsMax = 500

/**
 * One INSERT of many rows, the fastest that libSQL has: `db.query.run(insertRows(users, rows))`. Columns that the first
 * row names are written; the others take their default. Not for BLOBs, nor for text that may hold NUL. May be followed
 * by `on conflict` and `returning`.
 */
export function insertRows<T extends SQLiteTable>(table: T, rows: readonly InferInsertModel<T>[]): SQL {
  const columns = Object.entries<SQLiteColumn>(getTableColumns(table)).filter(([key]) => key in (rows[0] ?? {}))
  const values = rows.map((row) =>
    columns.map(([key, column]) => toDriver(column, (row as Record<string, unknown>)[key])),
  )
  const names = columns.map(([, column]) => sql.identifier(column.name))
  const fields = columns.map((_, index) => sql.raw(`value ->> ${index}`))
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(fields, sql`, `)} from json_each(${JSON.stringify(values)}) where true`
}

/** Parts of at most `chunkRowsMax` rows. */
export function chunks<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const count = Math.ceil(rows.length / chunkRowsMax)
  return Array.from({ length: count }, (_, index) => rows.slice(index * chunkRowsMax, (index + 1) * chunkRowsMax))
}

const toDriver = (column: SQLiteColumn, data: unknown): unknown =>
  data === undefined || data === null ? null : column.mapToDriverValue(data)

export interface LongWrite<Row> {
  readonly rows: readonly Row[]
  /** The statements that write up to `chunkRowsMax` rows; nobody sees them yet, because their parent is hidden. */
  readonly insert: (chunk: readonly Row[]) => readonly Statement[]
  /** Shows the parent. */
  readonly publish: readonly Statement[]
  /** Removes the hidden parent with what was written below it, when a chunk failed. */
  readonly abandon: readonly Statement[]
}

/**
 * Writes more rows than one transaction should hold, below a parent that the caller wrote hidden. What a dead process
 * left hidden is the caller's to remove at start.
 */
export async function writeHidden<Row>(
  db: Database,
  { rows, insert, publish, abandon }: LongWrite<Row>,
): Promise<void> {
  try {
    for (const chunk of chunks(rows)) await db.write(insert(chunk))
    await db.write(publish)
  } catch (error) {
    // The first failure is the one to tell of; what cannot be removed now is hidden and removed at the next start.
    await db.write(abandon).catch(() => undefined)
    throw error
  }
}
