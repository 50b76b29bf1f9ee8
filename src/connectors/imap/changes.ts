import { Fault } from '../../domain/fault.ts'
import type { Cursor, Folder, FolderChanges, UidRange } from '../../domain/mail.ts'
import { gapsUpTo } from './codec/uid-set.ts'
import { shown } from './faults.ts'
import { Listing, metaItems, searchUids } from './listing.ts'
import type { Opening } from './opening.ts'
import type { Session } from './session.ts'

/** What changed since a cursor: what is new, whose flags changed, what vanished; or all that is in the folder. */
export async function listChanges(session: Session, folder: Folder, cursor: Cursor | null): Promise<FolderChanges> {
  if (cursor === null) return listAll(session, folder, null)
  // Whether the server will tell what vanished decides what it is asked.
  await session.enabled
  const changes = mayAskSince(session, cursor) ? await listSince(session, folder, cursor) : null
  return changes ?? listAll(session, folder, cursor)
}

type SureCursor = Cursor & { readonly modseq: bigint }

const mayAskSince = (session: Session, cursor: Cursor): cursor is SureCursor =>
  (session.has('CONDSTORE') || session.has('QRESYNC')) && cursor.modseq !== null && cursor.modseq > 0n

async function listAll(session: Session, folder: Folder, cursor: Cursor | null): Promise<FolderChanges> {
  const opening = session.openFolder(folder, 'EXAMINE', true)
  const listed = ask(session, folder, `UID FETCH 1:* ${metaItems}`)
  listed.catch(() => null)
  await opening.done
  checkNumbering(session, folder, opening, cursor)
  const items = (await listed).itemsFrom(1)
  return { status: opening.statusWith((items.at(-1)?.uid ?? 0) + 1), isComplete: true, items, vanished: [] }
}

/**
 * In one round trip: all is asked for behind the opening, and what that tells decides whether the answers are believed.
 * Null where they are not.
 */
async function listSince(session: Session, folder: Folder, cursor: SureCursor): Promise<FolderChanges | null> {
  const { uidDone } = cursor
  const opening = session.openFolder(folder, 'EXAMINE', true)
  // One listing for both answers: a server may give the second before it ends the first.
  const listing = new Listing(session)
  const answers = Promise.all([
    session.isEnabled('QRESYNC') || uidDone === 0 ? listing.vanished : missing(session, folder, uidDone),
    uidDone === 0 ? null : ask(session, folder, changedCommand(session, cursor), listing),
    ask(session, folder, `UID FETCH ${uidDone + 1}:* ${metaItems}`, listing),
  ])
  answers.catch(() => null)
  await opening.done
  checkNumbering(session, folder, opening, cursor)
  if (!keepsModseq(opening, cursor)) return null
  const [vanished] = await answers
  const items = listing.itemsFrom(1)
  const uidNext = Math.max(uidDone, items.at(-1)?.uid ?? 0) + 1
  return { status: opening.statusWith(uidNext), isComplete: false, items, vanished }
}

/** A mod-sequence that fell belongs to an index that was lost: what it said of the past is void. */
const keepsModseq = ({ highestModseq }: Opening, { modseq }: SureCursor): boolean =>
  highestModseq !== null && highestModseq >= modseq

function checkNumbering(session: Session, folder: Folder, { uidValidity }: Opening, cursor: Cursor | null): void {
  if (cursor === null || cursor.uidValidity === uidValidity) return
  const message = `Cannot go on in the folder ${shown(folder.path)}: it was renumbered`
  throw new Fault('cursor.lost', message, { side: session.peer.side })
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
