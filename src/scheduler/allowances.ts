/**
 * How many jobs an endpoint bears at a time, learnt from its answers: halved when it says that it is too much, one more
 * after each time without such an answer. Times are monotonic milliseconds.
 */
export interface Allowances {
  /** Jobs that may run at the endpoint now; infinite where it never complained, or bears all again. */
  allowed(endpointId: number, now: number): number
  /** It was too much, with so many running. What comes within moments of each other is one complaint. */
  lower(endpointId: number, running: number, now: number): void
  /** It bears as many as may be set anyway. */
  forget(endpointId: number): void
  /** Endpoints that bear fewer than are set. */
  endpoints(): readonly number[]
  /** When one more may run somewhere, or null. */
  nextRiseAt(now: number): number | null
}

interface Allowance {
  readonly jobs: number
  readonly since: number
}

const riseEveryMs = 60_000
const complaintMs = 5_000

export function createAllowances(): Allowances {
  const lowered = new Map<number, Allowance>()
  const risenTo = ({ jobs, since }: Allowance, now: number): number => jobs + Math.floor((now - since) / riseEveryMs)
  return {
    allowed(endpointId, now) {
      const allowance = lowered.get(endpointId)
      return allowance ? risenTo(allowance, now) : Number.POSITIVE_INFINITY
    },
    lower(endpointId, running, now) {
      const before = lowered.get(endpointId)
      if (before && now - before.since < complaintMs) return
      const borne = Math.min(running, before ? risenTo(before, now) : running)
      lowered.set(endpointId, { jobs: Math.max(1, Math.floor(borne / 2)), since: now })
    },
    forget: (endpointId) => void lowered.delete(endpointId),
    endpoints: () => [...lowered.keys()],
    nextRiseAt(now) {
      const rises = [...lowered.values()].map(({ since }) => now + riseEveryMs - ((now - since) % riseEveryMs))
      return rises.length > 0 ? Math.min(...rises) : null
    },
  }
}
