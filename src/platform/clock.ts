/** Time as an argument. */
export interface Clock {
  /** Milliseconds UTC, for display and schedules. It may jump. */
  now(): number
  /** Milliseconds since some moment, never going back: for leases and durations. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
