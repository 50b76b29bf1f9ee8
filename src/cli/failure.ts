import { type Fault, faultKinds, isFault } from '../domain/fault.ts'
import { isRefusal, type Problem } from '../domain/refusal.ts'
import { type ExitName, exitOfFault, exitOfRefusal } from './exit-codes.ts'

/** The end of a verb by something that its user can understand: one sentence, perhaps a list, and an exit. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: ExitName
  readonly details: readonly string[]

  constructor(exit: ExitName, message: string, details: readonly string[] = [], cause?: unknown) {
    super(message, { cause })
    this.exit = exit
    this.details = details
  }
}

/** Any error as one that can be told to a user. */
export function explain(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isRefusal(error)) {
    return new Failure(exitOfRefusal(error.code), error.message, error.problems.map(problemLine), error)
  }
  return isFault(error) ? explainFault(error) : explainForeign(error)
}

export function problemLine({ line, column, message }: Problem): string {
  const place = [line === null ? '' : `line ${line}`, column === null ? '' : `column ${column}`].filter(Boolean)
  return place.length ? `${place.join(', ')}: ${message}` : message
}

function explainFault(fault: Fault): Failure {
  const exit = exitOfFault(fault.code, fault.side) ?? 'unexpected'
  return new Failure(exit, fault.message, [faultKinds[fault.code].remedy], fault)
}

/** What the operating system and the database say, by the code or the name of the error. */
const systemExits: Record<string, readonly [ExitName, string]> = {
  ENOSPC: ['diskFull', 'The disk is full'],
  SQLITE_FULL: ['diskFull', 'The disk of the data folder is full'],
  SQLITE_CORRUPT: ['databaseCorrupt', 'The database is damaged'],
  SQLITE_NOTADB: ['databaseCorrupt', 'The database file is not a database'],
  DatabaseHeld: ['dataFolderHeld', 'Another process holds the data folder'],
  NewerSchema: ['databaseCorrupt', 'The database was written by a newer release of postferry: use that one'],
}

function explainForeign(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const key = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : ''
  const [exit, sentence] = systemExits[key] ?? ['unexpected', `Unexpected error: ${message}`]
  return new Failure(exit, sentence, [], error)
}
