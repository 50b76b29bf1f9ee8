import type { Cursor, Parsing } from '../cursor.ts'
import { list } from '../grammar.ts'
import { bad } from '../refusal.ts'
import type { Session } from '../session.ts'
import { statusItemList } from './status.ts'

/** RFC 5258, section 3.1, and RFC 6154, section 2. */
export type SelectionOption = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'

export interface Returns {
  readonly subscribed: boolean
  readonly children: boolean
  readonly status: readonly string[] | null
}

export interface ListRequest {
  readonly patterns: readonly string[]
  /** Null for the plain LIST of RFC 3501. */
  readonly selection: readonly SelectionOption[] | null
  readonly returns: Returns
}

export const noReturns: Returns = { subscribed: false, children: false, status: null }

const selectionNames: readonly string[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']

export function selectionOptions(cursor: Cursor): readonly SelectionOption[] {
  const options = list(cursor, () => cursor.keyword('a selection option'), 'mayBeEmpty')
  const unknown = options.find((option) => !selectionNames.includes(option))
  if (unknown !== undefined) throw bad(`Unknown selection option ${unknown}`)
  const isAlone = options.every((option) => option === 'RECURSIVEMATCH' || option === 'REMOTE')
  // RFC 5258, section 3.1.
  if (options.includes('RECURSIVEMATCH') && isAlone) throw bad('RECURSIVEMATCH needs another selection option')
  return options as SelectionOption[]
}

export function* patternList(cursor: Cursor): Parsing<readonly string[]> {
  cursor.expect('(')
  const patterns = [yield* cursor.listMailbox()]
  while (cursor.skips(' ')) patterns.push(yield* cursor.listMailbox())
  cursor.expect(')')
  return patterns
}

export function returnOptions(cursor: Cursor, session: Session): Returns {
  cursor.space()
  if (!session.has('LIST-EXTENDED') || cursor.keyword() !== 'RETURN') throw bad('Expected the end of the line')
  cursor.space()
  const options = list(cursor, () => returnOption(cursor, session), 'mayBeEmpty')
  return Object.assign({}, noReturns, ...options)
}

function returnOption(cursor: Cursor, session: Session): Partial<Returns> {
  const name = cursor.keyword('a return option')
  if (name === 'SUBSCRIBED') return { subscribed: true }
  if (name === 'CHILDREN') return { children: true }
  // Told in any case.
  if (name === 'SPECIAL-USE' && session.has('SPECIAL-USE')) return {}
  if (name !== 'STATUS' || !session.has('LIST-STATUS')) throw bad(`Unknown return option ${name}`)
  cursor.space()
  return { status: statusItemList(cursor, session) }
}
