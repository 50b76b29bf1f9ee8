import { Buffer } from 'node:buffer'
import { readBody } from './body.ts'
import type { Cursor, Parsing } from './cursor.ts'
import type { Message } from './folder.ts'
import { date, sequenceSet } from './grammar.ts'
import { fieldValue, headerFields, headerLength } from './header.ts'
import { dayNumber, internalDay } from './internal-date.ts'
import { bad } from './refusal.ts'
import type { Selected } from './selected.ts'
import { resolveSet, type SequenceSet, setHas } from './sequence-set.ts'
import type { Session } from './session.ts'

export interface Candidate {
  readonly message: Message
  readonly seq: number
  readonly view: Selected
}

type Test = (candidate: Candidate) => boolean

export interface SearchKey {
  readonly test: Test
  /** The answer then tells the highest mod-sequence found (RFC 7162, section 3.1.5). */
  readonly usesModseq: boolean
}

/** Parentheses, NOT and OR nest no deeper. */
const depthMax = 32

/** All keys to the end of the line, which must hold together (RFC 3501, section 6.4.4). */
export function* searchKeys(cursor: Cursor, session: Session): Parsing<SearchKey> {
  const parser: Parser = { cursor, session, usesModseq: false }
  const test = yield* allOf(parser, 0)
  return { test, usesModseq: parser.usesModseq }
}

interface Parser {
  readonly cursor: Cursor
  readonly session: Session
  usesModseq: boolean
}

function* allOf(parser: Parser, depth: number): Parsing<Test> {
  const tests = [yield* searchKey(parser, depth)]
  while (parser.cursor.skips(' ')) tests.push(yield* searchKey(parser, depth))
  return (candidate) => tests.every((test) => test(candidate))
}

function* searchKey(parser: Parser, depth: number): Parsing<Test> {
  const { cursor } = parser
  if (depth > depthMax) throw bad('Search keys nested too deeply')
  if (cursor.skips('(')) {
    const test = yield* allOf(parser, depth + 1)
    cursor.expect(')')
    return test
  }
  if (cursor.isBefore('*') || cursor.startsWithDigit) return inSequence(sequenceSet(cursor))
  const name = cursor.keyword('a search key')
  const test = simpleKeys[name]
  if (test) return test
  const parse = keysWithArguments[name]
  if (!parse) throw bad(`Unknown search key ${name}`)
  cursor.space()
  const parsed = parse(parser, depth)
  return typeof parsed === 'function' ? parsed : yield* parsed
}

const hasFlag =
  (flag: string): Test =>
  ({ message }) =>
    message.flags.has(flag)

const not =
  (test: Test): Test =>
  (candidate) =>
    !test(candidate)

const isRecent: Test = ({ message, view }) => view.isRecent(message)
const isSeen = hasFlag('\\Seen')

const simpleKeys: Readonly<Record<string, Test>> = {
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

type ParseKey = (parser: Parser, depth: number) => Test | Parsing<Test>

const keysWithArguments: Readonly<Record<string, ParseKey>> = {
  BEFORE: byDay(internal, (day, asked) => day < asked),
  ON: byDay(internal, (day, asked) => day === asked),
  SINCE: byDay(internal, (day, asked) => day >= asked),
  SENTBEFORE: byDay(sent, (day, asked) => day < asked),
  SENTON: byDay(sent, (day, asked) => day === asked),
  SENTSINCE: byDay(sent, (day, asked) => day >= asked),
  LARGER: bySize((size, asked) => size > asked),
  SMALLER: bySize((size, asked) => size < asked),
  BCC: byField('Bcc'),
  CC: byField('Cc'),
  FROM: byField('From'),
  SUBJECT: byField('Subject'),
  TO: byField('To'),
  *HEADER({ cursor }) {
    const name = yield* cursor.astring()
    cursor.space()
    return fieldHolds(name, yield* cursor.astring())
  },
  *BODY({ cursor }) {
    const asked = yield* cursor.astring()
    return ({ message }) => {
      const bytes = readBody(message.body)
      return holds(latin1(bytes.subarray(headerLength(bytes))), asked)
    }
  },
  *TEXT({ cursor }) {
    const asked = yield* cursor.astring()
    return ({ message }) => holds(latin1(readBody(message.body)), asked)
  },
  KEYWORD({ cursor }) {
    return hasKeyword(cursor.atom('a keyword'))
  },
  UNKEYWORD({ cursor }) {
    return not(hasKeyword(cursor.atom('a keyword')))
  },
  UID({ cursor }) {
    const set = sequenceSet(cursor)
    return ({ message, view }) => setHas(resolved(set, view.messages.at(-1)?.uid ?? 0), message.uid)
  },
  MODSEQ: modseqKey,
  *NOT(parser, depth) {
    return not(yield* searchKey(parser, depth + 1))
  },
  *OR(parser, depth) {
    const one = yield* searchKey(parser, depth + 1)
    parser.cursor.space()
    const other = yield* searchKey(parser, depth + 1)
    return (candidate) => one(candidate) || other(candidate)
  },
}

function byDay(dayOf: (message: Message) => number | null, isMatch: (day: number, asked: number) => boolean): ParseKey {
  return ({ cursor }) => {
    const asked = date(cursor)
    return ({ message }) => {
      const day = dayOf(message)
      return day !== null && isMatch(day, asked)
    }
  }
}

function internal({ internalDate }: Message): number {
  return internalDay(internalDate)
}

/** The day in the Date field, its time and zone left out. */
function sent({ body }: Message): number | null {
  const value = fieldValue(headerFields(readBody(body)), 'Date') ?? ''
  const [, day, month, year] = /(\d{1,2}) ([A-Za-z]{3}) (\d{4})/.exec(value) ?? []
  return dayNumber(`${day}-${month}-${year}`)
}

function bySize(isMatch: (size: number, asked: number) => boolean): ParseKey {
  return ({ cursor }) => {
    const asked = cursor.number()
    return ({ message }) => isMatch(message.body.sizeBytes, asked)
  }
}

function byField(name: string): ParseKey {
  return function* parse({ cursor }) {
    return fieldHolds(name, yield* cursor.astring())
  }
}

/** An empty text asks only for the field (RFC 3501, section 6.4.4). */
function fieldHolds(name: string, asked: string): Test {
  return ({ message }) =>
    headerFields(readBody(message.body)).some(
      (field) => field.name.toLowerCase() === name.toLowerCase() && holds(fieldValue([field], name) ?? '', asked),
    )
}

function hasKeyword(keyword: string): Test {
  const asked = keyword.toLowerCase()
  return ({ message }) => [...message.flags].some((flag) => flag.toLowerCase() === asked)
}

/** Numbers beyond the end are no error in a search: nothing has them. */
function inSequence(set: SequenceSet): Test {
  return ({ seq, view }) => setHas(resolved(set, view.messages.length), seq)
}

/** RFC 7162, section 3.1.5: `MODSEQ ["/flags/..." all|priv|shared] n`; ours are the same for all flags. */
function modseqKey(parser: Parser): Test {
  const { cursor, session } = parser
  if (!session.has('CONDSTORE')) throw bad('CONDSTORE is not offered')
  if (cursor.isBefore('"')) {
    cursor.quoted()
    cursor.space()
    cursor.take(/all|priv|shared/iy, 'all, priv or shared')
    cursor.space()
  }
  const asked = cursor.modseq()
  parser.usesModseq = true
  session.enabled.add('CONDSTORE')
  return ({ message }) => message.modseq >= asked
}

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
