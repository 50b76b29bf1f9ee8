import type { Amount } from '../domain/folder-ledger.ts'
import type { FolderWork, Pass } from './folder-work.ts'
import type { Opening } from './open-folders.ts'

const nothing: Amount = { items: 0, bytes: 0 }

/** What is settled of a folder: wanted items that have a record already are to be settled again. */
function heldIn({ ledger, wanted }: FolderWork): Amount {
  let held = ledger.present()
  if (ledger.size === 0) return held
  for (const uid of wanted.uids()) {
    const record = ledger.head(uid)
    if (record && !record.isVanished) held = subtract(held, { items: 1, bytes: record.sizeBytes })
  }
  return held
}

const amountWanted = ({ wanted }: FolderWork): Amount => ({ items: wanted.size, bytes: wanted.sizeBytes })

/** How much of a folder is known by size, and how much of that is settled. */
interface Share {
  readonly sized: Amount
  readonly settled: Amount
}

const tellEveryMs = 250

/** Tells how far a pass is: messages and bytes of the whole mailbox, with what earlier passes settled. */
export class ProgressMeter {
  readonly #pass: Pass
  readonly #itemsTotal: number
  /** In folders that the target would not have: settled, and of no known size. */
  readonly #itemsRefused: number
  /** What is told of each folder by now, by the id of its state. */
  readonly #shares = new Map<number, Share>()
  /** Of all folders together. */
  #whole: Share
  /** Folders that are being worked on, and how far each is. */
  readonly #watched = new Map<FolderWork, () => Share>()
  #timer: ReturnType<typeof setInterval> | null = null
  /** The most that was told: what is looked for again, and may be sent again, was done once. */
  #most: Amount = nothing

  constructor(pass: Pass, { sources, open, idle }: Pick<Opening, 'sources' | 'open' | 'idle'>) {
    const itemsOpen = open.reduce((sum, { source }) => sum + (source.status?.messages ?? 0), 0)
    const amountIdle = sum(idle.map(({ counts, sizeBytes }) => ({ items: counts.source, bytes: sizeBytes })))
    this.#pass = pass
    this.#itemsTotal = sources.reduce(
      (items, { isSelectable, status }) => items + ((isSelectable && status?.messages) || 0),
      0,
    )
    this.#itemsRefused = Math.max(0, this.#itemsTotal - itemsOpen - amountIdle.items)
    this.#whole = { sized: amountIdle, settled: amountIdle }
    for (const { state, ledger } of open) {
      const held = ledger.present()
      this.#put(state.id, { sized: held, settled: held })
    }
    this.#tell(null)
  }

  /** Follows one folder; call the returned function when it is finished. */
  watch(work: FolderWork): () => void {
    const wanted = amountWanted(work)
    const held = heldIn(work)
    const look = (): Share => ({
      sized: add(held, wanted),
      settled: add(held, subtract(wanted, amountWanted(work))),
    })
    this.#watched.set(work, look)
    this.#look(work)
    this.#timer ??= setInterval(() => this.#look(work), tellEveryMs)
    return () => {
      this.#look(work)
      this.#watched.delete(work)
      if (this.#watched.size > 0 || this.#timer === null) return
      clearInterval(this.#timer)
      this.#timer = null
    }
  }

  #look(work: FolderWork): void {
    for (const [{ state }, look] of this.#watched) this.#put(state.id, look())
    const [oldest = work] = this.#watched.keys()
    this.#tell(oldest.source.path)
  }

  #put(stateId: number, share: Share): void {
    const { sized, settled } = this.#shares.get(stateId) ?? { sized: nothing, settled: nothing }
    this.#shares.set(stateId, share)
    this.#whole = {
      sized: add(subtract(this.#whole.sized, sized), share.sized),
      settled: add(subtract(this.#whole.settled, settled), share.settled),
    }
  }

  #tell(folder: readonly string[] | null): void {
    const { sized, settled } = this.#whole
    // What was not listed yet is taken to be of the size of the rest.
    const average = sized.bytes / Math.max(sized.items, 1)
    const itemsUnsized = Math.max(0, this.#itemsTotal - sized.items)
    const itemsDone = Math.min(this.#itemsTotal, this.#itemsRefused + settled.items)
    const bytesTotal = sized.bytes + Math.round(average * itemsUnsized)
    const bytesDone = settled.bytes + Math.round(average * Math.min(this.#itemsRefused, itemsUnsized))
    this.#most = { items: Math.max(this.#most.items, itemsDone), bytes: Math.max(this.#most.bytes, bytesDone) }
    this.#pass.onProgress({
      itemsTotal: this.#itemsTotal,
      itemsDone: this.#most.items,
      bytesTotal,
      bytesDone: Math.min(this.#most.bytes, bytesTotal),
      folder,
    })
  }
}

const add = (a: Amount, b: Amount): Amount => ({ items: a.items + b.items, bytes: a.bytes + b.bytes })
const subtract = (a: Amount, b: Amount): Amount => ({ items: a.items - b.items, bytes: a.bytes - b.bytes })
const sum = (amounts: readonly Amount[]): Amount => amounts.reduce(add, nothing)
