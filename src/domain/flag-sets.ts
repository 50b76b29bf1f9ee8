/** Sets of flags, each kept once and known by its number: the messages of a folder share few of them, mostly. */
export class FlagSets {
  readonly #numbers = new Map<string, number>()
  readonly #sets: (readonly string[])[] = []
  /** Numbers of frozen arrays, which many items have in common, without looking into them. */
  readonly #shared = new Map<readonly string[], number>()

  numberOf(flags: readonly string[]): number {
    const known = this.#shared.get(flags)
    if (known !== undefined) return known
    const number = this.#numberOf(flags)
    if (!Object.isFrozen(flags)) return number
    if (this.#shared.size >= sharedMax) this.#shared.clear()
    this.#shared.set(flags, number)
    return number
  }

  at(number: number): readonly string[] {
    return this.#sets[number] ?? none
  }

  #numberOf(flags: readonly string[]): number {
    let key = ''
    for (const flag of flags) key += `\0${flag}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#sets.length)
    return this.#sets.push(Object.freeze([...flags])) - 1
  }
}

const sharedMax = 1000
const none: readonly string[] = Object.freeze([])
