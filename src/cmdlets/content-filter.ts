import { Refusal } from '../domain/refusal.ts'

/** When mail has to have been received, milliseconds UTC: from a moment on, and before another. */
export interface ReceivedFilter {
  readonly receivedFrom?: number
  readonly receivedBefore?: number
}

/** A day as Americans or ISO 8601 write it, perhaps with a time of day, as text that `momentOf` understands. */
type MomentOf = (text: string) => number

const term = /^\s*\(?\s*Received\s+-(gt|ge|lt|le)\s+(["'])([^"']+)\2\s*\)?\s*$/i

/**
 * Reads `Received -ge '8/23/2015' -and Received -lt '8/23/2020'`: the one property that a filter may name, compared by
 * -gt, -ge, -lt or -le, at most once from either side. `momentOf` reads `2015-08-23T00:00:00` in the admin's zone.
 */
export function parseContentFilter(text: string, momentOf: MomentOf): ReceivedFilter {
  let filter: ReceivedFilter = {}
  for (const part of text.split(/\s-and\s/i)) {
    const [, operator = '', , date = ''] = term.exec(part) ?? []
    if (operator === '') throw unusable(text, `"${part.trim()}" is not of the form Received -ge '2020-01-31'`)
    const bound = boundOf(operator.toLowerCase(), momentOf(isoOf(date) ?? refuseDate(text, date)))
    const [name = ''] = Object.keys(bound)
    if (name in filter) throw unusable(text, 'Received is bounded twice from one side')
    filter = { ...filter, ...bound }
  }
  return filter
}

function boundOf(operator: string, at: number): ReceivedFilter {
  if (operator === 'gt') return { receivedFrom: at + 1 }
  if (operator === 'ge') return { receivedFrom: at }
  return { receivedBefore: operator === 'lt' ? at : at + 1 }
}

/** `8/23/2015 4:05 PM` or `2015-08-23 16:05` as `2015-08-23T16:05:00`; null where it is neither. */
function isoOf(text: string): string | null {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AP])M)?)?$/i.exec(
    text.trim(),
  )
  if (american) {
    const [, month = '', day = '', year = '', hour = '0', minute = '00', second = '00', half = ''] = american
    return `${year}-${two(month)}-${two(day)}T${two(hourOf(Number(hour), half))}:${minute}:${second}`
  }
  const [, day, time = '00:00', seconds = ':00', zone = ''] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text.trim()) ?? []
  return day === undefined ? null : `${day}T${time}${seconds}${zone}`
}

function hourOf(hour: number, half: string): number {
  if (half === '') return hour
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0)
}

const two = (value: string | number): string => String(value).padStart(2, '0')

const unusable = (text: string, why: string): Refusal =>
  new Refusal('invalid', `Cannot use the ContentFilter "${text}": ${why}`)

function refuseDate(text: string, date: string): never {
  throw unusable(text, `"${date}" is not a date such as 8/23/2015 or 2015-08-23`)
}
