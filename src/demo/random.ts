/** Evenly spread numbers from 0 up to, not including, 1. */
export type Random = () => number

/** The same numbers for the same seed, on every machine (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** A whole number from 0 up to, not including, `end`. */
export const below = (end: number, random: Random): number => Math.floor(random() * end)

export const isLucky = (chance: number, random: Random): boolean => random() < chance

export function pick<T>(choices: readonly [T, ...T[]], random: Random): T {
  return choices[below(choices.length, random)] ?? choices[0]
}
