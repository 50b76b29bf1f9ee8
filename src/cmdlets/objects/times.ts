import { wallTime } from '../../domain/zoned-time.ts'
import { spanText } from '../given.ts'

/** ISO 8601 in UTC, or null. */
export const utc = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** A moment as the admin's clock shows it, without an offset, and the same in UTC: Exchange has a property for each. */
export function bothTimes(name: string, at: number | null, timeZone: string): Readonly<Record<string, string | null>> {
  return { [name]: at === null ? null : wallTime(at, timeZone), [`${name}UTC`]: utc(at) }
}

export const span = (ms: number | null): string | null => (ms === null ? null : spanText(ms))
