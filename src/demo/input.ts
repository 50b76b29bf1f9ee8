import { Buffer } from 'node:buffer'

/** A line that ended without CR LF is named so that the command can be refused. */
export interface Line {
  readonly text: string
  readonly fault: 'bare LF' | 'too long' | null
}

/** Unread bytes at which the sender is held back. */
const pendingBytesMax = 1024 * 1024

/** What a client sent and nobody has read yet. Memory is bounded by one line or one literal. */
export class Input {
  readonly #chunks: Buffer[] = []
  readonly #lineBytesMax: number
  #arrived: (() => void) | null = null
  #hasEnded = false
  #pendingBytes = 0
  #isHeld = false
  /** Called when the sender shall pause, and when it may go on. */
  hold: (isHeld: boolean) => void = () => {}
  /** Called before a reader has to wait. */
  beforeWait: () => void = () => {}

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
    this.#count(chunk.length)
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /** Throws away what came too early, such as bytes behind STARTTLS (RFC 3501, section 6.2.1). */
  clear(): void {
    this.#chunks.length = 0
    this.#count(-this.#pendingBytes)
  }

  /** The next line without its end; null when the client hung up. */
  async line(): Promise<Line | null> {
    const pieces: string[] = []
    let length = 0
    for (;;) {
      const chunk = this.#chunks[0] ?? (await this.#nextChunk())
      if (!chunk) return null
      const end = chunk.indexOf(10)
      const size = end < 0 ? chunk.length : end + 1
      pieces.push(this.#take(size).toString('latin1'))
      length += size
      if (length > this.#lineBytesMax) return { text: '', fault: 'too long' }
      if (end >= 0) return toLine(pieces.join(''))
    }
  }

  /** Exactly so many bytes; null when the client hung up before. */
  async bytes(sizeBytes: number): Promise<Uint8Array | null> {
    const pieces: Buffer[] = []
    for (let left = sizeBytes; left > 0; ) {
      const chunk = this.#chunks[0] ?? (await this.#nextChunk())
      if (!chunk) return null
      const piece = this.#take(Math.min(left, chunk.length))
      pieces.push(piece)
      left -= piece.length
    }
    return Buffer.concat(pieces, sizeBytes)
  }

  /** False when the client hung up before. */
  async skip(sizeBytes: number): Promise<boolean> {
    for (let left = sizeBytes; left > 0; ) {
      const chunk = this.#chunks[0] ?? (await this.#nextChunk())
      if (!chunk) return false
      left -= this.#take(Math.min(left, chunk.length)).length
    }
    return true
  }

  #take(size: number): Buffer {
    const chunk = this.#chunks[0] as Buffer
    if (size === chunk.length) this.#chunks.shift()
    else this.#chunks[0] = chunk.subarray(size)
    this.#count(-size)
    return chunk.subarray(0, size)
  }

  async #nextChunk(): Promise<Buffer | null> {
    while (this.#chunks.length === 0 && !this.#hasEnded) {
      this.beforeWait()
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
    return this.#chunks[0] ?? null
  }

  #count(bytes: number): void {
    this.#pendingBytes += bytes
    const isHeld = this.#pendingBytes > pendingBytesMax
    if (isHeld !== this.#isHeld) this.hold(isHeld)
    this.#isHeld = isHeld
  }

  #wake(): void {
    this.#arrived?.()
    this.#arrived = null
  }
}

const toLine = (text: string): Line =>
  text.endsWith('\r\n') ? { text: text.slice(0, -2), fault: null } : { text: text.slice(0, -1), fault: 'bare LF' }
