import type { Uid } from './mail.ts'

/** Which row of a table belongs to a UID: a hash table of row numbers that reads the UIDs from the table itself. */
export class UidIndex {
  readonly #uidAt: (row: number) => Uid
  /** Row numbers from 1 up, 0 where the place is free; a power of two, half of it free at least. */
  #slots = new Int32Array(32)
  #count = 0

  constructor(uidAt: (row: number) => Uid) {
    this.#uidAt = uidAt
  }

  /** The row of a UID, or -1. */
  rowOf(uid: Uid): number {
    return (this.#slots[this.#slotOf(uid)] ?? 0) - 1
  }

  /** Puts a row whose UID is not there yet. */
  add(uid: Uid, row: number): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.reserve(this.#count + 1)
    this.#slots[this.#slotOf(uid)] = row + 1
    this.#count += 1
  }

  /** Makes room for so many rows in all. */
  reserve(rows: number): void {
    let length = this.#slots.length
    while (length < rows * 2) length *= 2
    if (length === this.#slots.length) return
    const before = this.#slots
    this.#slots = new Int32Array(length)
    for (const entry of before) if (entry > 0) this.#slots[this.#slotOf(this.#uidAt(entry - 1))] = entry
  }

  /** Where the UID stands, or the free place where it belongs. */
  #slotOf(uid: Uid): number {
    const mask = this.#slots.length - 1
    let slot = scattered(uid) & mask
    for (;;) {
      const entry = this.#slots[slot] ?? 0
      if (entry === 0 || this.#uidAt(entry - 1) === uid) return slot
      slot = (slot + 1) & mask
    }
  }
}

/** All bits of a number of up to 53 decide about the lowest ones of the result (the finalizer of MurmurHash3). */
function scattered(value: number): number {
  let hash = (value ^ Math.imul(Math.floor(value / 2 ** 32), 0x9e3779b1)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
