import type { Fault } from '../../domain/fault.ts'

/** What a connection brings, on its way to whoever asks for it, in order. */
export class Inflow<T> {
  #values: T[] = []
  #at = 0
  #end: { readonly fault: Fault | null } | null = null
  #wake: (() => void) | null = null

  push(value: T): void {
    this.#values.push(value)
    this.#tell()
  }

  /** Takes back the newest value, if nobody has it yet. */
  takeBack(value: T): void {
    if (this.#values.at(-1) === value) this.#values.pop()
  }

  /** Nothing more comes; with a fault, whoever asks gets it when all values are handed out. */
  end(fault: Fault | null): void {
    this.#end ??= { fault }
    this.#tell()
  }

  /** Values that nobody has taken yet; they are taken out. */
  takeAll(): readonly T[] {
    const values = this.#values.slice(this.#at)
    this.#values = []
    this.#at = 0
    return values
  }

  /** The next value, or null at the end. Throws the fault. */
  async next(): Promise<T | null> {
    for (;;) {
      const value = this.#shift()
      if (value !== undefined) return value
      if (this.#end?.fault) throw this.#end.fault
      if (this.#end) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #shift(): T | undefined {
    const value = this.#values[this.#at++]
    if (this.#at >= this.#values.length) {
      this.#values = []
      this.#at = 0
    }
    return value
  }

  #tell(): void {
    this.#wake?.()
    this.#wake = null
  }
}
