import { placeOf } from './columns.ts'
import type { Uid } from './mail.ts'

/** UIDs of 32 bits in ascending order, four bytes each, which are asked for one by one. */
export class SortedUids implements Iterable<Uid> {
  readonly #uids: Uint32Array

  constructor(uids: ArrayLike<Uid>) {
    this.#uids = new Uint32Array(uids)
    if (!isAscending(this.#uids)) this.#uids.sort()
  }

  has(uid: Uid): boolean {
    return placeOf(this.#uids, uid) >= 0
  }

  [Symbol.iterator](): Iterator<Uid> {
    return this.#uids[Symbol.iterator]()
  }
}

const isAscending = (uids: Uint32Array): boolean => uids.every((uid, at) => at === 0 || (uids[at - 1] ?? 0) <= uid)
