import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

const bufferBytes = 256 * 1024
/** A chunk from here up goes to the socket as it is instead of being copied. */
const directBytesMin = 64 * 1024

const noBuffer = Buffer.allocUnsafeSlow(0)

/** Gathers small writes into large ones. What is written goes out at the end of the event loop's turn at the latest. */
export class OutBuffer {
  readonly #socket: Socket
  #buffer = noBuffer
  #used = 0
  #isFlushDue = false
  #drained: (() => void)[] = []
  #sentBytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Bytes that the kernel has not taken yet. */
  get backlogBytes(): number {
    return this.#used + this.#socket.writableLength
  }

  /** Bytes that the kernel has taken, ever. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  /** One character a byte. */
  text(text: string): void {
    if (text.length > bufferBytes - this.#used) this.bytes(Buffer.from(text, 'latin1'))
    else {
      this.#prepare()
      this.#used += this.#buffer.write(text, this.#used, 'latin1')
      this.#flushLater()
    }
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length >= directBytesMin) {
      this.flush()
      this.#send(bytes)
      return
    }
    if (bytes.length > bufferBytes - this.#used) this.flush()
    this.#prepare()
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    this.#flushLater()
  }

  flush(): void {
    if (this.#used === 0) return
    const bytes = this.#buffer.subarray(0, this.#used)
    this.#used = 0
    this.#send(bytes)
    // The socket still reads from the old one.
    if (this.#socket.writableLength > 0) this.#buffer = noBuffer
  }

  /** Gives back its memory until something is written again. */
  rest(): void {
    this.flush()
    this.#buffer = noBuffer
  }

  /** Resolves when the kernel has taken everything, or the socket is gone. */
  drained(): Promise<void> {
    this.flush()
    return this.#socket.writableLength === 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve))
  }

  /** Nothing will ever be sent any more. */
  abandon(): void {
    this.#used = 0
    this.#tellDrained()
  }

  #prepare(): void {
    if (this.#buffer === noBuffer) this.#buffer = Buffer.allocUnsafeSlow(bufferBytes)
  }

  #flushLater(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      this.#isFlushDue = false
      this.flush()
    })
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.destroyed) return
    this.#socket.write(bytes, () => {
      this.#sentBytes += bytes.length
      if (this.#socket.writableLength === 0) this.#tellDrained()
    })
  }

  #tellDrained(): void {
    const waiting = this.#drained
    this.#drained = []
    for (const resolve of waiting) resolve()
  }
}
