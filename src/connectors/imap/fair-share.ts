import { setImmediate } from 'node:timers'

/** What all connections together may do in one turn of the event loop, so that pages are answered meanwhile. */
const turnMs = 4

/** Shares the turns of the event loop between connections: what one brings too much waits for the next turn. */
export class FairShare {
  readonly #now: () => number
  #begunAt: number | null = null
  readonly #waiting: (() => void)[] = []

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether there is time left in this turn, and nobody waits who came before. */
  get isFree(): boolean {
    if (this.#begunAt === null) this.#begin()
    return this.#waiting.length === 0 && this.#hasTime
  }

  /** Calls it in a later turn, in order. */
  later(work: () => void): void {
    if (this.#begunAt === null) this.#begin()
    this.#waiting.push(work)
  }

  get #hasTime(): boolean {
    return this.#now() - (this.#begunAt ?? 0) < turnMs
  }

  #begin(): void {
    this.#begunAt = this.#now()
    setImmediate(() => this.#nextTurn())
  }

  #nextTurn(): void {
    this.#begunAt = null
    if (this.#waiting.length === 0) return
    this.#begin()
    for (let left = this.#waiting.length; left > 0 && this.#hasTime; left -= 1) this.#waiting.shift()?.()
  }
}
