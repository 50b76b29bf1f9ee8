/** The second half of time as an argument: being called later. */
export interface Timers {
  /** Calls back once, not before `delayMs`; returns the function that takes it back. */
  after(delayMs: number, callback: () => void): () => void
}

// setTimeout takes a delay above 2^31 - 1 for none at all.
const delayMsMax = 2 ** 31 - 1

export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, delayMsMax))
    return () => clearTimeout(timer)
  },
}

/** Waits, or throws the signal's reason as soon as it aborts. */
export function sleep(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const giveUp = () => {
      takeBack()
      reject(signal?.reason)
    }
    const takeBack = timers.after(delayMs, () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}
