/**
 * Whether `name` fits a LIST pattern: `*` is any text, `%` any text within one level (RFC 3501, section 6.3.8).
 * Walks all ways at once, so that no pattern takes more than pattern times name steps.
 */
export function matchesPattern(name: string, pattern: string, separator: string): boolean {
  let places = reach(new Set([0]), pattern)
  for (const char of name) {
    const next = new Set<number>()
    for (const place of places) {
      const expected = pattern[place]
      if (expected === '*' || (expected === '%' && char !== separator)) next.add(place)
      else if (expected === char) next.add(place + 1)
    }
    places = reach(next, pattern)
  }
  return places.has(pattern.length)
}

/** Wildcards may also stand for nothing. */
function reach(places: Set<number>, pattern: string): Set<number> {
  // A set hands out what is added while it is walked.
  for (const place of places) {
    if (pattern[place] === '*' || pattern[place] === '%') places.add(place + 1)
  }
  return places
}
