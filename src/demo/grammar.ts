import { decodeUtf7 } from '../domain/utf7.ts'
import { isInbox } from './account.ts'
import type { Cursor, Parsing } from './cursor.ts'
import { systemFlag } from './flags.ts'
import { dayNumber, parseInternalDate } from './internal-date.ts'
import { bad, no } from './refusal.ts'
import { parseSequenceSet, type SequenceSet } from './sequence-set.ts'

/** What a server does with a name that is no modified UTF-7: null takes it as it is. */
export type BrokenNameAnswer = 'NO' | 'BAD' | null

/** `mailbox` of RFC 3501, section 9. */
export function* mailbox(cursor: Cursor, brokenNameAnswer: BrokenNameAnswer): Parsing<string> {
  const name = yield* cursor.astring()
  if (isInbox(name)) return 'INBOX'
  const isBroken = decodeUtf7(name) === null
  if (isBroken && brokenNameAnswer === 'NO') throw no('[CANNOT] Mailbox name is no modified UTF-7')
  if (isBroken && brokenNameAnswer === 'BAD') throw bad('Mailbox name is no modified UTF-7')
  return name
}

export function sequenceSet(cursor: Cursor): SequenceSet {
  const set = parseSequenceSet(cursor.take(/[\d:*,]+/y, 'a sequence set'))
  if (!set) throw bad('Invalid sequence set')
  return set
}

export function flag(cursor: Cursor): string {
  if (!cursor.skips('\\')) return cursor.atom('a flag')
  const text = `\\${cursor.atom('a system flag')}`
  const known = systemFlag(text)
  if (!known) throw bad(`Invalid system flag ${text}`)
  return known
}

/** `flag-list`, which may be empty. */
export const flagList = (cursor: Cursor): readonly string[] => list(cursor, () => flag(cursor), 'mayBeEmpty')

/** A list in parentheses, separated by single spaces. */
export function list<T>(cursor: Cursor, item: () => T, emptiness: 'mayBeEmpty' | 'isFilled' = 'isFilled'): T[] {
  cursor.expect('(')
  if (emptiness === 'mayBeEmpty' && cursor.skips(')')) return []
  const items = [item()]
  while (cursor.skips(' ')) items.push(item())
  cursor.expect(')')
  return items
}

/** `date-time`, in its canonical text. */
export function internalDate(cursor: Cursor): string {
  const text = cursor.quoted()
  const date = parseInternalDate(text)
  if (date === null) throw bad('Invalid date and time')
  return date
}

/** `date`, as days since 1970. */
export function date(cursor: Cursor): number {
  const day = dayNumber(cursor.isBefore('"') ? cursor.quoted() : cursor.atom('a date'))
  if (day === null) throw bad('Invalid date')
  return day
}

/** How we write `string`: quoted where that is allowed, else as a literal. */
export const formatString = (text: string): string =>
  /^[^\x00\r\n\x80-\xff]*$/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `{${text.length}}\r\n${text}`

export const formatNstring = (text: string | null): string => (text === null ? 'NIL' : formatString(text))

/** How we write `mailbox`: as an atom where it can be one. */
export const formatMailbox = (name: string): string =>
  /^[^\x00-\x20\x7f-\xff(){%*"\\\]]+$/.test(name) && name.toUpperCase() !== 'NIL' ? name : formatString(name)
