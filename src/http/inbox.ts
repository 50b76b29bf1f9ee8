import type { Hub } from '../platform/hub.ts'

/** Users of whom something is new, `true` where it stands in the store; empty when it is about the batch alone. */
export type News = ReadonlyMap<number, boolean>

/** What became known of a batch since somebody looked. */
export interface Inbox {
  /** Everything gathered; null when nothing came within the time, or it is closed. */
  next(waitMs: number): Promise<News | null>
  readonly isClosed: boolean
  close(): void
}

export function createInbox(hub: Hub, batchId: number): Inbox {
  let news: Map<number, boolean> | null = null
  let isClosed = false
  let wake = () => {}
  const unsubscribe = hub.subscribe(batchId, ({ users }) => {
    news ??= new Map()
    for (const [userId, progress] of users) news.set(userId, progress === null || news.get(userId) === true)
    wake()
  })
  const take = (): News | null => {
    const taken = news
    news = null
    return taken
  }
  return {
    get isClosed() {
      return isClosed
    },
    async next(waitMs) {
      if (news === null && !isClosed) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      return take()
    },
    close() {
      isClosed = true
      unsubscribe()
      wake()
    },
  }
}
