/** What reading a page has to do with the place of its folder in the row. */
export type ReadingTurn = Pick<Turn, 'leave' | 'first' | 'pass'>

/** The place of a folder in the row of those that are read over one connection. */
export class Turn {
  /** Resolves when it and all before it have asked for all that they read. */
  readonly over: Promise<unknown>
  /** Resolves when it and all before it have handed on all that they read. */
  readonly behind: Promise<unknown>
  readonly #before: Pick<Turn, 'over' | 'behind'>
  readonly #onLeave: () => void
  readonly #left = Promise.withResolvers<void>()
  readonly #passed = Promise.withResolvers<void>()
  #hasLeft = false

  constructor(before: Turn | null, onLeave: () => void) {
    const { over, behind } = before ?? { over: Promise.resolve(), behind: Promise.resolve() }
    this.#before = { over, behind }
    this.#onLeave = onLeave
    this.over = Promise.all([over, this.#left.promise])
    this.behind = Promise.all([behind, this.#passed.promise])
  }

  /** Waits until all before it have asked for all that they read. */
  async come(): Promise<void> {
    await this.#before.over
  }

  /** It has asked for all that it reads: the next may come. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#onLeave()
    this.#left.resolve()
  }

  /**
   * Waits until all before it have handed on what they read: else what is here already would hold the connection back
   * while the target waits for the rest of a message behind it.
   */
  async first(): Promise<void> {
    await this.#before.behind
  }

  /** It has handed on all that it read. */
  pass(): void {
    this.#passed.resolve()
  }

  /** Nothing more is read. */
  end(): void {
    this.leave()
    this.pass()
  }
}
