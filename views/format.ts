const grouped = new Intl.NumberFormat('en')

/** 1,234,567 */
export const count = (value: number): string => grouped.format(value)

/** `1 mailbox`, `20 mailboxes`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal units: 830 B, 4.2 MB, 118 GB. */
export function bytes(value: number): string {
  const step = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1)
  const scaled = value / 1000 ** step
  return `${scaled.toFixed(step > 0 && scaled < 10 ? 1 : 0)} ${units[step]}`
}

/** Whole percents, rounded down, so that 100 means all of it; nothing of nothing is null. */
export const percent = (part: number, whole: number): number | null =>
  whole <= 0 ? null : Math.max(0, Math.min(100, Math.floor((part / whole) * 100)))

/** `37 %`, and a dash where there is nothing to have a share of. */
export const percentText = (part: number, whole: number): string => {
  const share = percent(part, whole)
  return share === null ? '–' : `${share} %`
}

/** Milliseconds UTC as `2026-03-01 14:05 UTC`. */
export const dateTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const spans: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** `320 ms`, `1.5 s`, and from a minute up the two greatest units: `2 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10} s`
  const first = spans.findIndex(([, size]) => ms >= size)
  const [[name, size], next] = [spans[first] ?? ['ms', 1], spans[first + 1]]
  const rest = next ? Math.floor((ms % size) / next[1]) : 0
  return `${Math.floor(ms / size)} ${name}${next && rest > 0 ? ` ${rest} ${next[0]}` : ''}`
}

/** A folder's place as a person reads it. */
export const folderPath = (path: readonly string[]): string => path.join(' / ')
