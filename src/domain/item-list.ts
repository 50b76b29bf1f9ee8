import { type Column, placeOf } from './columns.ts'
import type { FlagSets } from './flag-sets.ts'
import type { ItemMeta, Uid } from './mail.ts'
import { unpackReceivedAt } from './received-at.ts'

/** What an item list is made of: one place a column for each item, ascending by UID. */
export interface ItemColumns {
  readonly uids: Uint32Array
  readonly sizes: Float64Array
  /** Numbers of flag sets. */
  readonly flags: Uint32Array
  /** A packed date, `noDate`, or below that the complement of a place in `dateTexts`. */
  readonly dates: Float64Array
  readonly flagSets: FlagSets
  /** Dates whose text is not made of a number again. */
  readonly dateTexts: readonly string[]
}

export const noDate = -1

/**
 * Items of a folder, ascending by UID, each UID once: 24 bytes an item. The objects are made as they are asked for. Never
 * changes; what is cut out of it shares its memory.
 */
export class ItemList implements Iterable<ItemMeta> {
  readonly #columns: ItemColumns

  /** `columns` ascend by UID and are not changed any more: `ItemListBuilder` makes them of anything. */
  constructor(columns: ItemColumns) {
    this.#columns = columns
  }

  get length(): number {
    return this.#columns.uids.length
  }

  /** The item at a place, counted from the end where the place is negative. */
  at(place: number): ItemMeta | undefined {
    const at = place < 0 ? this.length + place : place
    const { uids, sizes, flags, flagSets } = this.#columns
    const uid = uids[at]
    if (uid === undefined) return undefined
    return { uid, sizeBytes: sizes[at] ?? 0, flags: flagSets.at(flags[at] ?? 0), receivedAt: this.receivedAtOf(at) }
  }

  uidAt(place: number): Uid {
    return this.#columns.uids[place] ?? 0
  }

  sizeAt(place: number): number {
    return this.#columns.sizes[place] ?? 0
  }

  receivedAtOf(place: number): string | null {
    const { dates, dateTexts } = this.#columns
    const date = dates[place] ?? noDate
    if (date >= 0) return unpackReceivedAt(date)
    return date === noDate ? null : (dateTexts[-date - 2] ?? null)
  }

  /** Where a UID stands; negative where it does not. */
  placeOf(uid: Uid): number {
    return placeOf(this.#columns.uids, uid)
  }

  get(uid: Uid): ItemMeta | undefined {
    const place = this.placeOf(uid)
    return place < 0 ? undefined : this.at(place)
  }

  has(uid: Uid): boolean {
    return this.placeOf(uid) >= 0
  }

  *[Symbol.iterator](): Generator<ItemMeta, undefined> {
    for (let place = 0; place < this.length; place += 1) {
      const item = this.at(place)
      if (item) yield item
    }
  }

  *places(): Generator<number, undefined> {
    for (let place = 0; place < this.length; place += 1) yield place
  }

  uids(): Iterable<Uid> {
    return this.#columns.uids
  }

  /** Which lengths there are. */
  sizes(): ReadonlySet<number> {
    return new Set(this.#columns.sizes)
  }

  /** Items from a UID up. */
  from(uid: Uid): ItemList {
    return this.slice(this.#firstFrom(uid))
  }

  /** Items below a UID. */
  below(uid: Uid): ItemList {
    return this.slice(0, this.#firstFrom(uid))
  }

  slice(start: number, end = this.length): ItemList {
    if (start <= 0 && end >= this.length) return this
    return this.#with((column) => column.subarray(start, end))
  }

  filter(keeps: (item: ItemMeta) => boolean): ItemList {
    return this.pick((place) => {
      const item = this.at(place)
      return item !== undefined && keeps(item)
    })
  }

  /** The items at those places that are wanted. */
  pick(isWanted: (place: number) => boolean): ItemList {
    const places = new Uint32Array(this.length)
    let count = 0
    for (let place = 0; place < this.length; place += 1) {
      if (isWanted(place)) places[count++] = place
    }
    return count === this.length ? this : this.gather(places.subarray(0, count))
  }

  /** The items at places that ascend by UID. */
  gather(places: Uint32Array): ItemList {
    return this.#with((column) => {
      const made = new (column.constructor as new (length: number) => typeof column)(places.length)
      for (let at = 0; at < places.length; at += 1) made[at] = column[places[at] ?? 0] ?? 0
      return made
    })
  }

  #with(change: <T extends Column>(column: T) => Column): ItemList {
    const { uids, sizes, flags, dates, ...shared } = this.#columns
    return new ItemList({
      ...shared,
      uids: change(uids) as Uint32Array,
      sizes: change(sizes) as Float64Array,
      flags: change(flags) as Uint32Array,
      dates: change(dates) as Float64Array,
    })
  }

  #firstFrom(uid: Uid): number {
    const place = this.placeOf(uid)
    return place < 0 ? ~place : place
  }
}
