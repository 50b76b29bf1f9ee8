import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { Fault } from '../src/domain/fault.ts'
import { fromFailure, fromOpenFailure } from './faults.ts'
import { gather, type Settled } from './gather.ts'
import type { Answered, Asked, Outcome, Query, Request, Rows } from './wire.ts'

/** A statement that drizzle built: `db.query.insert(…)`, `db.query.run(sql…)`. */
export type Statement = BatchItem<'sqlite'>

/** The asynchronous door to the one connection, which lives in a Worker. */
export interface Database {
  /** Builds statements, which `read` and `write` run; awaiting one by itself is refused. */
  readonly query: SqliteRemoteDatabase
  /** Several selects of one moment. */
  read<const T extends readonly Statement[]>(statements: T): Promise<BatchResponse<T>>
  /**
   * One transaction: all statements or none, durable when the promise is fulfilled. Raises `store.full` and
   * `store.failed`, `lease.lost` (see `fence`), GuardFailed (see `guard`), ConstraintFailed.
   */
  write<const T extends readonly Statement[]>(statements: T): Promise<BatchResponse<T>>
  /** After all writes that were asked for. The file may then be opened again, by anybody. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** How long another process that holds the file is waited for. */
  readonly lockWaitMs?: number
}

/**
 * Opens or creates the database file and brings it to this release's schema. Raises DatabaseHeld when another process
 * has it open, NewerSchema when it is of a newer release.
 */
export async function openDatabase(path: string, { lockWaitMs = 1000 }: DatabaseOptions = {}): Promise<Database> {
  const worker = startWorker()
  const [opened] = await worker.ask({ kind: 'open', path, lockWaitMs })
  if (opened === undefined || 'failure' in opened) {
    worker.end()
    throw opened ? fromOpenFailure(opened.failure) : new Error('Cannot open the database')
  }
  return createDatabase(worker)
}

function createDatabase(worker: Asker): Database {
  const read = async (queries: readonly Query[]) => resultsOf((await worker.ask({ kind: 'read', queries }))[0])
  const write = gather<readonly Query[], readonly Rows[]>(async (writes) =>
    (await worker.ask({ kind: 'write', writes })).map(settledOf),
  )
  const reader = drizzle(refuse, async (queries) => [...(await read(queries.map(select)))])
  const writer = drizzle(refuse, async (queries) => [...(await write(queries))])
  const close = async () => {
    try {
      await write([])
      await worker.ask({ kind: 'close' })
    } finally {
      worker.end()
    }
  }
  let closed: Promise<void> | null = null
  return {
    query: reader,
    read: (statements) => batch(reader, statements),
    write: (statements) => batch(writer, statements),
    close() {
      closed ??= close()
      return closed
    },
  }
}

/** Drizzle wants a tuple that it knows to hold something; ours may be built at run time. */
async function batch<const T extends readonly Statement[]>(
  database: SqliteRemoteDatabase,
  statements: T,
): Promise<BatchResponse<T>> {
  const [first, ...others] = statements
  const results = first === undefined ? [] : await database.batch([first, ...others])
  return results as BatchResponse<T>
}

/** Reads go around the group commit, so nothing that writes may be among them. */
function select(query: Query): Query {
  if (/^\s*(select|with|explain|pragma)\b/i.test(query.sql)) return query
  throw new Error(`Cannot read by a statement that writes: ${query.sql}`)
}

const refuse = (sql: string): never => {
  throw new Error(`Cannot run a statement outside of read and write: ${sql}`)
}

function resultsOf(outcome: Outcome | undefined): readonly Rows[] {
  if (outcome === undefined || 'failure' in outcome)
    throw outcome ? fromFailure(outcome.failure) : new Error('Cannot read: no answer')
  return outcome.results
}

const settledOf = (outcome: Outcome): Settled<readonly Rows[]> =>
  'failure' in outcome ? { error: fromFailure(outcome.failure) } : { value: outcome.results }

interface Asker {
  ask(request: Request): Promise<readonly Outcome[]>
  end(): void
}

interface Pending {
  readonly resolve: (outcomes: readonly Outcome[]) => void
  readonly reject: (error: Error) => void
}

function startWorker(): Asker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const pending = new Map<number, Pending>()
  let lastId = 0
  let ended: Fault | null = null

  const end = (reason: Fault) => {
    ended = reason
    worker.terminate()
    for (const { reject } of pending.values()) reject(reason)
    pending.clear()
  }
  worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => {
    pending.get(data.id)?.resolve(data.outcomes)
    pending.delete(data.id)
  })
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    end(new Fault('store.failed', `Cannot use the database: its thread ended (${event.message})`))
  })
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended)
        lastId += 1
        pending.set(lastId, { resolve, reject })
        worker.postMessage({ id: lastId, request } satisfies Asked)
      }),
    end: () => end(new Fault('store.failed', 'Cannot use the database: it is closed')),
  }
}
