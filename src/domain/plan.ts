import type { ItemMeta, Uid } from './mail.ts'

export const pageItemsMax = 500
export const pageBytesMax = 16 * 1024 * 1024

/**
 * Cuts items into pages that one FETCH may cover, so that a stop or a slow target never leaves a huge answer hanging.
 * An item above the byte limit stands alone; so does `alone`, behind all others.
 */
export function* planPages(
  items: Iterable<ItemMeta>,
  alone: Uid | null = null,
): Generator<readonly ItemMeta[], undefined> {
  let page: ItemMeta[] = []
  let bytes = 0
  let last: ItemMeta | null = null
  for (const item of items) {
    if (item.uid === alone) {
      last = item
      continue
    }
    if (page.length > 0 && (page.length >= pageItemsMax || bytes + item.sizeBytes > pageBytesMax)) {
      yield page
      page = []
      bytes = 0
    }
    page.push(item)
    bytes += item.sizeBytes
  }
  if (page.length > 0) yield page
  if (last) yield [last]
}

/** Some at a time, `size` at most. */
export function* inParts<T>(items: Iterable<T>, size: number): Generator<readonly T[], undefined> {
  let part: T[] = []
  for (const item of items) {
    part.push(item)
    if (part.length < size) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** What has to be carried from a source flag set to its copy: the source against its baseline, never against the copy. */
export interface FlagDelta {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

const noDelta: FlagDelta = { add: [], remove: [] }

const lower = (flags: readonly string[]): ReadonlySet<string> => new Set(flags.map((flag) => flag.toLowerCase()))

/** Flags compare without case (RFC 9051, section 2.3.2); \Deleted travels on the first copy only. */
export function flagDelta(now: readonly string[], baseline: readonly string[]): FlagDelta {
  if (now.length === baseline.length && now.every((flag, at) => flag === baseline[at])) return noDelta
  return { add: missingFrom(baseline, now), remove: missingFrom(now, baseline) }
}

function missingFrom(present: readonly string[], wanted: readonly string[]): readonly string[] {
  const have = lower(present)
  return wanted.filter((flag) => !have.has(flag.toLowerCase()) && flag.toLowerCase() !== '\\deleted')
}

export const isNoDelta = (delta: FlagDelta): boolean => delta.add.length === 0 && delta.remove.length === 0

/** What an adopted copy is given: it may only gain, and never \Deleted or \Draft. */
export function adoptionDelta(source: readonly string[], target: readonly string[]): FlagDelta {
  const add = missingFrom(target, source).filter((flag) => flag.toLowerCase() !== '\\draft')
  return { add, remove: [] }
}

/** Ascending UIDs as ranges. */
export function toRanges(uids: readonly Uid[]): readonly (readonly [Uid, Uid])[] {
  const ranges: [Uid, Uid][] = []
  for (const uid of uids) {
    const last = ranges.at(-1)
    if (last && uid === last[1] + 1) last[1] = uid
    else ranges.push([uid, uid])
  }
  return ranges
}

/** Whether a UID stands in ascending, disjoint ranges. */
export function isInRanges(ranges: readonly (readonly [Uid, Uid])[], uid: Uid): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle]
    if (!range) return false
    if (uid < range[0]) high = middle - 1
    else if (uid > range[1]) low = middle + 1
    else return true
  }
  return false
}
