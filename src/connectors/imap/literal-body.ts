import type { Fault } from '../../domain/fault.ts'
import type { LiteralSink } from './codec/response-reader.ts'

/** Where bytes on hold are counted, so that the connection can rest while they wait. */
export interface Holder {
  hold(bytes: number): void
  release(bytes: number): void
  /** Somebody waits for what comes next; call the returned function when it is there. */
  starve(): () => void
}

type Step = IteratorResult<Uint8Array, undefined>

const end: Step = { done: true, value: undefined }

/** One literal between the socket and its reader: a bounded number of chunks, none of them copied. */
export class LiteralBody implements LiteralSink, AsyncIterableIterator<Uint8Array, undefined> {
  readonly #holder: Holder
  readonly #chunks: Uint8Array[] = []
  #waiting: { resolve(step: Step): void; reject(fault: Fault): void; readonly feed: () => void } | null = null
  #isWhole = false
  #isUnwanted = false
  #isBegun = false
  #fault: Fault | null = null

  constructor(holder: Holder) {
    this.#holder = holder
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  chunk(bytes: Uint8Array): void {
    if (this.#isUnwanted) return
    if (this.#waiting) this.#settle({ done: false, value: bytes })
    else {
      this.#chunks.push(bytes)
      this.#holder.hold(bytes.length)
    }
  }

  end(): void {
    this.#isWhole = true
    this.#settle(end)
  }

  fail(fault: Fault): void {
    this.#fault = fault
    this.#waiting?.feed()
    this.#waiting?.reject(fault)
    this.#waiting = null
  }

  /** All of it, where it has come in one piece and nobody has begun to read it. */
  take(): Uint8Array | null {
    const [bytes] = this.#chunks
    if (!this.#isWhole || this.#chunks.length !== 1 || !bytes || this.#isBegun) return null
    this.discard()
    return bytes
  }

  next(): Promise<Step> {
    this.#isBegun = true
    const bytes = this.#chunks.shift()
    if (bytes) {
      this.#holder.release(bytes.length)
      return Promise.resolve({ done: false, value: bytes })
    }
    if (this.#isWhole) return Promise.resolve(end)
    if (this.#fault) return Promise.reject(this.#fault)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, feed: this.#holder.starve() }
    })
  }

  return(): Promise<Step> {
    this.discard()
    return Promise.resolve(end)
  }

  /** The rest is read and thrown away. */
  discard(): void {
    this.#isUnwanted = true
    for (const bytes of this.#chunks.splice(0)) this.#holder.release(bytes.length)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #settle(step: Step): void {
    this.#waiting?.feed()
    this.#waiting?.resolve(step)
    this.#waiting = null
  }
}
