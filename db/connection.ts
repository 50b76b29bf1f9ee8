import { closeSync, existsSync, openSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type Client, createClient, type InValue, type ResultSet } from '@libsql/client'
import { type Ballast, createBallast } from './ballast.ts'
import { toFailure } from './faults.ts'
import { migrate } from './migrate.ts'
import type { Outcome, Query, Rows } from './wire.ts'

/** The only connection to the file. Calls are synchronous inside, whatever their promises say: it lives in a Worker. */
export interface Connection {
  read(queries: readonly Query[]): Promise<Outcome>
  /** All writes in one transaction; when it fails, each in its own, so that one of them hurts no other. */
  write(writes: readonly (readonly Query[])[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}

/**
 * Opens or creates the file and takes it for this process alone: SQLite 3.45 can corrupt a WAL that two connections
 * write to, so there is one connection, and its exclusive lock refuses every other process.
 */
export async function connect(path: string, lockWaitMs: number): Promise<Connection> {
  // Closing any descriptor of a file drops all locks which the process has on it: only a new file is touched here.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const client = createClient({ url: pathToFileURL(path).href, timeout: lockWaitMs, concurrency: 1 })
  try {
    await configure(client)
    await client.execute('PRAGMA busy_timeout = 5000')
    await migrate(client)
  } catch (error) {
    await giveUp(client, error)
  }
  const ballast = createBallast(`${path}-ballast`)
  return {
    read: (queries) => read(client, queries),
    write: (writes) => write(client, ballast, writes),
    close: () => close(client),
  }
}

/** What another process holds is left alone; what we hold is given back. */
async function giveUp(client: Client, error: unknown): Promise<never> {
  if (toFailure(error).code === 'SQLITE_BUSY') client.close()
  else await close(client).catch(() => undefined)
  throw error
}

async function configure(client: Client): Promise<void> {
  // Before the first look into the file, so that the WAL's index needs no shared memory.
  await client.execute('PRAGMA locking_mode = EXCLUSIVE')
  await client.execute('PRAGMA journal_mode = WAL')
  await client.execute('PRAGMA synchronous = FULL')
  await client.execute('PRAGMA foreign_keys = ON')
  // The lock is taken by the first transaction, and kept.
  await client.batch(['SELECT count(*) FROM sqlite_schema'], 'write')
}

/**
 * Gives the file back whole: without a WAL beside it, and unlocked. Closing alone does not unlock it, since libsql keeps
 * the connection as long as a statement of it was not collected.
 */
async function close(client: Client): Promise<void> {
  try {
    // A WAL that was begun in exclusive mode has to be left before the mode can be (sqlite.org/pragma.html#pragma_locking_mode).
    await client.execute('PRAGMA journal_mode = DELETE')
    await client.execute('PRAGMA locking_mode = NORMAL')
    await client.execute('SELECT count(*) FROM sqlite_schema')
  } finally {
    client.close()
  }
}

async function read(client: Client, queries: readonly Query[]): Promise<Outcome> {
  try {
    return { results: await run(client, queries, 'read') }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}

async function write(
  client: Client,
  ballast: Ballast,
  writes: readonly (readonly Query[])[],
): Promise<readonly Outcome[]> {
  try {
    const outcomes = share(await run(client, writes.flat(), 'write'), writes)
    ballast.keep()
    return outcomes
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code === 'SQLITE_FULL' && ballast.free()) return await write(client, ballast, writes)
    // A failed rollback makes the client connect anew, without our settings.
    const broken = await configure(client).then(() => null, toFailure)
    if (broken !== null || writes.length === 1) return writes.map(() => ({ failure: broken ?? failure }))
    const outcomes: Outcome[] = []
    for (const one of writes) outcomes.push(...(await write(client, ballast, [one])))
    return outcomes
  }
}

/** The results of a gathered transaction, each to the write it belongs to. */
function share(results: readonly Rows[], writes: readonly (readonly Query[])[]): readonly Outcome[] {
  let from = 0
  return writes.map((queries) => {
    const to = from + queries.length
    const mine = { results: results.slice(from, to) }
    from = to
    return mine
  })
}

async function run(client: Client, queries: readonly Query[], mode: 'read' | 'write'): Promise<readonly Rows[]> {
  const results = await client.batch(
    queries.map(({ sql, params }) => ({ sql, args: params.map(toArgument) })),
    mode,
  )
  return results.map((result, index) => toRows(result, queries[index]?.method))
}

// The native side takes a Uint8Array for all of its buffer.
const toArgument = (param: unknown): InValue =>
  param instanceof Uint8Array ? param.slice().buffer : (param as InValue)

function toRows({ rows, columns }: ResultSet, method: Query['method'] | undefined): Rows {
  const lists = rows.map((row) => columns.map((_, column) => row[column]))
  return { rows: method === 'get' ? (lists[0] as unknown[]) : lists }
}
