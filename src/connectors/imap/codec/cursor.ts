import { Buffer } from 'node:buffer'

/** What a server sent is no IMAP, or more than any honest one would send. The connection is of no use any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const space = 0x20
const quote = 0x22
const open = 0x28
const close = 0x29
const backslash = 0x5c
/** Stands in the text of a response where a literal was. */
export const literalMark = '\0'

/** Far above any honest list of flags. */
const wordsLengthMax = 64 * 1024

/** What messages are listed by, as nearly all servers write it, by the first character. */
const commonNames = new Map(
  ['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE'].map((name) => [name.charCodeAt(0), name] as const),
)

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** What ends a word: white space, parentheses, quotes, braces, a literal, or the end (NaN). */
function endsWord(code: number): boolean {
  return !(code > space) || code === quote || code === open || code === close || code === 0x7b || code === 0x7f
}

/**
 * Reads one response from left to right (RFC 3501, section 9), one character a byte. It is as lenient as it can be
 * without guessing; what it cannot read is a ProtocolError.
 */
export class Cursor {
  readonly text: string
  readonly #literals: readonly Uint8Array[]
  #literalsRead = 0
  #at: number

  constructor(text: string, literals: readonly Uint8Array[] = [], at = 0) {
    this.text = text
    this.#literals = literals
    this.#at = at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length
  }

  get at(): number {
    return this.#at
  }

  get rest(): string {
    return this.text.slice(this.#at)
  }

  isBefore(char: string): boolean {
    return this.text.startsWith(char, this.#at)
  }

  /** Whether `text` comes next; the cursor then stands behind it. */
  skips(text: string): boolean {
    // Mostly it is one character, and comparing that is quicker.
    const isChar = text.length === 1
    const isNext = isChar ? this.text.charCodeAt(this.#at) === text.charCodeAt(0) : this.text.startsWith(text, this.#at)
    if (isNext) this.#at += text.length
    return isNext
  }

  expect(text: string): void {
    if (!this.skips(text)) throw this.#unexpected(`"${text}"`)
  }

  /** One space; some servers send two. */
  space(): void {
    this.expect(' ')
    while (this.skips(' '));
  }

  get isBeforeDigit(): boolean {
    return isDigit(this.text.charCodeAt(this.#at))
  }

  /** An unsigned number of at most 32 bits. */
  number(): number {
    const from = this.#at
    let value = 0
    for (let code = this.text.charCodeAt(from); isDigit(code); code = this.text.charCodeAt(this.#at)) {
      value = value * 10 + (code - 0x30)
      this.#at += 1
      if (value > 0xffffffff) throw new ProtocolError('A number is above 4294967295')
    }
    if (this.#at === from) throw this.#unexpected('a number')
    return value
  }

  /** A mod-sequence: 63 bits (RFC 7162, section 7). */
  modseq(): bigint {
    const digits = this.word()
    if (!/^\d{1,19}$/.test(digits)) throw this.#unexpected('a mod-sequence')
    return BigInt(digits)
  }

  /** An atom, flag or number as it stands. */
  word(): string {
    const from = this.#at
    while (!endsWord(this.text.charCodeAt(this.#at))) this.#at += 1
    if (this.#at === from) throw this.#unexpected('a word')
    return this.text.slice(from, this.#at)
  }

  keyword(): string {
    return this.word().toUpperCase()
  }

  /** The name of a FETCH item in capitals, with its section: `BODY[HEADER.FIELDS (TO)]<0>`. */
  itemName(): string {
    const from = this.#at
    const common = commonNames.get(this.text.charCodeAt(from))
    if (common !== undefined && this.text.startsWith(`${common} `, from)) {
      this.#at += common.length
      return common
    }
    for (let code = this.text.charCodeAt(from); !endsWord(code) && code !== 0x5b; ) {
      this.#at += 1
      code = this.text.charCodeAt(this.#at)
    }
    if (this.skips('[')) {
      const end = this.text.indexOf(']', this.#at)
      if (end < 0) throw this.#unexpected('a section')
      this.#at = end + 1
      if (this.isBefore('<')) this.word()
    }
    if (this.#at === from) throw this.#unexpected('an item')
    return this.text.slice(from, this.#at).toUpperCase()
  }

  /** `nstring` or `astring`: a quoted string, a literal, NIL (null) or a bare word. */
  string(): string | null {
    if (this.isBefore('"')) return this.#quoted()
    if (this.skips(literalMark)) return this.#literal()
    const word = this.word()
    return word.toUpperCase() === 'NIL' ? null : word
  }

  /** A string that cannot be NIL: `NIL` as a bare word is a name here. */
  name(): string {
    return this.string() ?? 'NIL'
  }

  list<T>(read: () => T): T[] {
    const values: T[] = []
    this.expect('(')
    while (this.skips(' '));
    while (!this.skips(')')) {
      values.push(read())
      while (this.skips(' '));
    }
    return values
  }

  /** What stands between two parentheses, where no other parenthesis can be: flags and attributes. */
  parenthesised(): string {
    this.expect('(')
    const end = this.text.indexOf(')', this.#at)
    if (end < 0 || end - this.#at > wordsLengthMax) throw this.#unexpected('")"')
    const text = this.text.slice(this.#at, end)
    this.#at = end + 1
    return text
  }

  /** Passes over any value, nested to any depth, without building it. */
  skipValue(): void {
    let depth = 0
    do {
      if (this.skips('(')) depth += 1
      else if (this.skips(')')) depth -= 1
      else if (depth === 0 || !this.skips(' ')) this.#skipPlain()
      if (depth < 0) throw this.#unexpected('a value')
    } while (depth > 0)
  }

  #skipPlain(): void {
    if (this.isBefore('"') || this.isBefore(literalMark)) this.string()
    else if (this.isBefore('\\') || !endsWord(this.text.charCodeAt(this.#at))) this.itemName()
    else throw this.#unexpected('a value')
  }

  #quoted(): string {
    const from = this.#at + 1
    for (let at = from; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at)
      if (code === backslash) at += 1
      else if (code === quote) {
        this.#at = at + 1
        const text = this.text.slice(from, at)
        return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text
      }
    }
    throw this.#unexpected('the end of a string')
  }

  #literal(): string {
    const bytes = this.#literals[this.#literalsRead++]
    if (!bytes) throw this.#unexpected('a literal')
    return latin1(bytes)
  }

  #unexpected(wanted: string): ProtocolError {
    return new ProtocolError(`Cannot read an answer: ${wanted} was expected at column ${this.#at + 1}`)
  }
}

/** One character a byte, as all text of a wire is kept. */
export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
