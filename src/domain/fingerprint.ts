import { createHash, type Hash, hash } from 'node:crypto'

/** Headers are looked at up to here; what is longer is one by its first mebibyte. */
const headerBytesMax = 1024 * 1024

const LF = 10
const CR = 13

/** Where the header ends, line breaks at its end left out; null when the end is not in these bytes. */
function headerEnd(bytes: Uint8Array): number | null {
  if (isBreak(bytes, 0)) return 0
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (isBreak(bytes, at + 1)) return trimBreaks(bytes, at)
  }
  return null
}

const isBreak = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)

function trimBreaks(bytes: Uint8Array, end: number): number {
  let last = end
  while (last > 0 && (bytes[last - 1] === LF || bytes[last - 1] === CR)) last -= 1
  return last
}

/** What was streamed of a message: its length, its strict fingerprint and its SHA-256. */
export interface Content {
  readonly sizeBytes: number
  readonly fingerprint: Uint8Array
  readonly sha256: Uint8Array
}

/** The header of a message without the empty line: alike whether it was cut out by a server or by us. */
export function headerOf(bytes: Uint8Array): Uint8Array {
  const seen = bytes.subarray(0, headerBytesMax)
  return seen.subarray(0, headerEnd(seen) ?? trimBreaks(seen, seen.length))
}

/**
 * Strict identity, 16 bytes: exact header and length of the whole message.
 * `header` may still carry its empty line; `sizeBytes` is the length of the literal.
 */
export function strictFingerprint(header: Uint8Array, sizeBytes: number): Uint8Array {
  const kept = headerOf(header)
  const tail = `\n${sizeBytes}`
  const bytes = Buffer.allocUnsafe(kept.length + tail.length)
  bytes.set(kept)
  bytes.write(tail, kept.length, 'latin1')
  return hash('sha256', bytes, 'buffer').subarray(0, 16)
}

/**
 * Weak identity, for targets that rewrite what they are given: Message-ID, Date, From and Subject, unfolded.
 * Compare sizes apart (within 5 %). Null where the header has no Message-ID and no Date: too little to go by.
 */
export function weakIdentity(header: Uint8Array): string | null {
  const names = ['message-id', 'date', 'from', 'subject']
  const fields = headerFields(header, names)
  if (!fields['message-id'] && !fields.date) return null
  const ordered = JSON.stringify(names.map((name) => fields[name] ?? null))
  return createHash('sha256').update(ordered).digest('hex').slice(0, 32)
}

/** First occurrence of each named field, unfolded and trimmed; names in lower case. */
export function headerFields(header: Uint8Array, names: readonly string[]): Record<string, string> {
  const text = Buffer.from(headerOf(header)).toString('utf8')
  const found: Record<string, string> = {}
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    if (names.includes(name) && found[name] === undefined) found[name] = line.slice(colon + 1).trim()
  }
  return found
}

/** Within 5 %, or the kibibyte that header lines of a scanner add to a small mail. */
export const areSizesAlike = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(Math.max(a, b) * 0.05, 1024)

/** A fingerprint as a key of a map. */
export const keyOf = (fingerprint: Uint8Array): string => Buffer.from(fingerprint).toString('latin1')

/** What a message is, of whose bytes all are here. */
export function contentOf(bytes: Uint8Array): Content {
  const fingerprint = strictFingerprint(bytes.subarray(0, headerBytesMax), bytes.length)
  return { sizeBytes: bytes.length, fingerprint, sha256: hash('sha256', bytes, 'buffer') }
}

/** Takes a message in chunks as it streams by, and tells at its end what it was. */
export class ContentMeter {
  readonly #sha256: Hash = createHash('sha256')
  #sizeBytes = 0
  #header: Uint8Array = new Uint8Array(0)
  #hasHeader = false

  update(chunk: Uint8Array): void {
    this.#sha256.update(chunk)
    this.#sizeBytes += chunk.length
    if (!this.#hasHeader) this.#readHeader(chunk)
  }

  finish(): Content {
    return {
      sizeBytes: this.#sizeBytes,
      fingerprint: strictFingerprint(this.#header, this.#sizeBytes),
      sha256: this.#sha256.digest(),
    }
  }

  #readHeader(chunk: Uint8Array): void {
    const bytes = this.#header.length === 0 ? chunk : Buffer.concat([this.#header, chunk])
    const seen = bytes.subarray(0, headerBytesMax)
    const end = headerEnd(seen)
    this.#hasHeader = end !== null || seen.length === headerBytesMax
    // A copy: the chunk belongs to the wire and is used again.
    this.#header = Uint8Array.prototype.slice.call(seen, 0, end ?? seen.length)
  }
}
