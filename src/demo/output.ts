import { Buffer } from 'node:buffer'
import type { Duplex } from 'node:stream'

const bufferBytes = 64 * 1024

/** What a server sends: gathered in one buffer, held back while the client does not read. */
export class Output {
  #stream: Duplex
  #buffer = Buffer.allocUnsafe(bufferBytes)
  #used = 0
  #isBlocked = false
  #isCut = false
  #bytesLeft = Number.POSITIVE_INFINITY

  constructor(stream: Duplex) {
    this.#stream = stream
  }

  /** The connection goes on over another stream: STARTTLS. */
  moveTo(stream: Duplex): void {
    this.#stream = stream
  }

  /** Destroys the connection right behind that many bytes from now. */
  cutAfter(bytes: number): void {
    this.flush()
    this.#bytesLeft = bytes
  }

  /** One character a byte. */
  text(text: string): void {
    if (text.length >= bufferBytes) {
      this.bytes(Buffer.from(text, 'latin1'))
    } else {
      const buffer = this.#roomFor(text.length)
      this.#used += buffer.write(text, this.#used, 'latin1')
    }
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length >= bufferBytes) {
      this.flush()
      this.#send(bytes)
    } else {
      this.#roomFor(bytes.length).set(bytes, this.#used)
      this.#used += bytes.length
    }
  }

  #roomFor(length: number): Buffer {
    if (this.#used + length > bufferBytes) this.flush()
    return this.#buffer
  }

  flush(): void {
    if (this.#used === 0) return
    const filled = this.#buffer.subarray(0, this.#used)
    // The stream keeps what it was given: a small answer is copied, a full buffer is handed over.
    this.#send(this.#used < bufferBytes / 4 ? Buffer.from(filled) : filled)
    if (this.#used >= bufferBytes / 4) this.#buffer = Buffer.allocUnsafe(bufferBytes)
    this.#used = 0
  }

  /** True while the client has to read first; then wait for `drained`. */
  get isFull(): boolean {
    return this.#isBlocked
  }

  async drained(): Promise<void> {
    while (this.#isBlocked && !this.#stream.destroyed) {
      await nextOf(this.#stream, ['drain', 'close'])
      this.#isBlocked = false
    }
  }

  #send(bytes: Uint8Array): void {
    const stream = this.#stream
    if (stream.destroyed || this.#isCut) return
    this.#isCut = bytes.length >= this.#bytesLeft
    const sent = this.#isCut ? bytes.subarray(0, this.#bytesLeft) : bytes
    this.#bytesLeft -= sent.length
    if (this.#isCut) stream.end(sent, () => stream.destroy())
    else if (!stream.write(sent)) this.#isBlocked = true
  }
}

function nextOf(stream: Duplex, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) stream.off(event, done)
      resolve()
    }
    for (const event of events) stream.on(event, done)
  })
}
