import { resized, roomFor } from './columns.ts'
import { fingerprintBytes } from './record-state.ts'

/** Numbers fingerprints from 0 up, equal ones alike, in little more than their 16 bytes each. */
export class PrintKeys {
  #prints = new Uint8Array(16 * fingerprintBytes)
  #size = 0
  /** Numbers from 1 up, 0 where the place is free; a power of two, half of it free at least. */
  #slots = new Int32Array(32)

  get size(): number {
    return this.#size
  }

  /** The number of a fingerprint, or -1. */
  find(print: Uint8Array): number {
    return (this.#slots[this.#slotOf(print, 0)] ?? 0) - 1
  }

  /** The number of a fingerprint, a new one where it has none yet. */
  add(print: Uint8Array): number {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow()
    const slot = this.#slotOf(print, 0)
    const known = (this.#slots[slot] ?? 0) - 1
    if (known >= 0) return known
    const room = this.#prints.length / fingerprintBytes
    if (this.#size === room) this.#prints = resized(this.#prints, roomFor(room + 1, room) * fingerprintBytes)
    this.#prints.set(print.subarray(0, fingerprintBytes), this.#size * fingerprintBytes)
    this.#size += 1
    this.#slots[slot] = this.#size
    return this.#size - 1
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    for (let key = 0; key < this.#size; key += 1) {
      this.#slots[this.#slotOf(this.#prints, key * fingerprintBytes)] = key + 1
    }
  }

  /** Where a fingerprint stands, or the free place where it belongs. A fingerprint is as good as random by itself. */
  #slotOf(bytes: Uint8Array, from: number): number {
    const mask = this.#slots.length - 1
    let slot = word(bytes, from) & mask
    for (;;) {
      const entry = this.#slots[slot] ?? 0
      if (entry === 0 || this.#isEqual(entry - 1, bytes, from)) return slot
      slot = (slot + 1) & mask
    }
  }

  #isEqual(key: number, bytes: Uint8Array, from: number): boolean {
    const start = key * fingerprintBytes
    for (let at = 0; at < fingerprintBytes; at += 1) {
      if (this.#prints[start + at] !== bytes[from + at]) return false
    }
    return true
  }
}

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
