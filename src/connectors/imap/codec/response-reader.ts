import { Buffer } from 'node:buffer'
import { literalMark, ProtocolError } from './cursor.ts'

/** Takes the bytes of one literal as they arrive. */
export interface LiteralSink {
  chunk(bytes: Uint8Array): void
  end(): void
}

export interface ResponseHandler {
  /** A literal is about to come behind `text`; null has it kept for `onResponse`. */
  onLiteral(text: string, sizeBytes: number): LiteralSink | null
  /** One whole response without its CR LF; `literals` stand where the text has its marks, empty if a sink took them. */
  onResponse(text: string, literals: readonly Uint8Array[]): void
}

export interface ReaderLimits {
  /** A SEARCH answer of a large folder is one line: 16 MiB hold two million UIDs. */
  readonly lineBytesMax: number
  /** Of all literals that one response has kept: folder names, mostly. */
  readonly literalBytesKept: number
}

const defaultReaderLimits: ReaderLimits = { lineBytesMax: 16 * 1024 * 1024, literalBytesKept: 1024 * 1024 }

/** An honest response has one for each name or message in it. */
const literalsMax = 100
const lf = 0x0a
const noLiterals: readonly Uint8Array[] = []
const empty = new Uint8Array()

/**
 * Cuts a byte stream into responses (RFC 3501, section 4.3), whatever the chunks. Literals with a sink pass through
 * uncopied; everything else is bounded, and what is beyond the bounds is a ProtocolError.
 */
export class ResponseReader {
  readonly #handler: ResponseHandler
  readonly #limits: ReaderLimits
  /** The unfinished line. */
  #parts: Uint8Array[] = []
  #partBytes = 0
  /** The response so far, up to the last literal. */
  #text = ''
  #literals: Uint8Array[] = []
  #literalBytesKept = 0
  #sink: LiteralSink | null = null
  #literalBytesLeft = 0
  #isStopped = false

  constructor(handler: ResponseHandler, limits: ReaderLimits = defaultReaderLimits) {
    this.#handler = handler
    this.#limits = limits
  }

  /** Nothing more is handed over, not even the rest of the present chunk. */
  stop(): void {
    this.#isStopped = true
  }

  feed(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk)
    let at = 0
    while (at < bytes.length && !this.#isStopped) {
      at = this.#literalBytesLeft > 0 ? this.#feedLiteral(bytes, at) : this.#feedLine(bytes, at)
    }
  }

  #feedLiteral(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#literalBytesLeft)
    this.#literalBytesLeft -= end - at
    this.#sink?.chunk(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end))
    if (this.#literalBytesLeft === 0) this.#endLiteral()
    return end
  }

  #feedLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(lf, at)
    const stop = end < 0 ? chunk.length : end
    this.#partBytes += stop - at
    if (this.#partBytes + this.#text.length > this.#limits.lineBytesMax) throw new ProtocolError('A line has no end')
    if (end >= 0 && this.#parts.length === 0) this.#endLine(lineText(chunk, at, end))
    else {
      this.#parts.push(chunk.subarray(at, stop))
      if (end >= 0) this.#endParts()
    }
    return end < 0 ? stop : end + 1
  }

  #endParts(): void {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#endLine(lineText(bytes, 0, bytes.length))
  }

  #endLine(line: string): void {
    this.#partBytes = 0
    const open = line.charCodeAt(line.length - 1) === 0x7d ? literalStart(line) : -1
    if (open < 0 || (this.#text === '' && isStatus(line))) this.#endResponse(this.#text + line)
    else this.#beginLiteral(this.#text + line.slice(0, open), Number(line.slice(open, -1).replace(/^~?\{/, '')))
  }

  #endResponse(text: string): void {
    const literals = this.#literals.length === 0 ? noLiterals : this.#literals
    this.#text = ''
    if (literals !== noLiterals) this.#literals = []
    this.#literalBytesKept = 0
    this.#handler.onResponse(text, literals)
  }

  #beginLiteral(text: string, sizeBytes: number): void {
    if (sizeBytes > 0xffffffff) throw new ProtocolError(`A literal of ${sizeBytes} bytes is announced`)
    if (this.#literals.length >= literalsMax) throw new ProtocolError('A response is made of too many literals')
    this.#text = text + literalMark
    this.#sink = this.#handler.onLiteral(text, sizeBytes)
    if (this.#sink) this.#literals.push(empty)
    else this.#sink = this.#keep(sizeBytes)
    this.#literalBytesLeft = sizeBytes
    if (sizeBytes === 0) this.#endLiteral()
  }

  #endLiteral(): void {
    const sink = this.#sink
    this.#sink = null
    sink?.end()
  }

  #keep(sizeBytes: number): LiteralSink {
    this.#literalBytesKept += sizeBytes
    if (this.#literalBytesKept > this.#limits.literalBytesKept) {
      throw new ProtocolError(`A literal of ${sizeBytes} bytes stands where none belongs`)
    }
    const bytes = new Uint8Array(sizeBytes)
    let filled = 0
    this.#literals.push(bytes)
    return {
      chunk(part) {
        bytes.set(part, filled)
        filled += part.length
      },
      end() {},
    }
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The text up to a line feed, without the CR before it. */
function lineText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end)
  // It would be taken for the mark of a literal.
  if (text.includes(literalMark)) throw new ProtocolError('A line holds a NUL')
  return text
}

/** Where `{123}` or `~{123}` (RFC 3516, section 4.2) at the end of the line begins, or -1. */
function literalStart(line: string): number {
  return line.search(/~?\{\d{1,20}\}$/)
}

/** Their text is for people, and may end with anything: no literal follows (RFC 3501, section 7.1). */
const isStatus = (line: string): boolean => /^\S+ (?:OK|NO|BAD|BYE|PREAUTH)\b/i.test(line) || line.startsWith('+')
