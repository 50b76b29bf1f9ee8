import type { ItemList } from './item-list.ts'
import type { ItemMeta, Uid } from './mail.ts'

/** Some of the items of a list, ascending by UID: what is still to be done with them changes all the time. */
export class ItemSet implements Iterable<ItemMeta> {
  readonly #list: ItemList
  /** One place for each item of the list: 1 where it is in the set. */
  readonly #marks: Uint8Array
  #size = 0
  #sizeBytes = 0

  constructor(list: ItemList) {
    this.#list = list
    this.#marks = new Uint8Array(list.length)
  }

  get size(): number {
    return this.#size
  }

  /** Of all items together. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  has(uid: Uid): boolean {
    return this.#marks[this.#list.placeOf(uid)] === 1
  }

  get(uid: Uid): ItemMeta | undefined {
    return this.has(uid) ? this.#list.get(uid) : undefined
  }

  /** Adds an item of the list; any other UID is passed over. */
  add(uid: Uid): void {
    this.#mark(this.#list.placeOf(uid), 1)
  }

  delete(uid: Uid): void {
    this.#mark(this.#list.placeOf(uid), 0)
  }

  /** An item that is added or deleted meanwhile is passed or not, by where it stands. */
  *[Symbol.iterator](): Generator<ItemMeta, undefined> {
    for (let place = this.#next(0); place >= 0; place = this.#next(place + 1)) {
      const item = this.#list.at(place)
      if (item) yield item
    }
  }

  *uids(): Generator<Uid, undefined> {
    for (let place = this.#next(0); place >= 0; place = this.#next(place + 1)) yield this.#list.uidAt(place)
  }

  first(): ItemMeta | undefined {
    const place = this.#next(0)
    return place < 0 ? undefined : this.#list.at(place)
  }

  /** What is in the set now. */
  list(): ItemList {
    return this.#list.pick((place) => this.#marks[place] === 1)
  }

  #next(place: number): number {
    return this.#marks.indexOf(1, place)
  }

  #mark(place: number, mark: 0 | 1): void {
    if (place < 0 || this.#marks[place] === mark) return
    const sign = mark === 1 ? 1 : -1
    this.#marks[place] = mark
    this.#size += sign
    this.#sizeBytes += sign * this.#list.sizeAt(place)
  }
}
