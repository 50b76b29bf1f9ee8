/** A moment as the clocks of a zone show it. */
interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const written = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/** Whether Intl knows the zone by that IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== null
  } catch {
    return false
  }
}

/**
 * Milliseconds UTC of an ISO 8601 time, `T` or a blank in its middle; a day alone is its midnight. Without an offset it
 * is a time of the zone: one that the clocks leave out is the moment at which they jump, and of one that they show
 * twice the first is meant. Null where the text is no time.
 */
export function readMoment(text: string, timeZone: string): number | null {
  const match = written.exec(text.trim())
  if (!match) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const wall = { year, month, day, hour, minute, second }
  const asUtc = utcOf(wall)
  if (!isReal(wall, asUtc)) return null
  const offset = match[7]
  return offset ? asUtc - offsetMs(offset) : inZone(asUtc, timeZone)
}

/** The 30th of February is no day, and 25 no hour. */
function isReal({ month, day, hour, minute, second }: WallTime, at: number): boolean {
  const date = new Date(at)
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
}

const utcOf = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second)

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

const dayMs = 24 * 60 * 60_000

/** The offsets of the day before and the day after are all that the hour in between can have. */
function inZone(wallMs: number, timeZone: string): number {
  const [before, after] = [offsetAt(wallMs - dayMs, timeZone), offsetAt(wallMs + dayMs, timeZone)]
  const moments = [wallMs - before, wallMs - after].sort((a, b) => a - b)
  const shown = moments.find((at) => at + offsetAt(at, timeZone) === wallMs)
  return shown ?? jumpBetween(moments[0] ?? wallMs, moments[1] ?? wallMs, timeZone)
}

/** The first moment, by the second, at which the zone has the offset that it has at `to`. */
function jumpBetween(from: number, to: number, timeZone: string): number {
  const target = offsetAt(to, timeZone)
  let [low, high] = [from, to]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (offsetAt(middle, timeZone) === target) high = middle
    else low = middle
  }
  return high
}

/** How far the clocks of the zone are ahead of UTC at that moment. */
function offsetAt(at: number, timeZone: string): number {
  const seconds = Math.floor(at / 1000) * 1000
  return utcOf(wallTimeAt(seconds, timeZone)) - seconds
}

function wallTimeAt(at: number, timeZone: string): WallTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

/** `2027-03-28T01:30:00`: what the clocks of a zone show at a moment, milliseconds UTC. */
export function wallTime(at: number, timeZone: string): string {
  const { year, ...parts } = wallTimeAt(at, timeZone)
  const [month, day, hour, minute, second] = Object.values(parts).map((part) => String(part).padStart(2, '0'))
  return `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one takes longer than using it a hundred times. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const made = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, ...shape })
  formats.set(timeZone, made)
  return made
}

const shape: Intl.DateTimeFormatOptions = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
}
