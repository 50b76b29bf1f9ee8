/** The place of a folder in the row of those that are read over one connection. */
export class Turn {
  /** Resolves when it and all before it have asked for all that they read. */
  readonly over: Promise<void>
  readonly #before: Promise<void>
  readonly #leave: () => void

  constructor(before: Promise<void>, onLeave: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#before = before
    this.over = Promise.all([before, promise]).then(() => undefined)
    let hasLeft = false
    this.#leave = () => {
      if (hasLeft) return
      hasLeft = true
      onLeave()
      resolve()
    }
  }

  /** Waits for those before. */
  come(): Promise<void> {
    return this.#before
  }

  /** The next may come. */
  leave(): void {
    this.#leave()
  }
}
