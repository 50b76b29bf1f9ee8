import type { Uid } from '../../../domain/mail.ts'
import type { Cursor } from './cursor.ts'
import { parseDateTime } from './dates.ts'
import { withoutRecent } from './flags.ts'

/** What one FETCH response tells; null is what it does not tell. */
export interface FetchData {
  readonly uid: Uid | null
  readonly flags: readonly string[] | null
  /** The text of INTERNALDATE as it came. */
  readonly dateText: string | null
  readonly sizeBytes: number | null
  /** Name of the part of the message that it brings, such as `BODY[]`. */
  readonly section: string | null
  /** Content of that part, one character a byte; null for NIL and where a sink took it or will take it. */
  readonly content: string | null
}

type Draft = { -readonly [Key in keyof FetchData]: FetchData[Key] }

const flagTextsMax = 10_000
const flagTextLengthMax = 500
const datesMax = 100

/** The whole list, or its beginning up to the literal of a part. What is rare in flags and dates is left to the other. */
const common =
  /\(UID (\d{1,10})(?: FLAGS \(([^()"{}\0\]%*]*)\))?(?: INTERNALDATE "([^"\\\0]{0,40})")?(?: RFC822\.SIZE (\d{1,10}))?(?:\)| (BODY\[(?:HEADER)?\]) )$/y
const numberMax = 0xffffffff

/** Most messages share few sets of flags, and one array for each is enough. */
export class FetchParser {
  readonly #flags = new Map<string, readonly string[]>()

  /** Reads the list of a FETCH response, or its beginning up to a literal that a sink is about to take. */
  parse(cursor: Cursor): FetchData {
    return this.#parseCommon(cursor) ?? this.#parseAny(cursor)
  }

  /** What we ask for, as nearly all servers answer: one look instead of a dozen. */
  #parseCommon({ text, at }: Cursor): FetchData | null {
    common.lastIndex = at
    const [, uid, flags, dateText = null, size, section = null] = common.exec(text) ?? []
    if (uid === undefined || Number(uid) > numberMax || Number(size ?? 0) > numberMax) return null
    return {
      uid: Number(uid),
      flags: flags === undefined ? null : this.#flagsOf(flags),
      dateText,
      sizeBytes: size === undefined ? null : Number(size),
      section,
      content: null,
    }
  }

  #parseAny(cursor: Cursor): FetchData {
    const data: Draft = { uid: null, flags: null, dateText: null, sizeBytes: null, section: null, content: null }
    cursor.expect('(')
    while (!cursor.skips(')')) {
      const name = cursor.itemName()
      cursor.space()
      if (cursor.isAtEnd) return { ...data, section: name }
      this.#readItem(name, cursor, data)
      while (cursor.skips(' '));
    }
    return data
  }

  #readItem(name: string, cursor: Cursor, data: Draft): void {
    if (name === 'UID') data.uid = cursor.number()
    else if (name === 'FLAGS') data.flags = this.#flagsOf(cursor.parenthesised())
    else if (name === 'INTERNALDATE') data.dateText = cursor.string()
    else if (name === 'RFC822.SIZE') data.sizeBytes = cursor.number()
    else if (name.startsWith('BODY[')) {
      data.section = name
      data.content = cursor.string()
    } else cursor.skipValue()
  }

  #flagsOf(text: string): readonly string[] {
    const known = this.#flags.get(text)
    if (known) return known
    const flags = Object.freeze(withoutRecent(text.split(' ').filter((flag) => flag !== '')))
    if (this.#flags.size >= flagTextsMax) this.#flags.clear()
    if (text.length <= flagTextLengthMax) this.#flags.set(text, flags)
    return flags
  }
}

/** INTERNALDATE in canonical text, or null where it is none. */
export const receivedAtOf = ({ dateText }: FetchData): string | null =>
  dateText === null || dateText.length > datesMax ? null : parseDateTime(dateText)
