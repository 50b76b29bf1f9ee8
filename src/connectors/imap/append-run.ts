import { clearInterval, setInterval } from 'node:timers'
import { Fault, isFault } from '../../domain/fault.ts'
import type { Folder, Uid } from '../../domain/mail.ts'
import type { AppendItem, AppendOptions, AppendResult } from '../connector.ts'
import type { AppendUids } from './append-uids.ts'
import { parseDateTime } from './codec/dates.ts'
import { type FlagRules, writableFlags } from './codec/flags.ts'
import { refusalFault, shown } from './faults.ts'
import type { Session } from './session.ts'
import type { Tagged } from './wire.ts'

/** Larger batches are no faster, and lose more when they are refused. */
const batchItemsMax = 100
const batchBytesMax = 4 * 1024 * 1024
/** What may be under way without an answer: so much could land although nobody saw it. */
const unansweredBatchesMax = 8
const unansweredBytesMax = 16 * 1024 * 1024
const backlogBytesMax = 1024 * 1024
/** Answers that nobody takes hold back what is sent. */
const untakenSlotsMax = 1000

export interface AppendContext {
  readonly session: Session
  readonly folder: Folder
  readonly options: AppendOptions
  readonly rules: FlagRules
  readonly uids: AppendUids
}

/** One APPEND, of one message or several (RFC 3502). */
interface Batch {
  readonly uids: Uid[]
  bytes: number
  /** Its last CR LF is written; before that nothing of it can land. */
  isCommitted: boolean
  answer: Tagged | null
  readonly slot: Slot
}

/** The place of a batch, or of a message that was not sent, in the order of results. */
interface Slot {
  results: readonly AppendResult[] | null
}

/**
 * Sends messages to a folder while earlier answers are still under way. The last CR LF of every batch is the commit
 * point: it waits until all before it has left, and until the caller says yes.
 */
export class AppendRun {
  readonly #context: AppendContext
  readonly #slots: Slot[] = []
  readonly #unanswered = new Set<Batch>()
  #open: Batch | null = null
  #closing: Promise<void> = Promise.resolve()
  #waitingSince: number | null = null
  #failure: unknown = null
  #isOver = false
  #hasAnswer = false
  #wakeTaker: (() => void) | null = null
  #wakeSender: (() => void) | null = null

  constructor(context: AppendContext) {
    this.#context = context
  }

  async *results(items: AsyncIterable<AppendItem>): AsyncGenerator<AppendResult> {
    void this.#send(items)
    try {
      for (let slot = await this.#nextSlot(); slot; slot = await this.#nextSlot()) yield* slot.results ?? []
      if (this.#failure !== null) throw this.#failure
    } finally {
      if (!this.#isOver) this.#abandon()
    }
  }

  /** The next settled slot in order, or null when all is over. */
  async #nextSlot(): Promise<Slot | null> {
    for (;;) {
      if (this.#slots[0]?.results) {
        this.#wakeSender?.()
        return this.#slots.shift() ?? null
      }
      if (this.#isOver || this.#isBroken) return null
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve
      })
    }
  }

  /** The connection is gone: nothing more comes, whatever the source still has. */
  get #isBroken(): boolean {
    return this.#failure !== null && this.#context.session.wire.failure !== null
  }

  /** Nobody wants the results any more: what is not committed must not land. */
  #abandon(): void {
    const { session } = this.#context
    this.#failure ??= new Fault('cancelled', 'The appending was stopped', { side: session.peer.side })
    if (this.#unanswered.size > 0) session.destroy()
    this.#wakeSender?.()
  }

  /** Never rejects: what goes wrong is kept for whoever takes the results. */
  async #send(items: AsyncIterable<AppendItem>): Promise<void> {
    const timer = setInterval(() => this.#closeWhenIdle(), this.#context.session.options.batchIdleMs / 4)
    try {
      await this.#sendAll(items)
      await this.#closeBatch()
      while (this.#unanswered.size > 0) await this.#answer()
    } catch (error) {
      this.#failure ??= error
    } finally {
      clearInterval(timer)
    }
    this.#isOver = true
    this.#wakeTaker?.()
  }

  /** A source that fails between two messages does no harm to those that were sent. */
  async #sendAll(items: AsyncIterable<AppendItem>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]()
    try {
      for (let step = await this.#nextItem(iterator); !step.done; step = await this.#nextItem(iterator)) {
        if (this.#failure === null) await this.#sendItem(step.value)
        if (this.#failure !== null) break
      }
    } catch (error) {
      this.#failure ??= error
    }
    if (this.#failure !== null) await iterator.return?.().catch(() => null)
  }

  async #nextItem(iterator: AsyncIterator<AppendItem>): Promise<IteratorResult<AppendItem>> {
    this.#waitingSince = performance.now()
    try {
      return await iterator.next()
    } finally {
      this.#waitingSince = null
      await this.#closing
    }
  }

  /** A batch that stays open long would be cut by the server, or hold a lock there. */
  #closeWhenIdle(): void {
    const idleMs = this.#waitingSince === null ? 0 : performance.now() - this.#waitingSince
    if (!this.#open || idleMs < this.#context.session.options.batchIdleMs) return
    this.#closing = this.#closeBatch().catch((error: unknown) => {
      this.#failure ??= error
    })
  }

