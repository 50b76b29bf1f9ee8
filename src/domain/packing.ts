/** Whole numbers from 0 to 2^53 − 1 in seven-bit groups, the lowest first; the high bit says that another follows. */
export function writeVarint(to: number[], value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Cannot pack the number ${value}`)
  let rest = value
  while (rest >= 0x80) {
    to.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  to.push(rest)
}

/** Packed numbers and raw columns, one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Signed numbers near zero as small unsigned ones: 0, −1, 1, −2, 2 … */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

/** Reads packed bytes from front to back; raises a RangeError at their end, never reads beyond it. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  varint(): number {
    let value = 0
    let weight = 1
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) throw new RangeError('Cannot read a packed number: the bytes end')
      this.#at += 1
      value += (byte & 0x7f) * weight
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('Cannot read a packed number: it is too large')
      if (byte < 0x80) return value
      weight *= 0x80
    }
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw new RangeError('Cannot read packed bytes: they end')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
