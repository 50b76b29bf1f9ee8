const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

const two = (value: number): string => String(value).padStart(2, '0')

/** `date-time` of RFC 3501, section 9, without its quotes: `17-Jul-1996 02:44:25 -0700`. */
export function formatInternalDate(at: Date, zoneMinutes = 0): string {
  const local = new Date(at.getTime() + zoneMinutes * 60_000)
  const day = `${two(local.getUTCDate())}-${monthNames[local.getUTCMonth()]}-${local.getUTCFullYear()}`
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`
  const zone = Math.abs(zoneMinutes)
  return `${day} ${time} ${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`
}

/** The same text in canonical form (two-digit day, month in title case), or null where it is no date of the calendar. */
export function parseInternalDate(text: string): string | null {
  const match = /^([ \d]\d-[A-Za-z]{3}-\d{4}) (\d\d):(\d\d):(\d\d) [+-](\d\d)(\d\d)$/.exec(text)
  const day = match && dayNumber(match[1]?.replace(' ', '0') ?? '')
  if (!match || day === null) return null
  const [hour, minute, second, zoneHour, zoneMinute] = match.slice(2).map(Number)
  const isTime = hour! < 24 && minute! < 60 && second! <= 60 && zoneHour! < 24 && zoneMinute! < 60
  return isTime ? `${two(Number(match[1]?.slice(0, 2)))}-${titleCase(text.slice(3, 6))}${text.slice(6)}` : null
}

/** Days since 1970 of an RFC 3501 `date-text` such as `1-Feb-1994`, or null where there is no such day. */
export function dayNumber(text: string): number | null {
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text)
  const month = monthNames.findIndex((name) => name === titleCase(match?.[2] ?? ''))
  if (!match || month < 0) return null
  const at = new Date(0)
  at.setUTCFullYear(Number(match[3]), month, Number(match[1]))
  return at.getUTCDate() === Number(match[1]) ? at.getTime() / 86_400_000 : null
}

/** The day of an INTERNALDATE, its time and zone left out, as SEARCH counts it (RFC 3501, section 6.4.4). */
export const internalDay = (internalDate: string): number => dayNumber(internalDate.slice(0, 11)) ?? 0

const titleCase = (month: string): string => month.slice(0, 1).toUpperCase() + month.slice(1).toLowerCase()
