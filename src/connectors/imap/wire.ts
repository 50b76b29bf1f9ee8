import type { Socket } from 'node:net'
import type { Fault } from '../../domain/fault.ts'
import { Brake } from './brake.ts'
import type { CommandPart } from './codec/commands.ts'
import { ProtocolError } from './codec/cursor.ts'
import { type LiteralSink, type ReaderLimits, ResponseReader } from './codec/response-reader.ts'
import { CommandWriter, type Pending } from './command-writer.ts'
import { type Exchange, readTagged, readUntagged, type Tagged } from './exchange.ts'
import { FairShare } from './fair-share.ts'
import { byeFault, droppedFault, type Peer, protocolFault, stalledFault } from './faults.ts'
import { OutBuffer } from './out-buffer.ts'
import { StallWatch } from './stall-watch.ts'

export interface WireOptions {
  readonly peer: Peer
  /** Milliseconds without any progress after which a waiting connection is given up. */
  readonly stallMs: number
  readonly readerLimits?: ReaderLimits
  /** LITERAL+ or LITERAL- (RFC 7888): the largest literal that may be sent without asking; 0 for none. */
  readonly literalBytesUnasked: number
  /** What came over the connection before the wire took over. */
  readonly unread: Uint8Array
}

const keepAliveMs = 60_000

/** One for all connections of the process. */
const share = new FairShare()

/** Answers nobody asked for are read and forgotten, up to so much for one command. */
const idleTalkBytesMax = 64 * 1024 * 1024

/**
 * One signed-in connection: commands go out in order, without waiting for each other; each answer goes to the command
 * that it is for. Whatever breaks it breaks all commands under way with one Fault.
 */
export class Wire {
  readonly options: WireOptions
  readonly out: OutBuffer
  readonly writer: CommandWriter
  readonly brake: Brake
  readonly #socket: Socket
  readonly #reader: ResponseReader
  readonly #watch: StallWatch
  readonly #closed: Promise<void>
  /** Commands that are not answered, the oldest first. */
  readonly #pending: Pending[] = []
  /** Whoever took the literal of the present response. */
  #claimer: Pending | null = null
  #receivedBytes = 0
  /** What came when others had their turn. */
  readonly #unread: Uint8Array[] = []
  #idleTalkBytes = 0
  #failure: Fault | null = null
  #isLeaving = false

  constructor(socket: Socket, options: WireOptions) {
    this.options = options
    this.#socket = socket
    this.out = new OutBuffer(socket)
    this.brake = new Brake(socket, () => this.#mayRest())
    this.writer = new CommandWriter(this.out, options.literalBytesUnasked, (pending) => this.#pending.push(pending))
    const onLiteral = (text: string, sizeBytes: number) => this.#literal(text.slice(2), sizeBytes)
    const onResponse = (text: string, literals: readonly Uint8Array[]) => this.#response(text, literals)
    this.#reader = new ResponseReader({ onLiteral, onResponse }, options.readerLimits)
    this.#watch = new StallWatch(options.stallMs, {
      isWaiting: () => this.#isWaiting,
      isResting: () => this.brake.isOn,
      progress: () => this.#receivedBytes + this.out.sentBytes,
      onStall: () => this.fail(stalledFault(options.peer, options.stallMs)),
    })
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    this.#attach()
  }

  get failure(): Fault | null {
    return this.#failure
  }

  /** Signed in, and nothing is under way in either direction. */
  get isQuiet(): boolean {
    return !this.#failure && this.#pending.length === 0 && !this.brake.isOn && this.out.backlogBytes === 0
  }

