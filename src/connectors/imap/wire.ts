import type { Socket } from 'node:net'
import type { Fault } from '../../domain/fault.ts'
import type { CommandPart } from './codec/commands.ts'
import { Cursor, ProtocolError } from './codec/cursor.ts'
import { type LiteralSink, type ReaderLimits, ResponseReader } from './codec/response-reader.ts'
import { parseStatusLine, type StatusLine } from './codec/status-line.ts'
import { byeFault, droppedFault, type Peer, protocolFault, stalledFault } from './faults.ts'
import { OutBuffer } from './out-buffer.ts'
import { StallWatch } from './stall-watch.ts'

/** An untagged response: `* 3 FETCH (...)` is { keyword: 'FETCH', number: 3 }. */
export interface Untagged {
  readonly keyword: string
  readonly number: number | null
  /** A new one at each look, behind the keyword. */
  readonly cursor: Cursor
  /** The status and the code of an untagged OK, NO or BAD. */
  readonly status: StatusLine | null
}

/** How a command ended. */
export type Tagged = StatusLine & { readonly status: 'OK' | 'NO' | 'BAD' }

/**
 * What one command does with what the server says meanwhile. Called inside the parser, in order. A server may begin to
 * answer the next command before it ends this one (RFC 3501, section 5.5; Dovecot 2.3.19 does): so each command is asked,
 * the oldest first, whether an answer is its own.
 */
export interface Exchange {
  /** False: it is not for this command. `isFirst`: all older commands are answered. */
  onUntagged?(response: Untagged, isFirst: boolean): boolean
  /** A literal behind `text` (without the star) is about to come; a sink takes its bytes, null leaves it to others. */
  onLiteral?(text: string, sizeBytes: number): LiteralSink | null
  /** A literal of this text that no command wants; null has it kept like any small one. */
  onUnwanted?(text: string, sizeBytes: number): LiteralSink | null
  onTagged?(tagged: Tagged): void
  onFailure?(fault: Fault): void
}

/** A command under way. */
export interface Pending {
  readonly tag: string
  readonly exchange: Exchange
  /** It is written to its end: the server is to answer now. */
  isWritten: boolean
}

export interface WireOptions {
  readonly peer: Peer
  /** Milliseconds without any progress after which a waiting connection is given up. */
  readonly stallMs: number
  readonly readerLimits?: ReaderLimits
  /** LITERAL+ or LITERAL- (RFC 7888): the largest literal that may be sent without asking; 0 for none. */
  readonly literalBytesUnasked: number
}

/** Answers nobody asked for are read and forgotten, up to so much for one command. */
const idleTalkBytesMax = 64 * 1024 * 1024
const pauseAtBytes = 1024 * 1024
const resumeAtBytes = 512 * 1024

/**
 * One signed-in connection: commands go out in order, without waiting for each other; answers come back to the command
 * that is being answered. Whatever breaks it breaks all commands under way with one Fault.
 */
export class Wire {
  readonly options: WireOptions
  readonly out: OutBuffer
  readonly #socket: Socket
  readonly #reader: ResponseReader
  readonly #watch: StallWatch
  readonly #closed: Promise<void>
  readonly #pending: Pending[] = []
  /** Commands that wait until the one that is being written has been written. */
  readonly #turns: (() => void)[] = []
  #writing: Pending | null = null
  #continuation: { readonly pending: Pending; readonly settle: (goesOn: boolean) => void } | null = null
  #claimer: Pending | null = null
  #tags = 0
  #receivedBytes = 0
  #idleTalkBytes = 0
  #bufferedBytes = 0
  #failure: Fault | null = null
  #isLeaving = false
  #isHandingOn = false

