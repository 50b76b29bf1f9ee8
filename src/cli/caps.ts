import { Failure } from './failure.ts'
import type { OptionSpec, Options } from './options.ts'
import type { Row } from './output.ts'

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

const sizes = 'such as 500KB or 2.5GB, or none'

/** Caps of an endpoint, by the field that they set. */
const byteCaps = {
  bytesPerSecondMax: ['max-bytes-per-second', 'Bytes of messages a second, over all users together'],
  bytesReadPerDayMax: ['max-bytes-read-per-day', 'Bytes read from the endpoint in a day of UTC'],
  bytesWrittenPerDayMax: ['max-bytes-written-per-day', 'Bytes written to the endpoint in a day of UTC'],
  mailboxBytesReadPerDayMax: ['max-mailbox-bytes-read-per-day', 'Bytes read from each mailbox in a day of UTC'],
  mailboxBytesWrittenPerDayMax: ['max-mailbox-bytes-written-per-day', 'Bytes written to each mailbox in a day of UTC'],
} as const

export const capOptions: readonly OptionSpec[] = [
  ...Object.values(byteCaps).map(([name, what]) => ({ flags: `--${name} <bytes>`, sentence: `${what}, ${sizes}` })),
  { flags: '--max-messages-per-second <number>', sentence: 'Messages a second, over all users together, or none' },
  {
    flags: '--working-hours <hours>',
    sentence:
      'Only then does mail move: "mon-fri 18:00-06:00 Europe/Berlin"; with "not" before it, only at other times; or none',
  },
]

/** What of the caps was given; null takes a cap away. */
export function givenCaps(options: Options): Row {
  const given: Record<string, unknown> = {}
  for (const [field, [name]] of Object.entries(byteCaps)) {
    const text = options.text(name)
    if (text !== null) given[field] = unlessNone(text, (value) => parseBytes(name, value))
  }
  const messages = options.text('max-messages-per-second')
  if (messages !== null)
    given.messagesPerSecondMax = unlessNone(messages, (value) => parseBytes('max-messages-per-second', value))
  const hours = options.text('working-hours')
  if (hours !== null) given.workingHours = unlessNone(hours, parseWorkingHours)
  return given
}

const unlessNone = <T>(text: string, parse: (text: string) => T): T | null => (text === 'none' ? null : parse(text))

/** `2.5GB`: units of a thousand, as providers count. */
function parseBytes(name: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)B?$/i.exec(text) ?? []
  const value = Math.round(Number(number) * (units[unit.toUpperCase()] ?? Number.NaN))
  if (Number.isSafeInteger(value)) return value
  throw new Failure('usage', `Cannot use --${name} "${text}": give a number, ${sizes}`)
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** `[not] mon-fri,sun 18:00-06:00 Europe/Berlin`. */
export function parseWorkingHours(text: string): Row {
  const [, not, days = '', from, to, timeZone] =
    /^(not +)?([a-z,-]+) +(\d\d:\d\d)-(\d\d:\d\d)(?: +(\S+))?$/i.exec(text.trim()) ?? []
  if (from === undefined || to === undefined)
    throw new Failure(
      'usage',
      `Cannot use --working-hours "${text}": give days, times and a time zone, such as "mon-fri 18:00-06:00 Europe/Berlin", or none`,
    )
  return {
    days: days.split(',').flatMap(parseDays),
    from,
    to,
    timeZone: timeZone ?? 'UTC',
    mailMoves: not ? 'outside' : 'inside',
  }
}

/** `fri-mon` goes over the end of the week. */
function parseDays(text: string): readonly number[] {
  const [first = '', last = first] = text.toLowerCase().split('-')
  const [from, to] = [dayNames.indexOf(first.slice(0, 3)), dayNames.indexOf(last.slice(0, 3))]
  if (from < 0 || to < 0)
    throw new Failure('usage', `Cannot use "${text}" as a day: give mon, tue, wed, thu, fri, sat or sun`)
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, day) => ((from + day) % 7) + 1)
}
