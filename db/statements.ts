import type { File } from './connection.ts'
import type { Query, Rows } from './wire.ts'

type Statement = ReturnType<File['prepare']>

/** Runs queries, and keeps the statements that were compiled for them. */
export interface Statements {
  readonly run: (query: Query) => Rows
}

/** The texts of a migration at work are some fifty; those that grow with a list are let go in turn. */
const keptMax = 300

export function createStatements(file: File): Statements {
  const kept = new Map<string, Statement>()
  const compiled = (sql: string): Statement => {
    const known = kept.get(sql)
    if (known) return known
    const statement = file.prepare(sql)
    if (statement.reader) statement.raw(true)
    // A PRAGMA may act when it is compiled (sqlite.org/pragma.html).
    if (!/^\s*pragma\b/i.test(sql)) keep(kept, sql, statement)
    return statement
  }
  return {
    run({ sql, params, method }) {
      const statement = compiled(sql)
      const values = params.map(toArgument)
      if (!statement.reader) {
        statement.run(values)
        return { rows: [] }
      }
      const rows = statement.all(values)
      return { rows: method === 'get' ? (rows[0] as unknown[]) : rows }
    },
  }
}

function keep(kept: Map<string, Statement>, sql: string, statement: Statement): void {
  kept.set(sql, statement)
  const [oldest] = kept.keys()
  if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
}

/** The native side ends the process over a boolean. */
function toArgument(param: unknown): unknown {
  if (typeof param === 'boolean') return Number(param)
  if (param === undefined) return null
  return param
}
