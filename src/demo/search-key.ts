import type { Cursor, Parsing } from './cursor.ts'
import type { Message } from './folder.ts'
import { date, sequenceSet } from './grammar.ts'
import { headerLength } from './header.ts'
import { bad } from './refusal.ts'
import {
  fieldHolds,
  hasKeyword,
  isSeqIn,
  isUidIn,
  not,
  receivedDay,
  sentDay,
  simpleKeys,
  type Test,
  textHolds,
} from './search-match.ts'
import type { Session } from './session.ts'

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
  if (cursor.isBefore('*') || cursor.startsWithDigit) return isSeqIn(sequenceSet(cursor))
  const name = cursor.keyword('a search key')
  const test = simpleKeys[name]
  if (test) return test
  const parse = keysWithArguments[name]
  if (!parse) throw bad(`Unknown search key ${name}`)
  cursor.space()
  const parsed = parse(parser, depth)
  return typeof parsed === 'function' ? parsed : yield* parsed
}

type ParseKey = (parser: Parser, depth: number) => Test | Parsing<Test>

const keysWithArguments: Readonly<Record<string, ParseKey>> = {
  BEFORE: byDay(receivedDay, (day, asked) => day < asked),
  ON: byDay(receivedDay, (day, asked) => day === asked),
  SINCE: byDay(receivedDay, (day, asked) => day >= asked),
  SENTBEFORE: byDay(sentDay, (day, asked) => day < asked),
  SENTON: byDay(sentDay, (day, asked) => day === asked),
  SENTSINCE: byDay(sentDay, (day, asked) => day >= asked),
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
    return textHolds(yield* cursor.astring(), headerLength)
  },
  *TEXT({ cursor }) {
    return textHolds(yield* cursor.astring(), () => 0)
  },
  KEYWORD({ cursor }) {
    return hasKeyword(cursor.atom('a keyword'))
  },
  UNKEYWORD({ cursor }) {
    return not(hasKeyword(cursor.atom('a keyword')))
  },
  UID({ cursor }) {
    return isUidIn(sequenceSet(cursor))
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
