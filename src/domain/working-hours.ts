import { isTimeZone, readMoment, wallTime } from './zoned-time.ts'

/** Hours of a week, and on which side of them mail moves. */
export interface WorkingHours {
  /** Days on which they begin: 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[]
  /** `HH:MM` as the clocks of the zone show it. */
  readonly from: string
  /** The same; at or before `from` it is of the next day. */
  readonly to: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
  readonly mailMoves: 'inside' | 'outside'
}

/** Milliseconds UTC; the end is not in it. */
type Span = readonly [from: number, to: number]

const dayMs = 24 * 60 * 60_000

/** What is wrong with them, or null. */
export function workingHoursProblem({ days, from, to, timeZone }: WorkingHours): string | null {
  if (days.length === 0) return 'The working hours have no days'
  if (!days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)) return 'A day is a number from 1 to 7'
  if (![from, to].every((time) => /^([01]\d|2[0-3]):[0-5]\d$/.test(time)))
    return 'A time of day is needed, such as 18:30'
  return isTimeZone(timeZone) ? null : `There is no time zone "${timeZone}"`
}

/** Whether mail may move at a moment, and when that changes next: null where it never does. Times are milliseconds UTC. */
export function movesAt(hours: WorkingHours, at: number): { readonly moves: boolean; readonly until: number | null } {
  const spans = joined(spansAround(hours, at))
  const now = spans.find(([from, to]) => from <= at && at < to)
  const next = spans.find(([from]) => from > at)
  const isWithin = now !== undefined
  // More than a week without a gap has none at all.
  const until = isWithin ? (now[1] - at > 8 * dayMs ? null : now[1]) : (next?.[0] ?? null)
  return { moves: isWithin === (hours.mailMoves === 'inside'), until }
}

/** Those that begin from the day before to ten days later. */
function spansAround({ days, from, to, timeZone }: WorkingHours, at: number): readonly Span[] {
  const today = Date.parse(wallTime(at, timeZone).slice(0, 10))
  const dates = Array.from({ length: 12 }, (_, day) => new Date(today + (day - 1) * dayMs))
  return dates
    .filter((date) => days.includes(date.getUTCDay() || 7))
    .map((date) => {
      const end = to > from ? date : new Date(date.getTime() + dayMs)
      return [momentOf(date, from, timeZone), momentOf(end, to, timeZone)]
    })
}

const momentOf = (date: Date, time: string, timeZone: string): number =>
  readMoment(`${date.toISOString().slice(0, 10)} ${time}`, timeZone) ?? Number.NaN

/** Hours that go over into the next day's are one span with them. */
function joined(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = []
  for (const [from, to] of spans) {
    const last = found.at(-1)
    if (last && from <= last[1]) found[found.length - 1] = [last[0], Math.max(last[1], to)]
    else if (to > from) found.push([from, to])
  }
  return found
}
