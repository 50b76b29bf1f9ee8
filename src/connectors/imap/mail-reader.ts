import type { MailReader } from '../connector.ts'
import { shown } from './faults.ts'
import { fetchHeaders, fetchItems, inFolder } from './fetching.ts'
import type { Folders } from './folders.ts'
import { Listing, metaItems, searchUids } from './listing.ts'
import type { Session } from './session.ts'

/** What is the same on both sides: everything that only reads. */
export function mailReader(session: Session, folders: Folders): MailReader {
  return {
    listFolders: () => folders.list(),
    status: (folder) => folders.status(folder.name),
    async list(folder, fromUid = 1) {
      const opening = session.openFolder(folder, 'EXAMINE', true)
      const listing = new Listing(session)
      const action = `Cannot list the folder ${shown(folder.path)}`
      const listed = session.ask([`UID FETCH ${fromUid}:* ${metaItems}`], 'other', action, listing)
      await inFolder(opening, folder, listed)
      return listing.itemsFrom(fromUid)
    },
    async uids(folder, fromUid = 1) {
      const opening = session.openFolder(folder, 'EXAMINE', true)
      const found = searchUids(session, fromUid, '*', `Cannot search the folder ${shown(folder.path)}`)
      return inFolder(opening, folder, found)
    },
    async survey(folder, fromUid) {
      const opening = session.openFolder(folder, 'EXAMINE', true)
      const found = searchUids(session, fromUid, '*', `Cannot search the folder ${shown(folder.path)}`)
      const uids = await inFolder(opening, folder, found)
      const status = opening.uidNext === null ? await folders.status(folder.name) : opening.statusWith(opening.uidNext)
      return { status, uids }
    },
    headers: (folder, uids) => fetchHeaders(session, folder, uids),
    fetch: (folder, uids) => fetchItems(session, folder, uids),
    rest() {
      folders.forget()
      return session.rest()
    },
    destroy: () => session.destroy(),
    [Symbol.asyncDispose]: () => session.close(),
  }
}
