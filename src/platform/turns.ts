/** Lets one after another do what reads first and then writes by what it read. */
export interface Turns {
  /** Runs `work` when all that was asked for before under the same key has ended. */
  take<T>(key: number, work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<number, Promise<unknown>>()
  return {
    take(key, work) {
      const before = last.get(key) ?? Promise.resolve()
      const mine = before.then(work)
      const ended = mine
        .catch(() => undefined)
        .then(() => {
          if (last.get(key) === ended) last.delete(key)
        })
      last.set(key, ended)
      return mine
    },
  }
}
