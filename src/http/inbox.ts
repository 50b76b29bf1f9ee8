import type { Hub } from '../platform/hub.ts'

export type Heard = 'news' | 'nothing' | 'closed'

/** Remembers that something of a batch changed, until somebody looks. */
export interface Inbox {
  /** Waits for news, at most so long. */
  next(waitMs: number): Promise<Heard>
  close(): void
}

export function createInbox(hub: Hub, batchId: number): Inbox {
  let hasNews = false
  let isClosed = false
  let wake = () => {}
  const unsubscribe = hub.subscribe(batchId, () => {
    hasNews = true
    wake()
  })
  return {
    async next(waitMs) {
      if (!hasNews && !isClosed) await wakened(waitMs, (callback) => (wake = callback))
      if (isClosed) return 'closed'
      const heard = hasNews ? 'news' : 'nothing'
      hasNews = false
      return heard
    },
    close() {
      isClosed = true
      unsubscribe()
      wake()
    },
  }
}

/** Ends by the callback that it hands out, or when the time is over. */
function wakened(waitMs: number, handOut: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs)
    handOut(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
