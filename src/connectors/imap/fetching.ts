import type { Folder, Item, ItemHeader, Uid } from '../../domain/mail.ts'
import { ascending, formatUidSets } from './codec/uid-set.ts'
import type { Tagged } from './exchange.ts'
import { refusalFault, shown } from './faults.ts'
import { HeaderFetch } from './header-fetch.ts'
import { type Expected, type FetchedItem, ItemFetch } from './item-fetch.ts'
import { Listing, metaItems } from './listing.ts'
import type { Opening } from './opening.ts'
import type { Session } from './session.ts'

const bodyItems = '(UID FLAGS INTERNALDATE BODY.PEEK[])'

/**
 * Whole messages, ascending; asked for at the first step. What is asked of the session meanwhile is answered behind
 * them: whoever waits for that must not hold these back.
 */
export async function* fetchItems(session: Session, folder: Folder, uids: readonly Uid[]): AsyncGenerator<Item> {
  const wanted = new Set(uids)
  if (wanted.size === 0) return
  if (!session.sendsBodyFirst) yield* fetchAtOnce(session, folder, wanted)
  if (session.sendsBodyFirst && wanted.size > 0) yield* fetchOneByOne(session, folder, wanted)
}

async function* fetchAtOnce(session: Session, folder: Folder, wanted: Set<Uid>): AsyncGenerator<Item> {
  const opening = session.openFolder(folder, 'EXAMINE')
  const fetches = formatUidSets(ascending(wanted)).map((set) => sendFetch(session, set, wanted, null))
  try {
    await opened(opening, folder)
    for (const fetch of fetches) {
      yield* itemsOf(session, folder, fetch)
      if (fetch.sawBodyFirst) askOneByOne(session)
    }
  } finally {
    for (const fetch of fetches) fetch.discard()
  }
}

/** What was asked for before comes behind what is asked for from now on, whichever is waited for. */
function askOneByOne(session: Session): void {
  session.sendsBodyFirst = true
  session.wire.brake.turnOff()
}

/**
 * For servers that tell whose content it was only behind it: all else is asked for before, and then each message by a
 * command of its own, since two contents in one answer could not be told apart. All are asked for at once: what is asked
 * later would come behind mail of another folder, which may wait for this one.
 */
async function* fetchOneByOne(session: Session, folder: Folder, wanted: Set<Uid>): AsyncGenerator<Item> {
  const metas = [...(await listUids(session, folder, ascending(wanted)))]
  const opening = session.openFolder(folder, 'EXAMINE')
  const fetches = metas.map((meta) => sendFetch(session, `${meta.uid}`, wanted, meta))
  try {
    await opened(opening, folder)
    for (const fetch of fetches) yield* itemsOf(session, folder, fetch)
  } finally {
    for (const fetch of fetches) fetch.discard()
  }
}

function sendFetch(session: Session, set: string, wanted: Set<Uid>, expected: Expected | null): ItemFetch {
  const { wire, fetchParser: parser, literalBytesMax } = session
  const fetch = new ItemFetch({ wire, parser, literalBytesMax, wanted, expected })
  wire.command([`UID FETCH ${set} ${bodyItems}`], fetch).catch(() => null)
  return fetch
}

async function* itemsOf(session: Session, folder: Folder, fetch: ItemFetch): AsyncGenerator<FetchedItem> {
  for (let item = await fetch.items.next(); item; item = await fetch.items.next()) {
    try {
      yield item
    } finally {
      item.body.discard()
    }
  }
  refuseUnlessOk(session, folder, fetch.tagged)
}

/** A NO hides which messages are gone and which could not be read; only an expunge explains itself (RFC 5530). */
function refuseUnlessOk(session: Session, folder: Folder, tagged: Tagged | null): void {
  if (!tagged || tagged.status === 'OK' || tagged.code?.name === 'EXPUNGEISSUED') return
  throw refusalFault(session.peer, 'other', `Cannot read from the folder ${shown(folder.path)}`, tagged)
}

/** Throws unless the folder was opened, and is the one whose UIDs we know. */
export async function opened(opening: Opening, folder: Folder): Promise<void> {
  await opening.done
  const fault = opening.faultFor(folder)
  if (fault) throw fault
}

/** The answer of a command that was sent behind the opening: worth something only if that went well. */
export async function inFolder<T>(opening: Opening, folder: Folder, answer: Promise<T>): Promise<T> {
  answer.catch(() => null)
  await opened(opening, folder)
  return answer
}

async function listUids(session: Session, folder: Folder, uids: readonly Uid[]): Promise<Iterable<Expected>> {
  const listing = new Listing(session)
  const action = `Cannot list the folder ${shown(folder.path)}`
  const opening = session.openFolder(folder, 'EXAMINE')
  const sets = formatUidSets(uids).map((set) => `UID FETCH ${set} ${metaItems}`)
  const answers = Promise.all(sets.map((command) => session.ask([command], 'other', action, listing)))
  await inFolder(opening, folder, answers)
  return listing.itemsFrom(1)
}

/** The headers of those messages that are still there. */
export async function* fetchHeaders(
  session: Session,
  folder: Folder,
  uids: readonly Uid[],
): AsyncGenerator<ItemHeader> {
  if (uids.length === 0) return
  const opening = session.openFolder(folder, 'EXAMINE')
  const wanted = new Set(uids)
  const fetches = formatUidSets(ascending(wanted)).map((set) => {
    const fetch = new HeaderFetch(session, wanted)
    session.wire.command([`UID FETCH ${set} (UID RFC822.SIZE BODY.PEEK[HEADER])`], fetch).catch(() => null)
    return fetch
  })
  try {
    await opened(opening, folder)
    for (const fetch of fetches) yield* headersOf(session, folder, fetch)
  } finally {
    for (const fetch of fetches) fetch.discard()
  }
}

async function* headersOf(session: Session, folder: Folder, fetch: HeaderFetch): AsyncGenerator<ItemHeader> {
  for (let header = await fetch.headers.next(); header; header = await fetch.headers.next()) {
    session.wire.brake.release(header.header.length)
    yield header
  }
  refuseUnlessOk(session, folder, fetch.tagged)
}
