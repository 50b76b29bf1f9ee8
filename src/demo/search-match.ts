import { Buffer } from 'node:buffer'
import { readBody } from './body.ts'
import type { Message } from './folder.ts'
import { fieldValue, headerFields } from './header.ts'
import { dayNumber, internalDay } from './internal-date.ts'
import type { Selected } from './selected.ts'
import { resolveSet, type SequenceSet, setHas } from './sequence-set.ts'

export interface Candidate {
  readonly message: Message
  readonly seq: number
  readonly view: Selected
}

/** Whether a message is one that was searched for. */
export type Test = (candidate: Candidate) => boolean

const hasFlag =
  (flag: string): Test =>
  ({ message }) =>
    message.flags.has(flag)

export const not =
  (test: Test): Test =>
  (candidate) =>
    !test(candidate)

const isRecent: Test = ({ message, view }) => view.isRecent(message)
const isSeen = hasFlag('\\Seen')

/** Keys that are one word (RFC 3501, section 6.4.4). */
export const simpleKeys: Readonly<Record<string, Test>> = {
  ALL: () => true,
  ANSWERED: hasFlag('\\Answered'),
  DELETED: hasFlag('\\Deleted'),
  DRAFT: hasFlag('\\Draft'),
  FLAGGED: hasFlag('\\Flagged'),
  NEW: (candidate) => isRecent(candidate) && !isSeen(candidate),
  OLD: not(isRecent),
  RECENT: isRecent,
  SEEN: isSeen,
  UNANSWERED: not(hasFlag('\\Answered')),
  UNDELETED: not(hasFlag('\\Deleted')),
  UNDRAFT: not(hasFlag('\\Draft')),
  UNFLAGGED: not(hasFlag('\\Flagged')),
  UNSEEN: not(isSeen),
}

/** The day on which it was received. */
export const receivedDay = ({ internalDate }: Message): number => internalDay(internalDate)

/** The day in the Date field, its time and zone left out. */
export function sentDay({ body }: Message): number | null {
  const value = fieldValue(headerFields(readBody(body)), 'Date') ?? ''
  const [, day, month, year] = /(\d{1,2}) ([A-Za-z]{3}) (\d{4})/.exec(value) ?? []
  return dayNumber(`${day}-${month}-${year}`)
}

/** An empty text asks only for the field (RFC 3501, section 6.4.4). */
export function fieldHolds(name: string, asked: string): Test {
  return ({ message }) =>
    headerFields(readBody(message.body)).some(
      (field) => field.name.toLowerCase() === name.toLowerCase() && holds(fieldValue([field], name) ?? '', asked),
    )
}

export function hasKeyword(keyword: string): Test {
  const asked = keyword.toLowerCase()
  return ({ message }) => [...message.flags].some((flag) => flag.toLowerCase() === asked)
}

/** Numbers beyond the end are no error in a search: nothing has them. */
export function isSeqIn(set: SequenceSet): Test {
  return ({ seq, view }) => setHas(resolved(set, view.messages.length), seq)
}

/** Case aside, in the bytes as they are: encoded text is not read. */
export const textHolds =
  (asked: string, startOf: (bytes: Uint8Array) => number): Test =>
  ({ message }) => {
    const bytes = readBody(message.body)
    return holds(latin1(bytes.subarray(startOf(bytes))), asked)
  }

export const isUidIn =
  (set: SequenceSet): Test =>
  ({ message, view }) =>
    setHas(resolved(set, view.messages.at(-1)?.uid ?? 0), message.uid)

const resolvedSets = new WeakMap<SequenceSet, { max: number; ranges: SequenceSet }>()

/** One search asks for the same ranges once a message. */
function resolved(set: SequenceSet, max: number): SequenceSet {
  const known = resolvedSets.get(set)
  if (known?.max === max) return known.ranges
  const ranges = resolveSet(set, max)
  resolvedSets.set(set, { max, ranges })
  return ranges
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

const holds = (text: string, asked: string): boolean => text.toLowerCase().includes(asked.toLowerCase())
