import type { ItemList } from '../../domain/item-list.ts'
import { ItemListBuilder } from '../../domain/item-list-builder.ts'
import type { Uid, UidRange } from '../../domain/mail.ts'
import { ProtocolError } from './codec/cursor.ts'
import { type FetchData, receivedAtOf } from './codec/fetch-data.ts'
import { parseEsearch, parseSearch, parseVanished } from './codec/search-data.ts'
import { ascending, expandUidSet } from './codec/uid-set.ts'
import type { Exchange, Tagged } from './exchange.ts'
import type { Session } from './session.ts'

/** More messages than any folder has: a server that tells of more is not believed. */
const itemsMax = 1_000_000

/** All that a listing needs; enough to copy, compare and page. */
export const metaItems = '(UID FLAGS INTERNALDATE RFC822.SIZE)'

/** Messages as FETCH tells of them, gathered by UID; vanished ones beside them. */
export class Listing implements Exchange {
  readonly vanished: UidRange[] = []
  tagged: Tagged | null = null
  readonly #items = new ItemListBuilder()
  readonly #parser: Session['fetchParser']

  constructor({ fetchParser }: Session) {
    this.#parser = fetchParser
  }

  onUntagged({ keyword, cursor }: Parameters<NonNullable<Exchange['onUntagged']>>[0]): boolean {
    if (keyword === 'FETCH') return this.#put(this.#parser.parse(cursor))
    if (keyword === 'VANISHED') this.#putVanished(parseVanished(cursor).uids)
    else return false
    return true
  }

  onTagged(tagged: Tagged): void {
    this.tagged = tagged
  }

  /** `n:*` names the last message even where it is below n (RFC 3501, section 6.4.8). */
  itemsFrom(fromUid: Uid): ItemList {
    return this.#items.list().from(fromUid)
  }

  /** What tells no size was not asked for: news of flags, which count where the message is known. */
  #put(data: FetchData): boolean {
    const { uid, flags, sizeBytes } = data
    if (uid === null || flags === null) return false
    if (sizeBytes === null) return this.#items.putFlags(uid, flags)
    this.#items.put({ uid, sizeBytes, flags, receivedAt: receivedAtOf(data) })
    if (this.#items.length > itemsMax) throw new ProtocolError('A folder has more messages than there can be')
    return true
  }

  #putVanished(uids: readonly UidRange[]): void {
    for (const range of uids) this.vanished.push(range)
    if (this.vanished.length > itemsMax) throw new ProtocolError('More messages vanished than there can be')
  }
}

/** UIDs that a search finds, in one line where the server can write sets (RFC 4731). */
export async function searchUids(
  session: Session,
  fromUid: Uid,
  toUid: Uid | '*',
  action: string,
): Promise<readonly Uid[]> {
  const found: Uid[] = []
  const exchange: Exchange = {
    onUntagged: ({ keyword, cursor }) => {
      if (keyword === 'SEARCH') for (const uid of parseSearch(cursor)) found.push(uid)
      else if (keyword === 'ESEARCH') for (const uid of expand(parseEsearch(cursor))) found.push(uid)
      else return false
      if (found.length > itemsMax) throw new ProtocolError('A search finds more messages than there can be')
      return true
    },
  }
  const how = session.has('ESEARCH') ? 'RETURN (ALL) ' : ''
  await session.ask([`UID SEARCH ${how}UID ${fromUid}:${toUid}`], 'other', action, exchange)
  const uids = ascending(found)
  return (uids[0] ?? fromUid) >= fromUid ? uids : uids.filter((uid) => uid >= fromUid)
}

function expand(ranges: readonly UidRange[]): readonly Uid[] {
  const uids = expandUidSet(ranges, itemsMax)
  if (uids) return uids
  throw new ProtocolError('A search finds more messages than there can be')
}
