import type { Session } from './session.ts'

/** One command as it came, literals shown by their length only. */
export interface SeenCommand {
  readonly tag: string
  /** `FETCH`, `UID FETCH`; empty where the line had none. */
  readonly name: string
  readonly line: string
  /** What a BAD or early NO will say, or null where the command is about to run. */
  readonly refusal: string | null
}

/**
 * What happens in place of a command: the connection is destroyed, no answer ever comes, or this tagged answer
 * (`NO [LIMIT] Too many`). An answer that begins with BYE is untagged, and ends the connection.
 */
export type Verdict = 'drop' | 'hang' | { readonly answer: string } | undefined

/**
 * How a test watches a server or makes it misbehave. Waiting in a hook delays the answer; changes to the store in a
 * hook happen in the middle of a session.
 */
export interface Hooks {
  readonly onConnect?: (session: Session) => void
  readonly onCommand?: (command: SeenCommand, session: Session) => Verdict | Promise<Verdict>
  /** Sees all text on its way out, a line or its part before or behind a literal, and gives what is sent instead. */
  readonly onResponse?: (text: string, session: Session) => string
}
