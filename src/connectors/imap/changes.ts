import { Fault } from '../../domain/fault.ts'
import type { Cursor, Folder, FolderChanges, UidRange } from '../../domain/mail.ts'
import { gapsUpTo } from './codec/uid-set.ts'
import { shown } from './faults.ts'
import { nextUid } from './folders.ts'
import { Listing, metaItems, searchUids } from './listing.ts'
import type { Opening } from './opening.ts'
import type { Session } from './session.ts'

/** What changed since a cursor: what is new, whose flags changed, what vanished; or all that is in the folder. */
export async function listChanges(session: Session, folder: Folder, cursor: Cursor | null): Promise<FolderChanges> {
  const opening = session.openFolder(folder, 'EXAMINE', true)
  if (cursor === null) return listAll(session, folder, opening)
  await opening.done
  if (opening.uidValidity !== cursor.uidValidity) {
    const message = `Cannot go on in the folder ${shown(folder.path)}: it was renumbered`
    throw new Fault('cursor.lost', message, { side: session.peer.side })
  }
  return trustsModseq(session, opening, cursor)
    ? listSince(session, folder, opening, cursor)
    : listAll(session, folder, opening)
}

/** A mod-sequence that fell belongs to an index that was lost: what it said of the past is void. */
function trustsModseq(session: Session, { highestModseq }: Opening, cursor: Cursor): cursor is SureCursor {
  if (!session.has('CONDSTORE') && !session.has('QRESYNC')) return false
  return highestModseq !== null && cursor.modseq !== null && cursor.modseq > 0n && highestModseq >= cursor.modseq
}

type SureCursor = Cursor & { readonly modseq: bigint }

async function listAll(session: Session, folder: Folder, opening: Opening): Promise<FolderChanges> {
  const listed = ask(session, folder, `UID FETCH 1:* ${metaItems}`)
  listed.catch(() => null)
  await opening.done
  const listing = await listed
  const items = listing.itemsFrom(1)
  return { status: opening.statusWith((items.at(-1)?.uid ?? 0) + 1), isComplete: true, items, vanished: [] }
}

async function listSince(
  session: Session,
  folder: Folder,
  opening: Opening,
  cursor: SureCursor,
): Promise<FolderChanges> {
  const { uidDone } = cursor
  const uidNext = opening.uidNext ?? (await nextUid(session, opening.messages))
  // One listing for both answers: a server may give the second before it ends the first.
  const listing = new Listing(session)
  const [vanished] = await Promise.all([
    session.isEnabled('QRESYNC') || uidDone === 0 ? listing.vanished : missing(session, folder, uidDone),
    uidDone === 0 ? null : ask(session, folder, changedCommand(session, cursor), listing),
    ask(session, folder, `UID FETCH ${uidDone + 1}:* ${metaItems}`, listing),
  ])
  return { status: opening.statusWith(uidNext), isComplete: false, items: listing.itemsFrom(1), vanished }
}

/** RFC 7162, sections 3.1.4.1 and 3.2.6. */
function changedCommand(session: Session, { uidDone, modseq }: SureCursor): string {
  const vanished = session.isEnabled('QRESYNC') ? ' VANISHED' : ''
  return `UID FETCH 1:${uidDone} ${metaItems} (CHANGEDSINCE ${modseq}${vanished})`
}

/** Without QRESYNC nobody tells what went: it is what a search of the known range does not find. */
async function missing(session: Session, folder: Folder, uidDone: number): Promise<readonly UidRange[]> {
  return gapsUpTo(uidDone, await searchUids(session, 1, uidDone, `Cannot search the folder ${shown(folder.path)}`))
}

async function ask(
  session: Session,
  folder: Folder,
  command: string,
  listing = new Listing(session),
): Promise<Listing> {
  await session.ask([command], 'other', `Cannot list the folder ${shown(folder.path)}`, listing)
  return listing
}
