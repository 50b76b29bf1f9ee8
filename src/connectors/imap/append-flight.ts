import { Fault } from '../../domain/fault.ts'
import type { Folder, Uid } from '../../domain/mail.ts'
import type { AppendOptions, AppendResult } from '../connector.ts'
import { type AppendTraffic, type Batch, newBatch, SlotQueue } from './append-batch.ts'
import type { AppendUids } from './append-uids.ts'
import type { FlagRules } from './codec/flags.ts'
import type { Exchange, Tagged } from './exchange.ts'
import { refusalFault, shown } from './faults.ts'
import type { Session } from './session.ts'

/** What a folder takes. */
export interface FolderTerms {
  readonly flags: FlagRules
  /** Of one message; null where the server tells no limit. */
  readonly bytesMax: number | null
}

export interface AppendContext {
  readonly session: Session
  readonly folder: Folder
  readonly options: AppendOptions
  readonly terms: FolderTerms
  readonly uids: AppendUids
  readonly traffic: AppendTraffic
}

/** What is on its way to a folder, what became of it, and what went wrong first. */
export class AppendFlight {
  readonly #context: AppendContext
  readonly #slots = new SlotQueue(() => this.#wake?.())
  readonly #unanswered = new Set<Batch>()
  #failure: { readonly error: unknown } | null = null
  #hasAnswer = false
  #isOver = false
  #wake: (() => void) | null = null
  readonly #stopListening: () => void

  constructor(context: AppendContext) {
    this.#context = context
    this.#stopListening = context.traffic.listen(() => this.#wake?.())
  }

  get hasFailed(): boolean {
    return this.#failure !== null
  }

  /** The first failure counts; what was committed before it is still answered for. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#tell()
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error
  }

  /** The connection must not be written to any more. */
  cut(fault: Fault): void {
    this.fail(fault)
    for (const batch of this.#unanswered) this.#answered(batch)
    this.#context.session.wire.fail(fault)
  }

  /** Results in the order of the items, as they are known; throws the failure behind them. */
  async *results(): AsyncGenerator<readonly AppendResult[]> {
    // With the connection gone nothing more comes, whatever the source still has.
    const isEnd = () => this.#isOver || (this.hasFailed && this.#context.session.wire.failure !== null)
    const next = () => this.#slots.next(isEnd)
    try {
      for (let results = await next(); results; results = await next()) yield results
      this.throwIfFailed()
    } finally {
      if (!this.#isOver) this.#abandon()
    }
  }

  /** Nobody wants the results any more: what is not committed must not land. */
  #abandon(): void {
    this.fail(new Fault('cancelled', 'The appending was stopped', { side: 'target' }))
    if (this.#unanswered.size > 0) this.#context.session.destroy()
  }

  /** Everything has been sent: waits until it is answered. */
  async end(): Promise<void> {
    try {
      while (this.#unanswered.size > 0) await this.news()
    } catch (error) {
      this.fail(error)
    }
    this.#isOver = true
    this.#stopListening()
    this.#tell()
  }

  /** Until the UIDs that a target tells turned out to be right once, each batch waits for the answer to the one before. */
  mayOpen(sizeBytes: number): boolean {
    this.throwIfFailed()
    if (this.#slots.isFull) return false
    const { session, uids, traffic } = this.#context
    const isTrusted = uids.isTrusted || (this.#hasAnswer && !session.has('UIDPLUS'))
    return traffic.isIdle || (isTrusted && traffic.mayFollow(sizeBytes))
  }

  /** Until a batch is answered, a result is taken, or something fails. */
  async news(): Promise<void> {
    const { wire } = this.#context.session
    if (wire.failure) throw wire.failure
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  open(): Batch {
    const batch = newBatch()
    this.#unanswered.add(batch)
    this.#context.traffic.add(batch)
    this.#slots.push(batch.slot)
    return batch
  }

  #answered(batch: Batch): void {
    this.#unanswered.delete(batch)
    this.#context.traffic.delete(batch)
  }

  exchangeFor(batch: Batch): Exchange {
    return {
      onTagged: (tagged) => this.#onTagged(batch, tagged),
      onFailure: (fault) => {
        this.#answered(batch)
        this.#noteDrop(batch, fault)
        this.fail(fault)
      },
    }
  }

  /** Unless we cut the connection ourselves, it may have been for the length of what was under way. */
  #noteDrop({ bytes }: Batch, { code, side }: Fault): void {
    const { options, peer } = this.#context.session
    const isTheirs = side === peer.side && (code === 'connect.dropped' || code === 'append.too-large')
    if (isTheirs && !this.hasFailed) options.drops?.note(peer.name, bytes)
  }

  /** Its last CR LF is written, or the server would not have it so far. */
  committed(batch: Batch): void {
    batch.isCommitted = true
    if (batch.answer) this.#settle(batch, batch.answer)
  }

  /** A message that was not sent at all. */
  refuse(sourceUid: Uid, fault: Fault): void {
    this.#slots.push({ results: [{ sourceUid, outcome: 'refused', fault, batchItems: 1 }] })
  }

  /** An answer that comes before the commit point waits for it: the message under way is read to its end first. */
  #onTagged(batch: Batch, tagged: Tagged): void {
    batch.answer = tagged
    // Behind a BAD the server may take mail for commands; an OK to half a command comes from no honest one.
    if (tagged.status === 'BAD') this.cut(this.#fault(tagged))
    else if (batch.isCommitted) this.#settle(batch, tagged)
    else if (tagged.status === 'OK')
      this.cut(new Fault('server.protocol', 'The server said OK too early', { side: 'target' }))
  }

  #settle(batch: Batch, tagged: Tagged): void {
    this.#answered(batch)
    this.#hasAnswer = true
    batch.slot.results = tagged.status === 'OK' ? this.#appended(batch, tagged) : this.#refused(batch, tagged)
    this.#tell()
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
    this.fail(fault)
    return []
  }

  #fault(tagged: Tagged): Fault {
    const { session, folder } = this.#context
    return refusalFault(session.peer, 'append', `Cannot append to ${shown(folder.path)}`, tagged)
  }

  #tell(): void {
    this.#wake?.()
    this.#slots.tell()
  }
}
