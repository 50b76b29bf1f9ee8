import type { LiveProgress } from '../domain/user.ts'
import type { Hub } from '../platform/hub.ts'
import type { Shell } from './shell.ts'

/** What happens to a batch while somebody looks at it now and then. */
export interface Changes extends Disposable {
  /** How far the passes under way are, by user. */
  readonly live: ReadonlyMap<number, LiveProgress>
  /** Users that changed in the store since they were last asked for. */
  takeUsers(): readonly number[]
  /** Waits for `gapMs`, and on for something to change in the store, but no longer than `pollMs` in all. */
  next(shell: Pick<Shell, 'sleep'>, gapMs?: number): Promise<void>
}

/** How often a batch is looked at when nothing is heard of it. */
export const pollMs = 200

export function watchChanges(hub: Hub, batchId: number): Changes {
  const live = new Map<number, LiveProgress>()
  const users = new Set<number>()
  let heard = Promise.withResolvers<void>()
  const leave = hub.subscribe(
    batchId,
    (change) => {
      for (const [id, progress] of change.users) progress === null ? users.add(id) : live.set(id, progress)
      if (change.users.size === 0 || users.size > 0) heard.resolve()
    },
    0,
  )
  return {
    live,
    takeUsers() {
      const taken = [...users]
      users.clear()
      heard = Promise.withResolvers()
      return taken
    },
    async next({ sleep }, gapMs = 0) {
      if (gapMs > 0) await sleep(Math.min(gapMs, pollMs))
      if (gapMs < pollMs) await Promise.race([heard.promise, sleep(pollMs - gapMs)])
    },
    [Symbol.dispose]: leave,
  }
}
