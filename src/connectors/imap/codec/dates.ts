import { dayOf, packReceivedAt } from '../../../domain/received-at.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const grammar = /^([ 0-3]?\d)-([A-Za-z]{3})-(\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-])([01]\d|2[0-3])([0-5]\d)$/

/**
 * The `date-time` of RFC 3501, section 9, in canonical text (two-digit day, month in title case), its zone kept; null
 * where it is no moment of the calendar. Only what comes out of here is ever written to a target.
 */
export function parseDateTime(text: string): string | null {
  if (isCanonical(text)) return text
  const [, day = '', name = '', year = '', ...time] = grammar.exec(text) ?? []
  const month = months.indexOf(name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase())
  if (month < 0 || !isDay(Number(year), month, Number(day))) return null
  const [hour, minute, second, sign, zoneHour, zoneMinute] = time
  const date = `${day.trim().padStart(2, '0')}-${months[month]}-${year}`
  return `${date} ${hour}:${minute}:${second} ${sign}${zoneHour}${zoneMinute}`
}

/** Most dates are, and on a day that its month has in every year: nothing has to be taken apart then. */
function isCanonical(text: string): boolean {
  const packed = packReceivedAt(text)
  if (packed === null || packed < firstDate) return false
  const { month, day } = dayOf(packed)
  return day <= (daysMin[month] ?? 0)
}

const firstDate = packReceivedAt('01-Jan-0001 00:00:00 +0000') ?? 0
const daysMin = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return year > 0 && day > 0 && date.getUTCMonth() === month && date.getUTCDate() === day
}
