import type { Cursor, Parsing } from './cursor.ts'
import type { Session, State } from './session.ts'
import type { Extension } from './settings.ts'

/** The text behind the tagged OK, such as `[READ-WRITE] Selected`, and what is done once it is said. */
export type Answer = string | { readonly text: string; readonly after: () => void }

/** What a parsed command does; it may throw a Refusal. */
export type Action = () => Answer | Promise<Answer>

export interface Command {
  readonly states: readonly State[]
  /** Without it the server does not know the command. */
  readonly extension?: Extension
  /** False where no EXPUNGE may be told before the answer (RFC 3501, section 7.4.1); true unless said. */
  readonly mayExpunge?: boolean
  /** Reads the arguments to the end of the line, and changes nothing yet. */
  readonly parse: (cursor: Cursor, session: Session, tag: string) => Action | Parsing<Action>
}

export type CommandTable = Readonly<Record<string, Command>>

export const anyState: readonly State[] = ['notAuthenticated', 'authenticated', 'selected']
export const signedOut: readonly State[] = ['notAuthenticated']
export const signedIn: readonly State[] = ['authenticated', 'selected']
export const selectedOnly: readonly State[] = ['selected']
