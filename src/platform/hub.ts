import type { LiveProgress } from '../domain/user.ts'

/** Something of a batch changed: one user of it, or the batch itself. */
export interface Change {
  readonly batchId: number
  readonly userId?: number
  readonly progress?: LiveProgress
}

/** Changes of one batch, gathered. A user without progress changed in the store: read it again. */
export interface BatchChange {
  readonly batchId: number
  readonly users: ReadonlyMap<number, LiveProgress | null>
}

/** Tells whoever looks at a batch that it changed. Holds at most one entry a user and listener. */
export interface Hub {
  publish(change: Change): void
  /**
   * Null listens to all batches. Hears of a batch at most once in `gatherMs`, by default that of the hub.
   * Returns the function that ends it.
   */
  subscribe(batchId: number | null, listener: (change: BatchChange) => void, gatherMs?: number): () => void
}

interface Subscription {
  readonly batchId: number | null
  readonly listener: (change: BatchChange) => void
  readonly gatherMs: number
  readonly gathered: Map<number, Map<number, LiveProgress | null>>
  timer: ReturnType<typeof setTimeout> | null
}

export function createHub(gatherMsDefault = 250): Hub {
  const subscriptions = new Set<Subscription>()
  return {
    publish(change) {
      for (const subscription of subscriptions) {
        if (subscription.batchId === null || subscription.batchId === change.batchId) gather(subscription, change)
      }
    },
    subscribe(batchId, listener, gatherMs = gatherMsDefault) {
      const subscription: Subscription = { batchId, listener, gatherMs, gathered: new Map(), timer: null }
      subscriptions.add(subscription)
      return () => {
        subscriptions.delete(subscription)
        if (subscription.timer !== null) clearTimeout(subscription.timer)
      }
    },
  }
}

function gather(subscription: Subscription, change: Change): void {
  const users = subscription.gathered.get(change.batchId) ?? new Map<number, LiveProgress | null>()
  if (change.userId !== undefined) users.set(change.userId, change.progress ?? null)
  subscription.gathered.set(change.batchId, users)
  subscription.timer ??= setTimeout(() => tell(subscription), subscription.gatherMs)
}

function tell(subscription: Subscription): void {
  const batches = [...subscription.gathered]
  subscription.gathered.clear()
  subscription.timer = null
  for (const [batchId, users] of batches) subscription.listener({ batchId, users })
}
