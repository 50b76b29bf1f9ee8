import { Buffer } from 'node:buffer'
import { bad, type Refusal } from './refusal.ts'

/** A parser stops here until the bytes of a literal and the line that follows them are there. */
export interface LiteralRequest {
  readonly sizeBytes: number
  /** True for `{n}`: the client waits for a `+` line (RFC 3501, section 4.3). */
  readonly isSynchronizing: boolean
  /** Largest literal to accept here. */
  readonly sizeBytesMax: number
  /** Where set, the bytes are not wanted: a client that waits is told so at once, other bytes are thrown away first. */
  readonly refusal: Refusal | null
}

export interface Continuation {
  readonly literal: Uint8Array
  readonly line: string
}

/** Resumed with what it asked for; ends with what was parsed. Throws a Refusal. */
export type Parsing<T> = Generator<LiteralRequest, T, Continuation>

/** Literals other than messages: names, passwords, search strings. */
const literalBytesMax = 32 * 1024

/** Reads one command from left to right, strictly to RFC 3501, section 9. Lines hold one character a byte. */
export class Cursor {
  #line: string
  #at = 0

  constructor(line: string) {
    this.#line = line
  }

  get isAtEnd(): boolean {
    return this.#at === this.#line.length
  }

  end(): void {
    if (!this.isAtEnd) throw bad(`Unexpected text at column ${this.#at + 1}`)
  }

  /** Whether `text` comes next; the cursor then stands behind it. */
  skips(text: string): boolean {
    const isNext = this.#line.startsWith(text, this.#at)
    if (isNext) this.#at += text.length
    return isNext
  }

  isBefore(text: string): boolean {
    return this.#line.startsWith(text, this.#at)
  }

  /** As `skips`, in any case; `word` is in capitals. */
  skipsWord(word: string): boolean {
    const isNext = this.#line.slice(this.#at, this.#at + word.length).toUpperCase() === word
    if (isNext) this.#at += word.length
    return isNext
  }

  get startsWithDigit(): boolean {
    return /^\d/.test(this.#line.charAt(this.#at))
  }

  expect(text: string): void {
    if (!this.skips(text)) throw bad(`Expected "${text}" at column ${this.#at + 1}`)
  }

  space(): void {
    this.expect(' ')
  }

  /** The text that `pattern` (sticky) matches here, or a refusal that names what was expected. */
  take(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#line)?.[0]
    if (text === undefined) throw bad(`Expected ${what} at column ${this.#at + 1}`)
    this.#at += text.length
    return text
  }

  tag(): string {
    return this.take(/[^\x00-\x20\x7f-\xff(){%*"\\+]+/y, 'a tag')
  }

  atom(what = 'an atom'): string {
    return this.take(/[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y, what)
  }

  keyword(what = 'a keyword'): string {
    return this.atom(what).toUpperCase()
  }

  number(): number {
    const value = Number(this.take(/\d{1,10}(?!\d)/y, 'a number'))
    if (value > 0xffffffff) throw bad('Number above 4294967295')
    return value
  }

  /** RFC 7162, section 7: 63 bits; what is above 2^53 is refused, as no folder of ours comes near it. */
  modseq(): number {
    const value = Number(this.take(/\d{1,19}(?!\d)/y, 'a mod-sequence'))
    if (!Number.isSafeInteger(value)) throw bad('Mod-sequence too large')
    return value
  }

  *astring(): Parsing<string> {
    if (this.isBefore('"') || this.isBefore('{')) return yield* this.string()
    return this.take(/[^\x00-\x20\x7f-\xff(){%*"\\]+/y, 'a string')
  }

  /** `list-mailbox`: as astring, with wildcards. */
  *listMailbox(): Parsing<string> {
    if (this.isBefore('"') || this.isBefore('{')) return yield* this.string()
    return this.take(/[^\x00-\x20\x7f-\xff(){"\\]+/y, 'a mailbox pattern')
  }

  *nstring(): Parsing<string | null> {
    if (this.isBefore('"') || this.isBefore('{')) return yield* this.string()
    this.take(/NIL/iy, 'a string or NIL')
    return null
  }

  *string(): Parsing<string> {
    if (this.isBefore('"')) return this.quoted()
    const bytes = yield* this.literal(literalBytesMax)
    if (bytes.includes(0)) throw bad('Literal holds a NUL')
    return Buffer.from(bytes).toString('latin1')
  }

  quoted(): string {
    const text = this.take(/"(?:[^\x00\r\n"\\\x80-\xff]|\\["\\])*"/y, 'a quoted string')
    return text.slice(1, -1).replace(/\\(["\\])/g, '$1')
  }

  /** `refusal` is asked with the announced size, before a byte of the literal is read. */
  *literal(sizeBytesMax: number, refusal: (sizeBytes: number) => Refusal | null = () => null): Parsing<Uint8Array> {
    const [, digits = '', plus] = /^\{(\d{1,10})(\+?)\}$/.exec(this.take(/\{\d{1,10}\+?\}$/y, 'a literal')) ?? []
    const sizeBytes = Number(digits)
    const isSynchronizing = plus === ''
    const { literal, line } = yield { sizeBytes, isSynchronizing, sizeBytesMax, refusal: refusal(sizeBytes) }
    this.#line = line
    this.#at = 0
    return literal
  }
}
