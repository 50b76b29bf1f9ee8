/** Why a request is refused, in words that a door can turn into a status or an exit code. */
export type RefusalCode = 'not-found' | 'wrong-state' | 'invalid' | 'conflict' | 'needs-approval'

/** One mistake in what was given; `line` counts from 1 with the header as line 1, `column` is the column's or field's name. */
export interface Problem {
  readonly line: number | null
  readonly column: string | null
  readonly message: string
}

/** A request that cannot be done as things stand: nothing was changed. Its message is a sentence for the one who asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly problems: readonly Problem[]

  constructor(code: RefusalCode, message: string, problems: readonly Problem[] = []) {
    super(message)
    this.code = code
    this.problems = problems
  }
}

export const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal
