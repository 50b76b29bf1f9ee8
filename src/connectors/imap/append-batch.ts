import type { Uid } from '../../domain/mail.ts'
import type { AppendResult } from '../connector.ts'
import type { Tagged } from './exchange.ts'

/** Larger batches are no faster, and lose more when they are refused. */
export const batchItemsMax = 100
const batchBytesMax = 4 * 1024 * 1024

/** What may be under way without an answer: so much could land although nobody saw it. */
const unansweredBatchesMax = 8
/** Of one message each, where a batch cannot hold more: together fewer than one that can. */
const unansweredSinglesMax = 64
const unansweredBytesMax = 16 * 1024 * 1024

/** One APPEND, of one message or several (RFC 3502). */
export interface Batch {
  readonly uids: Uid[]
  bytes: number
  /** Its last CR LF is written; before that nothing of it can land. */
  isCommitted: boolean
  answer: Tagged | null
  readonly slot: Slot
}

/** The place of a batch, or of a message that was not sent, in the order of results. */
export interface Slot {
  results: readonly AppendResult[] | null
}

export const newBatch = (): Batch => ({
  uids: [],
  bytes: 0,
  isCommitted: false,
  answer: null,
  slot: { results: null },
})

/** An empty message is refused by most servers and takes its batch with it, so it stands alone. */
export const hasRoomFor = ({ uids, bytes }: Batch, sizeBytes: number, itemsMax: number): boolean =>
  uids.length < itemsMax && bytes > 0 && sizeBytes > 0 && bytes + sizeBytes <= batchBytesMax

/** All batches of one connection that are not answered, whichever folder they go to. */
export class AppendTraffic {
  readonly #unanswered = new Set<Batch>()
  readonly #listeners = new Set<() => void>()
  readonly #batchesMax: number

  constructor(holdsMany: boolean) {
    this.#batchesMax = holdsMany ? unansweredBatchesMax : unansweredSinglesMax
  }

  get isIdle(): boolean {
    return this.#unanswered.size === 0
  }

  /** Whether one more batch may go out meanwhile. */
  mayFollow(sizeBytes: number): boolean {
    let bytes = sizeBytes
    for (const batch of this.#unanswered) bytes += batch.bytes
    return this.#unanswered.size < this.#batchesMax && bytes <= unansweredBytesMax
  }

  add(batch: Batch): void {
    this.#unanswered.add(batch)
  }

  /** Tells all who wait for room. */
  delete(batch: Batch): void {
    if (this.#unanswered.delete(batch)) for (const listen of this.#listeners) listen()
  }

  /** Returns how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** Answers that nobody takes hold back what is sent. */
const slotsMax = 1000

/** Results on their way to whoever asked for the appending, in the order of the items. */
export class SlotQueue {
  readonly #slots: Slot[] = []
  #wakeTaker: (() => void) | null = null
  #onTaken: () => void

  constructor(onTaken: () => void) {
    this.#onTaken = onTaken
  }

  get isFull(): boolean {
    return this.#slots.length >= slotsMax
  }

  push(slot: Slot): void {
    this.#slots.push(slot)
    this.tell()
  }

  /** A slot was settled, or all is over. */
  tell(): void {
    this.#wakeTaker?.()
    this.#wakeTaker = null
  }

  /** The next settled slot, or null when there is none and `isOver`. */
  async next(isOver: () => boolean): Promise<readonly AppendResult[] | null> {
    for (;;) {
      const results = this.#slots[0]?.results
      if (results) {
        this.#slots.shift()
        this.#onTaken()
        return results
      }
      if (isOver()) return null
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve
      })
    }
  }
}
