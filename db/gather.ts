/** What became of one of several things that were sent together. */
export type Settled<R> = { readonly value: R } | { readonly error: unknown }

interface Waiting<W, R> {
  readonly item: W
  readonly resolve: (value: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: what arrives in one turn, or while a group is under way, is sent as the next group. Nobody waits when
 * nothing is under way, and nobody longer than one group takes.
 */
export function gather<W, R>(
  send: (group: readonly W[]) => Promise<readonly Settled<R>[]>,
  groupMax = 64,
): (item: W) => Promise<R> {
  const waiting: Waiting<W, R>[] = []
  let isBusy = false

  const sendAll = async () => {
    isBusy = true
    await Promise.resolve()
    while (waiting.length > 0) await sendGroup(waiting.splice(0, groupMax), send)
    isBusy = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isBusy) void sendAll()
    })
}

async function sendGroup<W, R>(
  group: readonly Waiting<W, R>[],
  send: (group: readonly W[]) => Promise<readonly Settled<R>[]>,
): Promise<void> {
  try {
    const outcomes = await send(group.map(({ item }) => item))
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index] ?? { error: new Error('Cannot tell what became of a write') }
      if ('error' in outcome) reject(outcome.error)
      else resolve(outcome.value)
    })
  } catch (error) {
    for (const { reject } of group) reject(error)
  }
}
