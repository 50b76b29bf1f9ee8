const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const grammar = /^([ 0-3]?\d)-([A-Za-z]{3})-(\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([+-])([01]\d|2[0-3])([0-5]\d)$/

/**
 * The `date-time` of RFC 3501, section 9, in canonical text (two-digit day, month in title case), its zone kept; null
 * where it is no moment of the calendar. Only what comes out of here is ever written to a target.
 */
export function parseDateTime(text: string): string | null {
  const [, day = '', name = '', year = '', ...time] = grammar.exec(text) ?? []
  const month = months.indexOf(name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase())
  if (month < 0 || !isDay(Number(year), month, Number(day))) return null
  const [hour, minute, second, sign, zoneHour, zoneMinute] = time
  const date = `${day.trim().padStart(2, '0')}-${months[month]}-${year}`
  return `${date} ${hour}:${minute}:${second} ${sign}${zoneHour}${zoneMinute}`
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return year > 0 && day > 0 && date.getUTCMonth() === month && date.getUTCDate() === day
}
