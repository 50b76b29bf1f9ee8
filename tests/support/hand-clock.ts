import type { Clock } from '../../src/platform/clock.ts'

/** A clock that moves only by hand. */
export interface HandClock extends Clock {
  /** Both times go on. */
  advance(ms: number): void
  /** The wall clock is set, as an administrator or NTP does; monotonic time does not notice. */
  set(now: number): void
}

/** Starts at 2026-01-01T00:00:00Z. */
export function handClock(start = 1_767_225_600_000): HandClock {
  let now = start
  let monotonic = 0
  return {
    now: () => now,
    monotonic: () => monotonic,
    advance(ms) {
      now += ms
      monotonic += ms
    },
    set(time) {
      now = time
    },
  }
}
