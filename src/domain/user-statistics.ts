import type { User, UserPhase } from './user.ts'

/** How far a user is, how fast, and where its time went. Spans are milliseconds. */
export interface UserStatistics {
  readonly itemsTotal: number
  /** At the target: copied, or there already. */
  readonly itemsSynced: number
  readonly itemsSkipped: number
  readonly bytesTotal: number
  readonly bytesSynced: number
  /** 0 to 100, by bytes where there are any; null before anything was counted. */
  readonly percentage: number | null
  readonly queuedMs: number
  readonly inProgressMs: number
  readonly syncedMs: number
  /** Waiting to try again. */
  readonly stalledMs: number
  /** Averages over all time in passes; null where there was none. */
  readonly itemsPerMinute: number | null
  readonly bytesPerMinute: number | null
  readonly bytesPerHour: number | null
}

const phases = { queued: 'queuedMs', inProgress: 'inProgressMs', synced: 'syncedMs', stalled: 'stalledMs' } as const

/** The phase that the user is in counts up to `now`. */
export function statisticsOf({ progress, times }: User, now: number): UserStatistics {
  const { counts, itemsTotal, itemsDone, bytesTotal, bytesDone } = progress
  const spent = (phase: UserPhase): number =>
    times[phases[phase]] + (times.phase === phase ? Math.max(0, now - times.phaseSince) : 0)
  const inProgressMs = spent('inProgress')
  return {
    itemsTotal,
    itemsSynced: counts.copied + counts.adopted,
    itemsSkipped: counts.skipped,
    bytesTotal,
    bytesSynced: bytesDone,
    percentage: percentageOf(bytesDone, bytesTotal) ?? percentageOf(itemsDone, itemsTotal),
    queuedMs: spent('queued'),
    inProgressMs,
    syncedMs: spent('synced'),
    stalledMs: spent('stalled'),
    itemsPerMinute: rate(counts.copied, inProgressMs, 60_000),
    bytesPerMinute: rate(bytesDone, inProgressMs, 60_000),
    bytesPerHour: rate(bytesDone, inProgressMs, 3_600_000),
  }
}

const percentageOf = (done: number, total: number): number | null =>
  total === 0 ? null : Math.floor((100 * Math.min(done, total)) / total)

const rate = (amount: number, spentMs: number, perMs: number): number | null =>
  spentMs === 0 ? null : Math.round((amount * perMs) / spentMs)
