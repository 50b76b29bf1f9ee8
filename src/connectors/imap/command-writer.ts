import type { Fault } from '../../domain/fault.ts'
import type { CommandPart } from './codec/commands.ts'
import type { Exchange } from './exchange.ts'
import type { OutBuffer } from './out-buffer.ts'

/** A command under way. */
export interface Pending {
  readonly tag: string
  readonly exchange: Exchange
  /** It is written to its end: the server is to answer now. */
  isWritten: boolean
  isAnswered: boolean
}

interface Continuation {
  readonly pending: Pending
  readonly settle: (goesOn: boolean) => void
}

/** Writes one command after the other, and waits behind the head of a literal where the server must be asked first. */
export class CommandWriter {
  readonly #out: OutBuffer
  /** The largest literal that may be sent without asking (RFC 7888). */
  readonly #literalBytesUnasked: number
  /** Told of each command as it begins to be written. */
  readonly #onBegin: (pending: Pending) => void
  /** Commands that wait until the present one is written. */
  readonly #turns: (() => void)[] = []
  #writing: Pending | null = null
  #continuation: Continuation | null = null
  #failure: Fault | null = null
  #isHandingOn = false
  #tags = 0

  constructor(out: OutBuffer, literalBytesUnasked: number, onBegin: (pending: Pending) => void) {
    this.#out = out
    this.#literalBytesUnasked = literalBytesUnasked
    this.#onBegin = onBegin
  }

  get isWaiting(): boolean {
    return this.#continuation !== null
  }

  /** Without a literal that must wait, all is written before this returns. Where the connection broke, it tells so. */
  write(parts: readonly CommandPart[], exchange: Exchange): void {
    this.#takeTurn(() => {
      if (this.#failure) exchange.onFailure?.(this.#failure)
      else void this.#writeAll(parts, exchange)
    })
  }

  /** Begins a command that is written in pieces; nothing else is written until `end`. */
  async begin(exchange: Exchange): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#takeTurn(() => {
        if (!this.#failure) this.#begin(exchange)
        resolve()
      })
    })
    this.#throwIfFailed()
  }

  /** The command that is being written is complete. */
  end(): void {
    if (this.#writing) this.#writing.isWritten = true
    this.#handOn()
  }

  /** `{n}` or `{n+}`, whichever the server takes, and whether we have to wait behind it. */
  literalHead(sizeBytes: number): { readonly text: string; readonly mustWait: boolean } {
    const mustWait = sizeBytes > this.#literalBytesUnasked
    return { text: mustWait ? `{${sizeBytes}}\r\n` : `{${sizeBytes}+}\r\n`, mustWait }
  }

  /** Waits for `+` behind the head of a literal; false when the command was answered instead. */
  async mayGoOn(): Promise<boolean> {
    this.#throwIfFailed()
    const pending = this.#writing
    if (!pending || pending.isAnswered) return false
    this.#out.flush()
    const goesOn = await new Promise<boolean>((settle) => {
      this.#continuation = { pending, settle }
    })
    this.#throwIfFailed()
    return goesOn
  }

  /** Writes text or a literal; false when the command was answered before the literal was sent. */
  async part(part: CommandPart): Promise<boolean> {
    if (typeof part === 'string') {
      this.#out.text(part)
      return true
    }
    const { text, mustWait } = this.literalHead(part.length)
    this.#out.text(text)
    if (mustWait && !(await this.mayGoOn())) return false
    this.#out.bytes(part)
    return true
  }

  /** The server said `+`. */
  goOn(): void {
    this.#settle(true)
  }

  /** The server has answered a command, be it written to its end or not. */
  answered(pending: Pending): void {
    pending.isAnswered = true
    if (this.#continuation?.pending === pending) this.#settle(false)
  }

  fail(fault: Fault): void {
    this.#failure = fault
    this.#settle(false)
    this.#handOn()
  }

  async #writeAll(parts: readonly CommandPart[], exchange: Exchange): Promise<void> {
    this.#begin(exchange)
    for (const part of parts) {
      if (typeof part === 'string') this.#out.text(part)
      else if (!(await this.part(part).catch(() => false))) return this.end()
    }
    this.#out.text('\r\n')
    this.end()
  }

  #begin(exchange: Exchange): void {
    this.#tags += 1
    this.#writing = { tag: `p${this.#tags}`, exchange, isWritten: false, isAnswered: false }
    this.#onBegin(this.#writing)
    this.#out.text(`${this.#writing.tag} `)
  }

  #takeTurn(write: () => void): void {
    if (this.#writing && !this.#failure) this.#turns.push(write)
    else write()
  }

  #handOn(): void {
    this.#writing = null
    if (this.#isHandingOn) return
    this.#isHandingOn = true
    while (!this.#writing) {
      const next = this.#turns.shift()
      if (!next) break
      next()
    }
    this.#isHandingOn = false
  }

  #settle(goesOn: boolean): void {
    this.#continuation?.settle(goesOn)
    this.#continuation = null
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure
  }
}