  async #sendItem(item: AppendItem): Promise<void> {
    const { appendBytesMax } = this.#context.session
    const body = item.body[Symbol.asyncIterator]()
    if (appendBytesMax !== null && item.sizeBytes > appendBytesMax) {
      await drain(body)
      return this.#refuseUnsent(item, this.#tooLarge(item, appendBytesMax))
    }
    const first = await this.#firstChunk(item, body)
    if (!first) return
    const batch = await this.#batchFor(item)
    if (await this.#begin(batch, item)) await this.#pour(first, body, item.sizeBytes)
    else await this.#drainRefused(batch, body)
    if (batch.answer) await this.#closeBatch()
  }

  /** Before anything of it is sent, a message that cannot be read harms nobody. */
  async #firstChunk(item: AppendItem, body: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array> | null> {
    try {
      return await body.next()
    } catch (error) {
      if (!isFault(error) || error.scope !== 'item') throw error
      await this.#refuseUnsent(item, error)
      return null
    }
  }

  async #refuseUnsent({ uid: sourceUid }: AppendItem, fault: Fault): Promise<void> {
    await this.#closeBatch()
    this.#slots.push({ results: [{ sourceUid, outcome: 'refused', fault, batchItems: 1 }] })
    this.#wakeTaker?.()
  }

  #tooLarge({ uid, sizeBytes }: AppendItem, bytesMax: number): Fault {
    const message = `Cannot append the message ${uid}: its ${sizeBytes} bytes are more than the ${bytesMax} that the target accepts`
    return new Fault('append.too-large', message, { side: 'target' })
  }

  async #batchFor({ sizeBytes }: AppendItem): Promise<Batch> {
    if (this.#open && (this.#open.answer || !this.#hasRoomFor(this.#open, sizeBytes))) await this.#closeBatch()
    if (this.#open) return this.#open
    while (!this.#mayOpen(sizeBytes)) await this.#answer()
    return this.#openBatch()
  }

  /** An empty message is refused by most, and takes its batch with it. */
  #hasRoomFor({ uids, bytes }: Batch, sizeBytes: number): boolean {
    const itemsMax = this.#context.session.has('MULTIAPPEND')
      ? Math.min(batchItemsMax, this.#context.options.batchItemsMax)
      : 1
    return uids.length < itemsMax && bytes > 0 && sizeBytes > 0 && bytes + sizeBytes <= batchBytesMax
  }

  #mayOpen(sizeBytes: number): boolean {
    if (this.#failure !== null) throw this.#failure
    if (this.#unanswered.size === 0) return true
    const { session, uids } = this.#context
    const isTrusted = uids.isTrusted || (this.#hasAnswer && !session.has('UIDPLUS'))
    const bytes = [...this.#unanswered].reduce((sum, batch) => sum + batch.bytes, 0)
    const hasRoom = this.#unanswered.size < unansweredBatchesMax && bytes + sizeBytes <= unansweredBytesMax
    return isTrusted && hasRoom && this.#slots.length < untakenSlotsMax
  }

  async #openBatch(): Promise<Batch> {
    const { session, folder } = this.#context
    const batch: Batch = { uids: [], bytes: 0, isCommitted: false, answer: null, slot: { results: null } }
    this.#open = batch
    this.#unanswered.add(batch)
    this.#slots.push(batch.slot)
    await session.wire.beginWriting({
      onTagged: (tagged) => this.#onTagged(batch, tagged),
      onFailure: (fault) => this.#onFailure(batch, fault),
    })
    session.wire.out.text('APPEND ')
    const name = session.folderArgument(folder.name)
    if (typeof name === 'string') session.wire.out.text(name)
    else await session.wire.writeLiteral(name)
    return batch
  }

  /** Writes what stands before the bytes of a message, all of it made by us; false when the server will not have it. */
  async #begin(batch: Batch, { uid, sizeBytes, flags, receivedAt }: AppendItem): Promise<boolean> {
    const { session, rules } = this.#context
    const date = receivedAt === null ? null : parseDateTime(receivedAt)
    const { text, mustWait } = session.wire.literalHead(sizeBytes)
    batch.uids.push(uid)
    batch.bytes += sizeBytes
    const written = writableFlags(flags, rules).join(' ')
    session.wire.out.text(` (${written})${date === null ? '' : ` "${date}"`} ${text}`)
    return !mustWait || session.wire.maySendLiteral()
  }

  /** A literal that was begun is written to its end, or the connection is cut: it is never filled up. */
  async #pour(first: IteratorResult<Uint8Array>, body: AsyncIterator<Uint8Array>, sizeBytes: number): Promise<void> {
    const { wire } = this.#context.session
    let left = sizeBytes
    try {
      for (let step = first; !step.done; step = await body.next()) {
        left -= step.value.length
        if (left < 0) throw new Error('A message is longer than it was said to be')
        if (wire.failure) throw wire.failure
        wire.out.bytes(step.value)
        if (wire.out.backlogBytes > backlogBytesMax) await wire.out.drained()
      }
      if (left > 0) throw new Error('A message is shorter than it was said to be')
    } catch (error) {
      this.#failure ??= error
      wire.fail(new Fault('connect.dropped', 'The connection was cut in the middle of a message', { side: 'target' }))
      this.#wakeTaker?.()
      throw error
    }
  }

  /** The command is over, and the literal was not sent: nothing is left to be written. */
  async #drainRefused(batch: Batch, body: AsyncIterator<Uint8Array>): Promise<void> {
    await drain(body)
    batch.isCommitted = true
    this.#open = null
    this.#context.session.wire.endWriting()
    if (batch.answer) this.#settle(batch, batch.answer)
  }

  async #closeBatch(): Promise<void> {
    const batch = this.#open
    if (!batch) return
    const { wire } = this.#context.session
    this.#open = null
    await wire.out.drained()
    if (wire.failure) throw wire.failure
    if (!this.#context.options.mayCommit()) throw this.#leaseLost()
    wire.out.text('\r\n')
    wire.out.flush()
    wire.endWriting()
    batch.isCommitted = true
    if (batch.answer) this.#settle(batch, batch.answer)
  }

  #leaseLost(): Fault {
    const fault = new Fault('lease.lost', 'Cannot append any more: another worker has the mailbox', { side: 'target' })
    this.#failure ??= fault
    this.#context.session.wire.fail(fault)
    this.#wakeTaker?.()
    return fault
  }

  /** An answer that comes before the commit point waits for it: the message under way is read to its end first. */
  #onTagged(batch: Batch, tagged: Tagged): void {
    batch.answer = tagged
    if (tagged.status === 'BAD') this.#cut(batch, this.#fault(tagged))
    else if (batch.isCommitted) this.#settle(batch, tagged)
    else if (tagged.status === 'OK') this.#cut(batch, this.#uncommitted())
  }

  /** What the server makes of the rest cannot be known: it may take mail for commands. */
  #cut(batch: Batch, fault: Fault): void {
    this.#onFailure(batch, fault)
    this.#context.session.wire.fail(fault)
  }

  #onFailure(batch: Batch, fault: Fault): void {
    this.#failure ??= fault
    this.#unanswered.delete(batch)
    this.#wakeSender?.()
    this.#wakeTaker?.()
  }

  #settle(batch: Batch, tagged: Tagged): void {
    this.#unanswered.delete(batch)
    this.#hasAnswer = true
    batch.slot.results = tagged.status === 'OK' ? this.#appended(batch, tagged) : this.#refused(batch, tagged)
    this.#wakeSender?.()
    this.#wakeTaker?.()
  }

  #appended({ uids }: Batch, { code }: Tagged): readonly AppendResult[] {
    const { folder, options } = this.#context
    const told = this.#context.uids.believe(folder.name, code, uids.length, options.mark)
    return uids.map((sourceUid, at) => ({ sourceUid, outcome: 'appended', uid: told?.[at] ?? null }))
  }

  /** What does not lie with the messages ends the run: they are not to blame. */
  #refused({ uids }: Batch, tagged: Tagged): readonly AppendResult[] {
    const fault = this.#fault(tagged)
    if (fault.scope === 'item') {
      return uids.map((sourceUid) => ({ sourceUid, outcome: 'refused', fault, batchItems: uids.length }))
    }
    this.#failure ??= fault
    return []
  }

  #fault(tagged: Tagged): Fault {
    const { session, folder } = this.#context
    return refusalFault(session.peer, 'append', `Cannot append to ${shown(folder.path)}`, tagged)
  }

  #uncommitted(): Fault {
    return new Fault('server.protocol', 'The server answered OK to what it had not got yet', { side: 'target' })
  }

  /** Until another batch is answered, or a result is taken. */
  async #answer(): Promise<void> {
    if (this.#context.session.wire.failure) throw this.#context.session.wire.failure
    await new Promise<void>((resolve) => {
      this.#wakeSender = resolve
    })
  }
}

async function drain(body: AsyncIterator<Uint8Array>): Promise<void> {
  for (let step = await body.next(); !step.done; step = await body.next());
}
