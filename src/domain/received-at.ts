const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const months = monthNames.map((name) => name.toLowerCase())

/** Milliseconds UTC of an INTERNALDATE (`17-Jul-1996 02:44:25 -0700`, RFC 9051, section 9: date-time), or null. */
export function instantOf(receivedAt: string | null): number | null {
  const found = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(receivedAt ?? '')
  if (!found) return null
  const [, day, month, year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = found
  const at = months.indexOf((month ?? '').toLowerCase())
  if (at === -1) return null
  const utc = Date.UTC(Number(year), at, Number(day), Number(hours), Number(minutes), Number(seconds))
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000
  return sign === '+' ? utc - zoneMs : utc + zoneMs
}

/**
 * A canonical INTERNALDATE as one number below 2^50, from which the very same text is made again, its zone too (-0000 is
 * not +0000). Null for any other text: one that is not 26 characters long, or has a field out of its range.
 */
export function packReceivedAt(text: string): number | null {
  if (text.length !== 26 || !isPunctuated(text)) return null
  const month = monthCodes.indexOf(letters(text, 3))
  const day = twoDigits(text, 0)
  const year = twoDigits(text, 7) * 100 + twoDigits(text, 9)
  const hour = twoDigits(text, 12)
  const minute = twoDigits(text, 15)
  const second = twoDigits(text, 18)
  const zoneHour = twoDigits(text, 22)
  const zoneMinute = twoDigits(text, 24)
  // A character that is no digit makes its number NaN, which is in no range.
  const isInRange = day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60 && zoneHour < 24 && zoneMinute < 60
  if (month < 0 || !isInRange || !(year >= 0)) return null
  const zone = (text[21] === '-' ? 24 : 0) + zoneHour
  const days = (year * 12 + month) * 31 + day - 1
  return ((((days * 24 + hour) * 60 + minute) * 60 + second) * 48 + zone) * 60 + zoneMinute
}

/** The text that `packReceivedAt` made a number of. */
export function unpackReceivedAt(packed: number): string {
  const days = daysOf(packed)
  const { month, day } = dayOf(packed)
  let rest = packed - days * packedPerDay
  const take = (range: number): number => {
    const field = rest % range
    rest = (rest - field) / range
    return field
  }
  const [zoneMinute, zone, second, minute] = [take(60), take(48), take(60), take(60)]
  const year = Math.floor(days / 31 / 12)
  const date = `${padded(day)}-${monthNames[month]}-${padded(Math.floor(year / 100))}${padded(year % 100)}`
  const offset = `${zone >= 24 ? '-' : '+'}${padded(zone % 24)}${padded(zoneMinute)}`
  return `${date} ${padded(rest)}:${padded(minute)}:${padded(second)} ${offset}`
}

/** Month of the year, from 0, and day of the month of a packed date. */
export function dayOf(packed: number): { readonly month: number; readonly day: number } {
  const days = daysOf(packed)
  return { month: Math.floor(days / 31) % 12, day: (days % 31) + 1 }
}

/** Hours, minutes, seconds, zones with a sign and their minutes. */
const packedPerDay = 24 * 60 * 60 * 48 * 60

/** Days since the year 0 where every month has 31: below 2^22. */
const daysOf = (packed: number): number => (packed / packedPerDay) | 0

const [plus, minus, colon, space] = [0x2b, 0x2d, 0x3a, 0x20]

const isPunctuated = (text: string): boolean =>
  text.charCodeAt(2) === minus &&
  text.charCodeAt(6) === minus &&
  text.charCodeAt(11) === space &&
  text.charCodeAt(14) === colon &&
  text.charCodeAt(17) === colon &&
  text.charCodeAt(20) === space &&
  (text.charCodeAt(21) === plus || text.charCodeAt(21) === minus)

/** Three letters as one number. */
const letters = (text: string, at: number): number =>
  (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)

const monthCodes = monthNames.map((name) => letters(name, 0))

const digit = (code: number): number => (code >= 0x30 && code <= 0x39 ? code - 0x30 : Number.NaN)

const twoDigits = (text: string, at: number): number => digit(text.charCodeAt(at)) * 10 + digit(text.charCodeAt(at + 1))

const padded = (value: number): string => twoDigitTexts[value] ?? ''

const twoDigitTexts = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
