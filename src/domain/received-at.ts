const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

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
