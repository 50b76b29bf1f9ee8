import { resized, roomFor } from './columns.ts'
import { FlagSets } from './flag-sets.ts'
import { type ItemColumns, ItemList, noDate } from './item-list.ts'
import type { ItemMeta, Uid } from './mail.ts'
import { packReceivedAt } from './received-at.ts'
import { UidIndex } from './uid-index.ts'

/** Gathers items in any order; of several with one UID the last one counts. */
export class ItemListBuilder {
  #uids = new Uint32Array(16)
  #sizes = new Float64Array(16)
  #flags = new Uint32Array(16)
  #dates = new Float64Array(16)
  #length = 0
  readonly #flagSets = new FlagSets()
  readonly #dateTexts: string[] = []
  /** Rows by UID, from the first one on that came out of order. */
  #index: UidIndex | null = null

  get length(): number {
    return this.#length
  }

  has(uid: Uid): boolean {
    return this.#rowOf(uid) >= 0
  }

  put({ uid, sizeBytes, flags, receivedAt }: ItemMeta): void {
    const row = this.#rowFor(uid)
    this.#sizes[row] = sizeBytes
    this.#flags[row] = this.#flagSets.numberOf(flags)
    this.#dates[row] = this.#dateOf(receivedAt)
  }

  /** News of the flags of an item, which count where the item is known; tells whether it is. */
  putFlags(uid: Uid, flags: readonly string[]): boolean {
    const row = this.#rowOf(uid)
    if (row >= 0) this.#flags[row] = this.#flagSets.numberOf(flags)
    return row >= 0
  }

  /** What was gathered so far. What is put later does not change it. */
  list(): ItemList {
    const list = new ItemList(this.#columns())
    if (!this.#index) return list
    const rows = Uint32Array.from({ length: this.#length }, (_, row) => row)
    return list.gather(rows.sort((a, b) => (this.#uids[a] ?? 0) - (this.#uids[b] ?? 0)))
  }

  #columns(): ItemColumns {
    const length = this.#length
    return {
      uids: resized(this.#uids, length),
      sizes: resized(this.#sizes, length),
      flags: resized(this.#flags, length),
      dates: resized(this.#dates, length),
      flagSets: this.#flagSets,
      dateTexts: this.#dateTexts,
    }
  }

  #rowFor(uid: Uid): number {
    const known = this.#rowOf(uid)
    if (known >= 0) return known
    const row = this.#length
    if (!this.#index && uid < this.#lastUid) this.#index = this.#indexed()
    this.#makeRoom(row + 1)
    this.#uids[row] = uid
    this.#length += 1
    this.#index?.add(uid, row)
    return row
  }

  /** The row of a UID, or -1. */
  #rowOf(uid: Uid): number {
    if (this.#index) return this.#index.rowOf(uid)
    if (uid > this.#lastUid) return -1
    // As long as all came in order, the rows ascend.
    let [low, high] = [0, this.#length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#uids[middle] ?? 0) < uid) low = middle + 1
      else high = middle
    }
    return this.#uids[low] === uid && this.#length > 0 ? low : -1
  }

  get #lastUid(): Uid {
    return this.#length === 0 ? 0 : (this.#uids[this.#length - 1] ?? 0)
  }

  #indexed(): UidIndex {
    const index = new UidIndex((row) => this.#uids[row] ?? 0)
    for (let row = 0; row < this.#length; row += 1) index.add(this.#uids[row] ?? 0, row)
    return index
  }

  #makeRoom(rows: number): void {
    if (rows <= this.#uids.length) return
    const room = roomFor(rows, this.#uids.length)
    this.#uids = resized(this.#uids, room)
    this.#sizes = resized(this.#sizes, room)
    this.#flags = resized(this.#flags, room)
    this.#dates = resized(this.#dates, room)
  }

  #dateOf(receivedAt: string | null): number {
    if (receivedAt === null) return noDate
    return packReceivedAt(receivedAt) ?? -1 - this.#dateTexts.push(receivedAt)
  }
}

export function itemList(items: Iterable<ItemMeta>): ItemList {
  const builder = new ItemListBuilder()
  for (const item of items) builder.put(item)
  return builder.list()
}