  constructor(socket: Socket, options: WireOptions) {
    this.options = options
    this.#socket = socket
    this.out = new OutBuffer(socket)
    this.#reader = new ResponseReader(
      {
        onLiteral: (text, sizeBytes) => this.#literal(text.slice(2), sizeBytes),
        onResponse: (text, literals) => this.#dispatch(text, literals),
      },
      options.readerLimits,
    )
    this.#watch = new StallWatch(options.stallMs, {
      isWaiting: () => !socket.isPaused() && this.#isWaiting,
      progress: () => this.#receivedBytes + this.out.sentBytes,
      onStall: () => this.fail(stalledFault(options.peer, options.stallMs)),
    })
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    this.#attach()
  }

  get failure(): Fault | null {
    return this.#failure
  }

  /** Sends one command. Resolves with its tagged answer whatever that says; rejects when the connection breaks. */
  command(parts: readonly CommandPart[], exchange: Exchange = {}): Promise<Tagged> {
    return new Promise((resolve, reject) => {
      const onTagged = (tagged: Tagged): void => {
        exchange.onTagged?.(tagged)
        resolve(tagged)
      }
      const onFailure = (fault: Fault): void => {
        exchange.onFailure?.(fault)
        reject(fault)
      }
      this.#takeTurn(() => void this.#write(parts, { ...bound(exchange), onTagged, onFailure }))
    })
  }

  /** Begins a command that is written in pieces; nothing else is written until `endWriting`. */
  async beginWriting(exchange: Exchange): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#takeTurn(() => {
        this.#begin(exchange)
        resolve()
      })
    })
    this.#throwIfFailed()
  }

  /** The command that is being written is complete: the server is to answer it now. */
  endWriting(): void {
    if (this.#writing) this.#writing.isWritten = true
    this.#handTurnOn()
  }

  /** Waits for `+` behind the head of a literal; false when the command was answered instead. */
  async maySendLiteral(): Promise<boolean> {
    this.#throwIfFailed()
    const pending = this.#writing
    if (!pending || !this.#pending.includes(pending)) return false
    this.out.flush()
    const goesOn = await new Promise<boolean>((settle) => {
      this.#continuation = { pending, settle }
    })
    this.#throwIfFailed()
    return goesOn
  }

  /** False when the command was answered before the literal was sent. */
  async writeLiteral(bytes: Uint8Array): Promise<boolean> {
    const { text, mustWait } = this.literalHead(bytes.length)
    this.out.text(text)
    if (mustWait && !(await this.maySendLiteral())) return false
    this.out.bytes(bytes)
    return true
  }

  /** `{n}` or `{n+}`, whichever the server takes, and whether we have to wait behind it. */
  literalHead(sizeBytes: number): { readonly text: string; readonly mustWait: boolean } {
    const mustWait = sizeBytes > this.options.literalBytesUnasked
    return { text: mustWait ? `{${sizeBytes}}\r\n` : `{${sizeBytes}+}\r\n`, mustWait }
  }

  /** What has been read and not yet been used, in bytes; above 1 MB the socket rests. */
  hold(bytes: number): void {
    this.#bufferedBytes += bytes
    if (this.#bufferedBytes > pauseAtBytes && !this.#socket.isPaused()) this.#socket.pause()
  }

  release(bytes: number): void {
    this.#bufferedBytes -= bytes
    if (this.#bufferedBytes < resumeAtBytes && this.#socket.isPaused() && !this.#failure) this.#socket.resume()
  }

  /** Cuts the connection: nothing that was not handed to the kernel is sent any more. */
  fail(fault: Fault): void {
    if (this.#failure) return
    this.#failure = fault
    this.#reader.stop()
    this.#watch.stop()
    this.#socket.destroy()
    this.out.abandon()
    const broken = this.#pending.splice(0)
    this.#continuation?.settle(false)
    this.#continuation = null
    this.#handTurnOn()
    for (const { exchange } of broken) exchange.onFailure?.(fault)
  }

  /** An answer that nobody wants is too long to be waited for. */
  cutShort(): void {
    this.fail(droppedFault(this.options.peer, new Error('the rest of an answer was not wanted')))
  }

  /** Says LOGOUT where nothing is under way, and waits a moment for the server to leave. */
  async close(waitMs = 1000): Promise<void> {
    if (!this.#failure && this.#pending.length === 0) {
      this.#isLeaving = true
      const timer = setTimeout(() => this.#socket.destroy(), waitMs)
      this.command(['LOGOUT']).catch(() => null)
      this.out.flush()
      await this.#closed
      clearTimeout(timer)
    }
    this.fail(droppedFault(this.options.peer, null))
  }

  #attach(): void {
    const { peer } = this.options
    this.#socket.setTimeout(0)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    this.#socket.on('error', (cause) => this.fail(droppedFault(peer, cause)))
    const gone = (): void => this.fail(droppedFault(peer, null))
    this.#socket.on('end', gone)
    this.#socket.on('close', gone)
    this.#socket.resume()
  }

  #receive(chunk: Uint8Array): void {
    this.#receivedBytes += chunk.length
    try {
      this.#reader.feed(chunk)
    } catch (cause) {
      this.fail(protocolFault(this.options.peer, cause))
    }
  }

  #dispatch(text: string, literals: readonly Uint8Array[]): void {
    if (text.startsWith('* ')) this.#untagged(text, literals)
    else if (text.startsWith('+')) this.#settleContinuation(true)
    else this.#tagged(text)
  }

  #literal(text: string, sizeBytes: number): LiteralSink | null {
    for (const pending of this.#pending) {
      const sink = pending.exchange.onLiteral?.(text, sizeBytes)
      if (!sink) continue
      this.#claimer = pending
      return sink
    }
    for (const { exchange } of this.#pending) {
      const sink = exchange.onUnwanted?.(text, sizeBytes)
      if (sink) return sink
    }
    return null
  }

  #untagged(text: string, literals: readonly Uint8Array[]): void {
    const response = readUntagged(text, literals)
    if (response.status?.status === 'BYE' && !this.#isLeaving) {
      this.fail(byeFault(this.options.peer, response.status))
      return
    }
    const claimer = this.#claimer
    this.#claimer = null
    // Whoever took the literal of a response gets its end.
    const candidates = claimer ? [claimer] : this.#pending
    const isUsed = candidates.some(
      (pending) => pending.exchange.onUntagged?.(response, pending === this.#pending[0]) ?? false,
    )
    if (!isUsed) this.#countIdleTalk(text.length)
  }

  #countIdleTalk(bytes: number): void {
    this.#idleTalkBytes += bytes
    if (this.#idleTalkBytes > idleTalkBytesMax) throw new ProtocolError('The server talks without an end')
  }

  #tagged(text: string): void {
    const end = text.indexOf(' ')
    const tag = text.slice(0, end)
    const at = this.#pending.findIndex((pending) => pending.tag === tag)
    const status = parseStatusLine(text.slice(end + 1))
    const pending = this.#pending[at]
    if (end < 0 || !pending || !isTagged(status)) throw new ProtocolError('An answer has a tag that was never sent')
    this.#pending.splice(at, 1)
    this.#idleTalkBytes = 0
    if (this.#continuation?.pending === pending) this.#settleContinuation(false)
    pending.exchange.onTagged?.(status)
  }

  #settleContinuation(goesOn: boolean): void {
    this.#continuation?.settle(goesOn)
    this.#continuation = null
  }

  get #isWaiting(): boolean {
    return this.out.backlogBytes > 0 || this.#continuation !== null || this.#pending[0]?.isWritten === true
  }

  #takeTurn(write: () => void): void {
    if (this.#writing && !this.#failure) this.#turns.push(write)
    else write()
  }

  #handTurnOn(): void {
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

  /** Without a literal that must wait, all is written before this returns. */
  async #write(parts: readonly CommandPart[], exchange: Exchange): Promise<void> {
    if (this.#failure) {
      exchange.onFailure?.(this.#failure)
      return
    }
    this.#begin(exchange)
    for (const part of parts) {
      if (typeof part === 'string') this.out.text(part)
      else if (!(await this.writeLiteral(part).catch(() => false))) return this.endWriting()
    }
    this.out.text('\r\n')
    this.endWriting()
  }

  #begin(exchange: Exchange): void {
    this.#tags += 1
    this.#writing = { tag: `p${this.#tags}`, exchange, isWritten: false }
    this.#pending.push(this.#writing)
    this.out.text(`${this.#writing.tag} `)
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure
  }
}

function readUntagged(text: string, literals: readonly Uint8Array[]): Untagged {
  const head = new Cursor(text, literals, 2)
  const number = head.isBeforeDigit ? head.number() : null
  if (number !== null) head.space()
  const keyword = head.keyword()
  head.skips(' ')
  return {
    keyword,
    number,
    status: number === null ? parseStatusLine(text.slice(2)) : null,
    get cursor() {
      return new Cursor(text, literals, head.at)
    },
  }
}

const isTagged = (line: StatusLine | null): line is Tagged =>
  line?.status === 'OK' || line?.status === 'NO' || line?.status === 'BAD'

/** An exchange may be an object with a life of its own. */
const bound = (exchange: Exchange): Exchange => ({
  ...(exchange.onUntagged && { onUntagged: exchange.onUntagged.bind(exchange) }),
  ...(exchange.onLiteral && { onLiteral: exchange.onLiteral.bind(exchange) }),
  ...(exchange.onUnwanted && { onUnwanted: exchange.onUnwanted.bind(exchange) }),
})
