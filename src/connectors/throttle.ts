import type { Clock } from '../platform/clock.ts'
import type { Timers } from '../platform/timers.ts'

/** Lets so much a second through, in the order in which it is asked for. */
export interface Throttle {
  /** Waits until it is its turn and all that went before is paid for; throws the signal's reason when that aborts first. */
  take(cost: number, signal: AbortSignal): Promise<void>
  /** What was taken cost so much more, or less, than was said. */
  correct(difference: number): void
  /** Null lets all through at once. What waits goes on by the new rate, and no debt is left. */
  set(perSecond: number | null): void
  readonly perSecond: number | null
  /** How long somebody who asks now would wait. */
  readonly delayMs: number
}

interface Turn {
  readonly cost: number
  readonly begin: () => void
}

/** What was not used may be made up for within this time. */
const burstMs = 1_000

/** In any span of time no more begins than the rate allows for it and the burst, and the last that began. */
export function createThrottle(clock: Clock, timers: Timers, rate: number | null = null): Throttle {
  const waiting = new Set<Turn>()
  let perSecond = rate
  /** When all that began is paid for; monotonic. */
  let paidAt = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | null = null

  const costMs = (cost: number): number => (perSecond === null ? 0 : (cost / perSecond) * 1000)
  const nextAt = (): number => Math.max(paidAt, clock.monotonic() - burstMs)

  const pump = (): void => {
    cancelTimer?.()
    cancelTimer = null
    for (const turn of waiting) {
      const waitMs = perSecond === null ? 0 : nextAt() - clock.monotonic()
      if (waitMs > 0) {
        cancelTimer = timers.after(waitMs, pump)
        return
      }
      waiting.delete(turn)
      paidAt = nextAt() + costMs(turn.cost)
      turn.begin()
    }
  }

  return {
    take: (cost, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const giveUp = (): void => {
          waiting.delete(turn)
          pump()
          reject(signal.reason)
        }
        const begin = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const turn: Turn = { cost, begin }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.add(turn)
        pump()
      }),
    correct(difference) {
      paidAt += costMs(difference)
      if (difference < 0) pump()
    },
    set(next) {
      if (next === perSecond) return
      perSecond = next
      paidAt = Math.min(paidAt, clock.monotonic())
      pump()
    },
    get perSecond() {
      return perSecond
    },
    get delayMs() {
      if (perSecond === null) return 0
      const before = [...waiting].reduce((sum, { cost }) => sum + costMs(cost), 0)
      return Math.max(0, nextAt() + before - clock.monotonic())
    },
  }
}
