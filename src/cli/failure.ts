import { type Fault, faultKinds, isFault } from '../domain/fault.ts'
import { isRefusal, type Problem } from '../domain/refusal.ts'
import { type ExitName, exitOfFault, exitOfRefusal } from './exit-codes.ts'
import type { Output } from './output.ts'

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

/** What goes wrong while the work goes on: told, and nothing else. Work that was stopped did not go wrong. */
export const errorTeller =
  (output: Pick<Output, 'say'>) =>
  (error: unknown): void => {
    if (isFault(error) && error.code === 'cancelled') return
    output.say(`postferry: ${explain(error).message}`)
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

/** What other errors mean, by their code or name. Null: their own message is a sentence already. */
const foreignExits: Readonly<Record<string, readonly [ExitName, sentence: string | null]>> = {
  ENOSPC: ['diskFull', 'The disk is full'],
  DatabaseHeld: ['dataFolderHeld', null],
  DataFolderFailed: ['invalid', null],
  NewerSchema: ['databaseCorrupt', null],
}

function explainForeign(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  const keys = error instanceof Error ? [codeOf(error.cause), codeOf(error), error.name] : []
  const [exit, sentence] = keys.map((key) => foreignExits[key]).find(Boolean) ?? [
    'unexpected',
    `Unexpected error: ${message}`,
  ]
  return new Failure(exit, sentence ?? message, [], error)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
