/** Looked at in one go: a few milliseconds. */
const itemsAtOnce = 5000

/** Lets the thread do other things first. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Looks at any number of items, and lets the thread do other things in between. */
export async function lookAt<T>(items: Iterable<T>, look: (item: T) => void): Promise<void> {
  let left = itemsAtOnce
  for (const item of items) {
    look(item)
    left -= 1
    if (left > 0) continue
    left = itemsAtOnce
    await breathe()
  }
}
