import { Fault } from '../src/domain/fault.ts'

/** What a failure of libSQL becomes on its way between threads: errors lose their class there. */
export interface Failure {
  /** SQLITE_FULL, SQLITE_CONSTRAINT …; NewerSchema; empty for a mistake of ours. */
  readonly code: string
  readonly message: string
}

/** Another process has the data folder open. */
export class DatabaseHeld extends Error {
  override readonly name = 'DatabaseHeld'
}

/** The file was written by a newer release. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema'
}

/** A `guard` of a write did not hold: nothing was written, somebody was quicker. */
export class GuardFailed extends Error {
  override readonly name = 'GuardFailed'
}

/** A UNIQUE or FOREIGN KEY constraint refused a write: nothing was written. */
export class ConstraintFailed extends Error {
  override readonly name = 'ConstraintFailed'
  /** As SQLite says it: `batches.name`, or empty for a foreign key. */
  readonly columns: string

  constructor(message: string) {
    super(message)
    this.columns = /UNIQUE constraint failed: (.+)$/.exec(message)?.[1] ?? ''
  }
}

/** Failures of the disk or the file: not ours, and over when the disk is well again. */
const storeCodes: readonly string[] = [
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_PERM',
  'SQLITE_PROTOCOL',
  'SQLITE_NOMEM',
]

export const toFailure = (error: unknown): Failure => ({
  code: error instanceof NewerSchema ? error.name : codeOf(error),
  message: error instanceof Error ? error.message : String(error),
})

/** The error which callers meet. */
export function fromFailure({ code, message }: Failure): Error {
  if (code === 'SQLITE_FULL') return new Fault('store.full', `Cannot write to the database: ${message}`)
  if (storeCodes.includes(code)) return new Fault('store.failed', `Cannot use the database: ${message}`)
  if (message.includes('CHECK constraint failed: lease_is_held'))
    return new Fault('lease.lost', 'Cannot write to the database: another worker holds the job')
  if (message.includes('CHECK constraint failed: condition_holds'))
    return new GuardFailed('Cannot write to the database: it was changed meanwhile')
  if (code === 'SQLITE_CONSTRAINT' && !message.includes('CHECK')) return new ConstraintFailed(message)
  return new Error(`Cannot run a statement: ${message}`)
}

/** The error of an open that failed. */
export function fromOpenFailure({ code, message }: Failure): Error {
  if (code === 'SQLITE_BUSY') return new DatabaseHeld('Cannot open the database: another process holds it')
  if (code === 'NewerSchema') return new NewerSchema(message)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return new Fault('store.full', `Cannot open the database: ${message}`)
  return new Fault('store.failed', `Cannot open the database: ${message}`)
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  // Without what SQLite adds to it: SQLITE_CONSTRAINT_UNIQUE, SQLITE_IOERR_WRITE.
  return typeof code === 'string' ? code.replace(/^(SQLITE_[A-Z]+).*/, '$1') : ''
}
