import type { BatchStatus } from './status.ts'

export const incrementalEveryMsDefault = 24 * 60 * 60 * 1000

const retryDelayMsMin = 15_000
const retryDelayMsMax = 30 * 60_000

interface Interval {
  readonly status: BatchStatus
  readonly incrementalEveryMs: number
}

/**
 * When the next incremental pass of a batch that has just settled is due, or null where none comes by itself.
 * `random` is in [0, 1): batches that were settled together do not stay together (up to 5 % later).
 */
export function nextPassAt(batch: Interval, now: number, random: number): number | null {
  if (batch.status !== 'synced' && batch.status !== 'syncedWithErrors') return null
  return Math.round(now + batch.incrementalEveryMs * (1 + random / 20))
}

/**
 * How long to wait before the attempt after the `failures`-th failure: doubled each time, at most 30 minutes, spread by
 * `random` in [0, 1) over its upper half, and never shorter than the server asked for.
 */
export function retryDelayMs(failures: number, random: number, askedMs: number | null): number {
  const fullMs = Math.min(retryDelayMsMax, retryDelayMsMin * 2 ** Math.min(Math.max(failures - 1, 0), 20))
  return Math.max(askedMs ?? 0, Math.round(fullMs * (0.5 + random / 2)))
}