  /** Sends one command. Resolves with its tagged answer whatever that says; rejects when the connection breaks. */
  command(parts: readonly CommandPart[], exchange: Exchange = {}): Promise<Tagged> {
    return new Promise((resolve, reject) => {
      this.writer.write(parts, {
        isTurning: exchange.isTurning === true,
        get isSated() {
          return exchange.isSated === true
        },
        onUntagged: (response, isFirst) => exchange.onUntagged?.(response, isFirst) ?? false,
        onLiteral: (text, sizeBytes) => exchange.onLiteral?.(text, sizeBytes) ?? null,
        onUnwanted: (text, sizeBytes) => exchange.onUnwanted?.(text, sizeBytes) ?? null,
        onTagged: (tagged) => {
          exchange.onTagged?.(tagged)
          resolve(tagged)
        },
        onFailure: (fault) => {
          exchange.onFailure?.(fault)
          reject(fault)
        },
      })
    })
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
    this.writer.fail(fault)
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
    // A connection that rests between two passes shall not be forgotten on the way.
    this.#socket.setKeepAlive(true, keepAliveMs)
    this.#socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    const gone = (cause: unknown): void => {
      while (this.#unread.length > 0) this.#readOn()
      this.fail(droppedFault(peer, cause))
    }
    this.#socket.on('error', gone)
    this.#socket.on('end', () => gone(null))
    this.#socket.on('close', () => gone(null))
    this.#receive(this.options.unread)
    this.#socket.resume()
  }

  get #isWaiting(): boolean {
    return this.out.backlogBytes > 0 || this.writer.isWaiting || this.#pending[0]?.isWritten === true
  }

  #receive(chunk: Uint8Array): void {
    this.#receivedBytes += chunk.length
    if (this.#unread.length === 0 && share.isFree) this.#read(chunk)
    else {
      this.#unread.push(chunk)
      this.brake.hold(chunk.length)
      share.later(() => this.#readOn())
    }
  }

  #readOn(): void {
    const chunk = this.#unread.shift()
    if (!chunk) return
    this.brake.release(chunk.length)
    this.#read(chunk)
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#reader.feed(chunk)
    } catch (cause) {
      this.fail(protocolFault(this.options.peer, cause))
    }
  }

  /**
   * What comes now may wait, if nobody waits for what is behind it: the answer to an older command may come behind the
   * content of the next one (Dovecot 2.3.19 ends a FETCH so).
   */
  #mayRest(): boolean {
    const at = this.#claimer === null ? 0 : this.#pending.indexOf(this.#claimer)
    return this.#pending.slice(0, at).every(({ exchange }) => exchange.isSated)
  }

  /** Whom an answer may be for: nobody behind a folder that is yet to be opened. */
  #candidates(): readonly Pending[] {
    const at = this.#pending.findIndex(({ exchange }) => exchange.isTurning)
    return at < 0 ? this.#pending : this.#pending.slice(0, at + 1)
  }

  #literal(text: string, sizeBytes: number): LiteralSink | null {
    const candidates = this.#candidates()
    for (const pending of candidates) {
      const sink = pending.exchange.onLiteral?.(text, sizeBytes)
      if (!sink) continue
      this.#claimer = pending
      return sink
    }
    for (const { exchange } of candidates) {
      const sink = exchange.onUnwanted?.(text, sizeBytes)
      if (sink) return sink
    }
    return null
  }

  #response(text: string, literals: readonly Uint8Array[]): void {
    if (text.startsWith('* ')) this.#untagged(text, literals)
    else if (text.startsWith('+')) this.writer.goOn()
    else this.#tagged(text)
  }

  #untagged(text: string, literals: readonly Uint8Array[]): void {
    const response = readUntagged(text, literals)
    if (response.status?.status === 'BYE' && !this.#isLeaving) {
      this.fail(byeFault(this.options.peer, response.status))
      return
    }
    const candidates = this.#claimer ? [this.#claimer] : this.#candidates()
    this.#claimer = null
    const [first] = this.#pending
    const isUsed = candidates.some((pending) => pending.exchange.onUntagged?.(response, pending === first))
    if (!isUsed) this.#idleTalkBytes += text.length
    if (this.#idleTalkBytes > idleTalkBytesMax) throw new ProtocolError('The server talks without an end')
  }

  #tagged(text: string): void {
    const answer = readTagged(text)
    const at = this.#pending.findIndex(({ tag }) => tag === answer?.tag)
    const pending = this.#pending[at]
    if (!answer || !pending) throw new ProtocolError('An answer has a tag that was never sent')
    this.#pending.splice(at, 1)
    this.#idleTalkBytes = 0
    this.writer.answered(pending)
    pending.exchange.onTagged?.(answer.tagged)
  }
}
