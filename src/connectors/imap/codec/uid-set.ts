import type { Uid, UidRange } from '../../../domain/mail.ts'
import { ProtocolError } from './cursor.ts'

/** Well below the 8 KiB that every server takes (RFC 7162, section 4). */
const setLengthMax = 7000

/** A million UIDs apart from each other. */
const textLengthMax = 8 * 1024 * 1024

/** Reads `1:5,7,12:9` into ranges, each ascending, in the order of the text; the empty text is the empty set. */
export function parseUidSet(text: string): readonly UidRange[] {
  if (text === '') return []
  if (text.length > textLengthMax) throw new ProtocolError('A UID set is longer than any can be')
  return text.split(',').map(parseRange)
}

function parseRange(text: string): UidRange {
  const [, first, last = first] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? []
  const [a, b] = [Number(first), Number(last)]
  if (!(a >= 1 && b >= 1 && a <= 0xffffffff && b <= 0xffffffff)) throw new ProtocolError('A UID set cannot be read')
  return a <= b ? [a, b] : [b, a]
}

const countOf = (ranges: readonly UidRange[]): number =>
  ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)

/** Every UID of the ranges, in their order, or null where there are more than `countMax`: a set can name four billion. */
export function expandUidSet(ranges: readonly UidRange[], countMax: number): readonly Uid[] | null {
  if (countOf(ranges) > countMax) return null
  const uids: Uid[] = []
  for (const [first, last] of ranges) for (let uid = first; uid <= last; uid += 1) uids.push(uid)
  return uids
}

/** Ascending UIDs as the texts of sets, each short enough for one command line. */
export function formatUidSets(uids: readonly Uid[]): readonly string[] {
  const sets: string[] = []
  let set = ''
  for (let at = 0; at < uids.length; ) {
    const first = uids[at++]
    let last = first
    while (at < uids.length && uids[at] === (last ?? 0) + 1) last = uids[at++]
    const part = first === last ? `${first}` : `${first}:${last}`
    if (set.length + part.length >= setLengthMax) {
      sets.push(set)
      set = ''
    }
    set = set === '' ? part : `${set},${part}`
  }
  return set === '' ? sets : [...sets, set]
}

/** Sorts and drops what stands twice. */
export function ascending(uids: Iterable<Uid>): readonly Uid[] {
  const list = [...uids]
  return isAscending(list) ? list : [...new Set(list)].sort((a, b) => a - b)
}

const isAscending = (uids: readonly Uid[]): boolean => uids.every((uid, at) => at === 0 || (uids[at - 1] ?? 0) < uid)

/** What is missing between 1 and `last` among ascending UIDs. */
export function gapsUpTo(last: Uid, uids: readonly Uid[]): readonly UidRange[] {
  const gaps: UidRange[] = []
  let next = 1
  for (const uid of uids) {
    if (uid > last) break
    if (uid > next) gaps.push([next, uid - 1])
    next = uid + 1
  }
  return next <= last ? [...gaps, [next, last]] : gaps
}
