import { closeSync, existsSync, openSync } from 'node:fs'
import Sqlite from 'libsql'
import { type Ballast, createBallast } from './ballast.ts'
import { toFailure } from './faults.ts'
import { migrate } from './migrate.ts'
import { createStatements, type Statements } from './statements.ts'
import type { Outcome, Query, Rows } from './wire.ts'

/** The only connection to the file. It blocks the thread that calls it: it lives in a Worker. */
export interface Connection {
  read(queries: readonly Query[]): Outcome
  /** All writes in one transaction; when it fails, each in its own, so that one of them hurts no other. */
  write(writes: readonly (readonly Query[])[]): readonly Outcome[]
  close(): void
}

/** What `libsql` opens: SQLite under the API of better-sqlite3. */
export type File = Sqlite.Database

interface Open {
  readonly file: File
  readonly statements: Statements
  readonly ballast: Ballast
}

/**
 * Opens or creates the file and takes it for this process alone: SQLite 3.45 can corrupt a WAL that two connections
 * write to, so there is one connection, and its exclusive lock refuses every other process.
 */
export function connect(path: string, lockWaitMs: number): Connection {
  // Closing any descriptor of a file drops all locks which the process has on it: only a new file is touched here.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const file = new Sqlite(path, { timeout: lockWaitMs })
  try {
    configure(file)
    file.exec('PRAGMA busy_timeout = 5000')
    migrate(file)
  } catch (error) {
    giveUp(file, error)
  }
  const open = { file, statements: createStatements(file), ballast: createBallast(`${path}-ballast`) }
  return {
    read: (queries) => read(open, queries),
    write: (writes) => write(open, writes),
    close: () => close(file),
  }
}

/** What another process holds is left alone; what we hold is given back. */
function giveUp(file: File, error: unknown): never {
  if (toFailure(error).code === 'SQLITE_BUSY') file.close()
  else {
    try {
      close(file)
    } catch {
      // The first failure is the one to tell of.
    }
  }
  throw error
}

function configure(file: File): void {
  // Before the first look into the file, so that the WAL's index needs no shared memory.
  file.exec('PRAGMA locking_mode = EXCLUSIVE')
  file.exec('PRAGMA journal_mode = WAL')
  file.exec('PRAGMA synchronous = FULL')
  file.exec('PRAGMA foreign_keys = ON')
  // The lock is taken by the first transaction, and kept.
  file.exec('BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_schema; COMMIT')
}

/**
 * Gives the file back whole: without a WAL beside it, and unlocked. Closing alone does not unlock it, since libsql keeps
 * the connection as long as a statement of it was not collected.
 */
function close(file: File): void {
  try {
    // A WAL that was begun in exclusive mode has to be left before the mode can be (sqlite.org/pragma.html#pragma_locking_mode).
    file.exec('PRAGMA journal_mode = DELETE')
    file.exec('PRAGMA locking_mode = NORMAL')
    file.exec('SELECT count(*) FROM sqlite_schema')
  } finally {
    file.close()
  }
}

/** All of one moment: nobody writes meanwhile, because nothing else runs on this thread. */
function read({ statements }: Open, queries: readonly Query[]): Outcome {
  try {
    return { results: queries.map(statements.run) }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}

function write(open: Open, writes: readonly (readonly Query[])[]): readonly Outcome[] {
  try {
    const outcomes = transact(open, writes)
    open.ballast.keep()
    return outcomes
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code === 'SQLITE_FULL' && open.ballast.free()) return write(open, writes)
    if (writes.length === 1) return [{ failure }]
    return writes.flatMap((one) => write(open, [one]))
  }
}

function transact({ file, statements }: Open, writes: readonly (readonly Query[])[]): readonly Outcome[] {
  const outcomes: { results: readonly Rows[] }[] = []
  file.exec('BEGIN IMMEDIATE')
  try {
    for (const queries of writes) outcomes.push({ results: queries.map(statements.run) })
    file.exec('COMMIT')
    return outcomes
  } finally {
    // Some failures undo the transaction by themselves (sqlite.org/lang_transaction.html, "Response To Errors").
    if (file.inTransaction) file.exec('ROLLBACK')
  }
}
