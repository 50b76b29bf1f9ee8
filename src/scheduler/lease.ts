import type { Fence } from '../domain/sync-state.ts'
import type { Clock } from '../platform/clock.ts'

/** The right to work on a job, for a time. Two clocks judge it: one may be set, the other may stand still in a suspend. */
export interface Lease {
  readonly fence: Fence
  /** Synchronous, for the moment before a commit. */
  isHeld(): boolean
  /** Until when a renewal that is asked for now would last, milliseconds UTC. */
  nextUntil(): number
  /** The store took the renewal that was begun at `monotonic`. */
  renew(until: number, monotonic: number): void
  /** Never held again. */
  end(): void
}

/** A lease that the store gave out when the clock stood where it stands at `from`. */
export function createLease(
  fence: Fence,
  clock: Clock,
  leaseMs: number,
  from: { now: number; monotonic: number },
): Lease {
  let until = from.now + leaseMs
  let monotonicUntil = from.monotonic + leaseMs
  let isEnded = false
  return {
    fence,
    isHeld: () => !isEnded && clock.now() < until && clock.monotonic() < monotonicUntil,
    nextUntil: () => clock.now() + leaseMs,
    renew(newUntil, monotonic) {
      until = newUntil
      monotonicUntil = monotonic + leaseMs
    },
    end() {
      isEnded = true
    },
  }
}
