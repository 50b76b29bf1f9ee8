/** Ranges as a client wrote them; `*` is Infinity. */
export type SequenceSet = readonly (readonly [number, number])[]

const numberMax = 0xffffffff

/** `sequence-set` of RFC 3501, section 9, or null. */
export function parseSequenceSet(text: string): SequenceSet | null {
  const ranges = text.split(',').map((part) => {
    const [first, last = first, ...more] = part.split(':').map(parseNumber)
    return more.length === 0 && first && last ? ([first, last] as const) : null
  })
  return ranges.every((range) => range !== null) ? ranges : null
}

function parseNumber(text: string): number | null {
  if (text === '*') return Number.POSITIVE_INFINITY
  const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null
  return value !== null && value <= numberMax ? value : null
}

/** Ascending ranges with `*` replaced. `n:*` always holds `max`, even where n is beyond it (RFC 3501, section 9). */
export function resolveSet(set: SequenceSet, max: number): SequenceSet {
  return set
    .map(([first, last]) => [pin(first, max), pin(last, max)] as const)
    .map(([first, last]) => (first <= last ? ([first, last] as const) : ([last, first] as const)))
    .sort(([one], [other]) => one - other)
}

const pin = (value: number, max: number): number => (value === Number.POSITIVE_INFINITY ? max : value)

export const setHas = (set: SequenceSet, value: number): boolean =>
  set.some(([first, last]) => first <= value && value <= last)

/** The shortest set of ascending numbers: `1:3,5`. */
export function formatSet(numbers: Iterable<number>): string {
  const ranges: [number, number][] = []
  for (const value of numbers) {
    const last = ranges.at(-1)
    if (last && last[1] + 1 === value) last[1] = value
    else ranges.push([value, value])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}:${last}`)).join(',')
}
