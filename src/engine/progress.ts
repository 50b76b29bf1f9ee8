import type { FolderWork, Pass } from './folder-work.ts'
import type { Opening } from './open-folders.ts'

/** Messages and their bytes. */
export interface Amount {
  readonly items: number
  readonly bytes: number
}

const nothing: Amount = { items: 0, bytes: 0 }

export function amountOf(items: Iterable<{ readonly sizeBytes: number }>): Amount {
  const amount = { ...nothing }
  for (const { sizeBytes } of items) {
    amount.items += 1
    amount.bytes += sizeBytes
  }
  return amount
}

/** Tells how far a pass is: messages and bytes of the whole mailbox, with what earlier passes settled. */
export class ProgressMeter {
  readonly #pass: Pass
  readonly #itemsTotal: number
  /** In folders that the target would not have: settled, and of no known size. */
  readonly #itemsRefused: number
  /** What the ledger of each folder held when the pass began, by the id of its state. */
  readonly #heldBefore: ReadonlyMap<number, Amount>
  /** Messages whose size is known. */
  #sized: Amount
  /** Those of them that are settled. */
  #settled: Amount

  constructor(pass: Pass, { sources, open, idle }: Pick<Opening, 'sources' | 'open' | 'idle'>) {
    const itemsOpen = open.reduce((sum, { source }) => sum + (source.status?.messages ?? 0), 0)
    const amountIdle = idle
      .map(({ counts, sizeBytes }) => ({ items: counts.source, bytes: sizeBytes }))
      .reduce(add, nothing)
    this.#pass = pass
    this.#itemsTotal = sources.reduce(
      (sum, { isSelectable, status }) => sum + ((isSelectable && status?.messages) || 0),
      0,
    )
    this.#itemsRefused = Math.max(0, this.#itemsTotal - itemsOpen - amountIdle.items)
    this.#heldBefore = new Map(open.map(({ state, ledger }) => [state.id, amountOf(ledger.present())]))
    this.#sized = this.#settled = [...this.#heldBefore.values()].reduce(add, amountIdle)
    this.#tell(null)
  }

  /** Follows one folder; call the returned function when it is finished. */
  watch(work: FolderWork): () => void {
    const heldBefore = this.#heldBefore.get(work.state.id) ?? nothing
    const wanted = amountOf(work.wanted.values())
    const held = amountOf(work.ledger.present().filter(({ sourceUid }) => !work.wanted.has(sourceUid)))
    const others = subtract(this.#settled, heldBefore)
    this.#sized = [held, wanted].reduce(add, subtract(this.#sized, heldBefore))
    const look = (): void => {
      this.#settled = [held, subtract(wanted, amountOf(work.wanted.values()))].reduce(add, others)
      this.#tell(work.source.path)
    }
    look()
    const timer = setInterval(look, 250)
    return () => {
      clearInterval(timer)
      look()
    }
  }

  #tell(folder: readonly string[] | null): void {
    // What was not listed yet is taken to be of the size of the rest.
    const average = this.#sized.bytes / Math.max(this.#sized.items, 1)
    const itemsUnsized = Math.max(0, this.#itemsTotal - this.#sized.items)
    this.#pass.onProgress({
      itemsTotal: this.#itemsTotal,
      itemsDone: Math.min(this.#itemsTotal, this.#itemsRefused + this.#settled.items),
      bytesTotal: this.#sized.bytes + Math.round(average * itemsUnsized),
      bytesDone: this.#settled.bytes + Math.round(average * Math.min(this.#itemsRefused, itemsUnsized)),
      folder,
    })
  }
}

const add = (a: Amount, b: Amount): Amount => ({ items: a.items + b.items, bytes: a.bytes + b.bytes })
const subtract = (a: Amount, b: Amount): Amount => ({ items: a.items - b.items, bytes: a.bytes - b.bytes })
