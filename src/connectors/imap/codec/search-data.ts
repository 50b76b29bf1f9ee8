import type { Uid, UidRange } from '../../../domain/mail.ts'
import type { Cursor } from './cursor.ts'
import { parseUidSet } from './uid-set.ts'

/** The numbers of a SEARCH response; a MODSEQ at its end (RFC 7162, section 3.1.5) is passed over. */
export function parseSearch(cursor: Cursor): readonly Uid[] {
  const uids: Uid[] = []
  while (!cursor.isAtEnd) {
    while (cursor.skips(' '));
    if (cursor.isBeforeDigit) uids.push(cursor.number())
    else if (!cursor.isAtEnd) cursor.skipValue()
  }
  return uids
}

/** The ALL set of an ESEARCH response (RFC 4731, section 3.1); it is absent where nothing was found. */
export function parseEsearch(cursor: Cursor): readonly UidRange[] {
  let all: readonly UidRange[] = []
  while (!cursor.isAtEnd) {
    while (cursor.skips(' '));
    if (cursor.isAtEnd) break
    if (cursor.isBefore('(')) cursor.skipValue()
    else if (cursor.keyword() === 'ALL') {
      cursor.space()
      all = parseUidSet(cursor.word())
    }
  }
  return all
}

/** `VANISHED (EARLIER) 41,43:116` or `VANISHED 5` (RFC 7162, section 3.2.10). */
export function parseVanished(cursor: Cursor): { readonly isEarlier: boolean; readonly uids: readonly UidRange[] } {
  const isEarlier = cursor.isBefore('(') && cursor.parenthesised().toUpperCase() === 'EARLIER'
  while (cursor.skips(' '));
  return { isEarlier, uids: cursor.isAtEnd ? [] : parseUidSet(cursor.word()) }
}
