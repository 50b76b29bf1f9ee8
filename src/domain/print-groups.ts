import { resized, roomFor } from './columns.ts'
import { PrintKeys } from './print-keys.ts'

const none = -1

/** Numbers in groups of one fingerprint, each in the order they were put in; taken out one by one. */
export class PrintGroups {
  readonly #keys = new PrintKeys()
  /** First and last entry of each group. */
  #heads = new Int32Array(16)
  #tails = new Int32Array(16)
  #values = new Float64Array(16)
  /** The entry behind each one in its group. */
  #nexts = new Int32Array(16)
  #size = 0

  put(print: Uint8Array, value: number): void {
    this.#makeRoom()
    const entry = this.#size
    const groups = this.#keys.size
    const key = this.#keys.add(print)
    this.#size += 1
    this.#values[entry] = value
    this.#nexts[entry] = none
    if (key === groups || this.#heads[key] === none) this.#heads[key] = entry
    else this.#nexts[this.#tails[key] ?? 0] = entry
    this.#tails[key] = entry
  }

  /** Whether there is one in the group that is liked. */
  has(print: Uint8Array, isLiked: (value: number) => boolean): boolean {
    for (let entry = this.#headOf(this.#keys.find(print)); entry !== none; entry = this.#nexts[entry] ?? none) {
      if (isLiked(this.#values[entry] ?? 0)) return true
    }
    return false
  }

  /** Takes out the first one that is liked, else the first one; null where none is left. */
  take(print: Uint8Array, isLiked: (value: number) => boolean = () => true): number | null {
    const key = this.#keys.find(print)
    const head = this.#headOf(key)
    if (head === none) return null
    let before = none
    for (let entry = head; entry !== none; entry = this.#nexts[entry] ?? none) {
      if (isLiked(this.#values[entry] ?? 0)) return this.#unlink(key, before, entry)
      before = entry
    }
    return this.#unlink(key, none, head)
  }

  #headOf(key: number): number {
    return key < 0 ? none : (this.#heads[key] ?? none)
  }

  #unlink(key: number, before: number, entry: number): number {
    const next = this.#nexts[entry] ?? none
    if (before === none) this.#heads[key] = next
    else this.#nexts[before] = next
    if (next === none) this.#tails[key] = before
    return this.#values[entry] ?? 0
  }

  #makeRoom(): void {
    if (this.#size < this.#values.length) return
    const room = roomFor(this.#size + 1, this.#values.length)
    this.#heads = resized(this.#heads, room)
    this.#tails = resized(this.#tails, room)
    this.#values = resized(this.#values, room)
    this.#nexts = resized(this.#nexts, room)
  }
}
