import { eq, getTableColumns, is, Param, Placeholder, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import type { Database, Statement } from './client.ts'
import type { Query, Rows } from './wire.ts'

/** Where the values of a prepared statement will stand. */
export type Places<Values> = { readonly [Name in keyof Values]: Placeholder<string, Values[Name]> }

/** What drizzle makes of a statement when it is about to run it (its sqlite-proxy/session.js). */
interface Compiled {
  getQuery(): Query
  mapResult(rows: Rows, isFromBatch: boolean): unknown
}

/**
 * A statement that is built at its first use and only given values afterwards: building one takes drizzle longer than
 * SQLite takes to run it.
 */
export function prepared<Values extends object, S extends Statement>(
  build: (query: SqliteRemoteDatabase, places: Places<Values>) => S,
): (db: Pick<Database, 'query'>, values: Values) => S {
  let bind: ((values: Values) => S) | null = null
  return ({ query }, values) => {
    bind ??= binder(build(query, places))
    return bind(values)
  }
}

/** The value of that place as the column keeps it. */
export const stored = <T>(column: SQLiteColumn, place: Placeholder<string, T>): SQL<T> =>
  sql<T>`${sql.param(place, column)}`

/** `update table set … where id = …`, prepared once for each choice of columns. What is undefined is left as it is. */
export function updateOf<T extends SQLiteTable & { readonly id: SQLiteColumn }>(
  table: T,
): (db: Pick<Database, 'query'>, id: number, changes: Partial<T['$inferInsert']>) => Statement {
  const shapes = new Map<string, ReturnType<typeof prepared<Record<string, unknown>, Statement>>>()
  return (db, id, changes) => {
    const names = Object.keys(changes).filter((name) => changes[name as keyof typeof changes] !== undefined)
    const shape = names.join()
    const update = shapes.get(shape) ?? prepared((query) => updateColumns(query, table, names))
    shapes.set(shape, update)
    return update(db, { ...changes, [rowId]: id })
  }
}

/** No column's name. */
const rowId = ' id'

function updateColumns(
  query: SqliteRemoteDatabase,
  table: SQLiteTable & { id: SQLiteColumn },
  names: readonly string[],
) {
  const columns: Record<string, SQLiteColumn> = getTableColumns(table)
  const values = names.map((name) => [name, stored(columns[name] as SQLiteColumn, sql.placeholder(name))])
  return query
    .update(table)
    .set(Object.fromEntries(values))
    .where(eq(table.id, sql.placeholder(rowId)))
}

const places = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) }) as Places<never>

function binder<Values extends object, S extends Statement>(statement: S): (values: Values) => S {
  const compiled = (statement as unknown as { _prepare(): Compiled })._prepare()
  const { sql: text, params, method } = compiled.getQuery()
  const fillers = params.map(filler)
  const mapResult = (rows: Rows, isFromBatch: boolean) => compiled.mapResult(rows, isFromBatch)
  return (values) => {
    const query = { sql: text, params: fillers.map((fill) => fill(values as Record<string, unknown>)), method }
    return { _prepare: () => ({ getQuery: () => query, mapResult }) } as unknown as S
  }
}

type Filler = (values: Readonly<Record<string, unknown>>) => unknown

function filler(param: unknown): Filler {
  if (is(param, Placeholder)) return (values) => values[param.name]
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param
  const { encoder } = param
  const { name } = param.value
  return (values) => {
    const value = values[name] ?? null
    return value === null ? null : encoder.mapToDriverValue(value)
  }
}
