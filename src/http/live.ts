import type { LiveProgress, User } from '../domain/user.ts'
import { userSummary } from '../domain/user-status.ts'
import type { Hub } from '../platform/hub.ts'

/** What running passes told last: newer than what is stored. Holds the users that run, no others. */
export interface LiveProgressBook {
  of(batchId: number, userId: number): LiveProgress | null
  /** Users of a batch with a pass under way. */
  running(batchId: number): ReadonlyMap<number, LiveProgress>
  close(): void
}

const nobody: ReadonlyMap<number, LiveProgress> = new Map()

export function createLiveProgressBook(hub: Hub): LiveProgressBook {
  const batches = new Map<number, Map<number, LiveProgress>>()
  const close = hub.subscribe(null, ({ batchId, users }) => {
    const running = batches.get(batchId) ?? new Map<number, LiveProgress>()
    for (const [userId, progress] of users) {
      if (progress === null) running.delete(userId)
      else running.set(userId, progress)
    }
    if (running.size > 0) batches.set(batchId, running)
    else batches.delete(batchId)
  })
  const running = (batchId: number) => batches.get(batchId) ?? nobody
  return { of: (batchId, userId) => running(batchId).get(userId) ?? null, running, close }
}

/** A user under way with the progress of its pass in place of the stored one. */
export function withLive(user: User, live: LiveProgress | null): User {
  if (live === null || userSummary[user.status] !== 'active') return user
  const { itemsTotal, itemsDone, bytesTotal, bytesDone } = live
  return { ...user, progress: { ...user.progress, itemsTotal, itemsDone, bytesTotal, bytesDone } }
}
