import { Fault, isFault } from '../../domain/fault.ts'
import type { Folder, FolderStatus } from '../../domain/mail.ts'
import { type CommandPart, isSendable, stringArgument } from './codec/commands.ts'
import { ProtocolError } from './codec/cursor.ts'
import {
  isSelectable,
  type ListedFolder,
  noStatusData,
  parseList,
  parseStatus,
  type StatusData,
  specialUseOf,
} from './codec/folder-data.ts'
import { isInboxName, type Layout } from './codec/folder-names.ts'
import type { Exchange } from './exchange.ts'
import { shown } from './faults.ts'
import { bareRoot, isOwn, learnLayout, pathIn, withInbox } from './layout.ts'
import { Listing } from './listing.ts'
import type { Session } from './session.ts'

/** Ten times as many as any mailbox has: a server that tells of more is not believed. */
const foldersMax = 200_000

/** What the answers to LIST, LSUB and STATUS tell, by folder name. */
interface Found {
  readonly listed: Map<string, ListedFolder>
  readonly statuses: Map<string, StatusData>
  readonly subscribed: Set<string>
}

/** The folders of one mailbox, and how they are named. */
export class Folders {
  readonly #session: Session
  /** What holds for as long as the session does. */
  #learnt: Promise<Layout> | null = null
  #layout: Promise<Layout> | null = null

  constructor(session: Session) {
    this.#session = session
  }

  /** Known after the first listing for sure; before it, an inbox below the user's root has not been seen. */
  layout(): Promise<Layout> {
    this.#learnt ??= learnLayout(this.#session).catch((error: unknown) => {
      this.#learnt = null
      this.forget()
      throw error
    })
    this.#layout ??= this.#learnt
    return this.#layout
  }

  /** The next listing tells anew where the inbox stands. */
  forget(): void {
    this.#layout = null
  }

  /** All folders of the mailbox with their status: one round trip where LIST can bring it, else two. */
  async list(): Promise<readonly Folder[]> {
    const found: Found = { listed: new Map(), statuses: new Map(), subscribed: new Set() }
    const before = await this.#learnAndAsk(found)
    const namespaces = await this.#session.namespaces
    const own = [...found.listed.values()].filter(({ name }) => isOwn(name, before, namespaces))
    const layout = withInbox(
      before,
      own.map(({ name }) => name),
    )
    this.#layout = Promise.resolve(layout)
    const missing = own.filter((folder) => isSelectable(folder) && !isWhole(found.statuses.get(keyOf(folder.name))))
    await Promise.all(missing.map(({ name }) => this.#complete(name, found)))
    if (own.length === 0) this.#refuseMissingRoot(layout)
    const folders = own.map((folder) => folderOf(folder, layout, found))
    const hasInbox = folders.some(({ path }) => path.length === 1 && path[0] === 'INBOX')
    return hasInbox ? folders : [...folders, ...(await this.#unlistedInbox(layout))]
  }

  /** A source without any folder would look like one that has been copied. */
  #refuseMissingRoot({ root }: Layout): void {
    const { side } = this.#session.peer
    if (root === null || side === 'target') return
    const message = `Cannot find the folder ${shown([root])}, below which the mailbox lies`
    throw new Fault('folder.missing', message, { side, scope: 'mailbox', retry: 'never' })
  }

  /** LIST names the inbox (RFC 3501, section 6.3.8); should a server not, it is there all the same. */
  async #unlistedInbox({ root }: Layout): Promise<readonly Folder[]> {
    if (root !== null) return []
    return this.one('INBOX', false).then(
      (inbox) => [inbox],
      (error: unknown) => {
        if (isFault(error) && error.scope === 'folder') return []
        throw error
      },
    )
  }

  /** Throws where the folder is gone. */
  async status(name: string): Promise<FolderStatus> {
    const { status } = await this.#statusData(name)
    return status
  }

  /** A folder that was just made or renamed, without what only a listing tells. */
  async one(name: string, isSubscribed: boolean): Promise<Folder> {
    const [layout, { status, id }] = await Promise.all([this.layout(), this.#statusData(name)])
    return { name, path: pathIn(layout, name), specialUse: null, isSelectable: true, isSubscribed, id, status }
  }

  /** Without a root every mailbox is asked alike, in one flight with what tells how its folders are named. */
  async #learnAndAsk(found: Found): Promise<Layout> {
    if (this.#session.userRoot === null && this.#learnt === null) {
      await Promise.all([this.#session.namespaces, this.#ask(found, rootless)])
      return this.layout()
    }
    const layout = await this.layout()
    await this.#ask(found, layout)
    return layout
  }

  async #ask(found: Found, layout: Layout): Promise<void> {
    const exchange = gather(found)
    const list = (verb: string, returns: string): Promise<unknown>[] =>
      patterns(layout).map((pattern) => {
        const parts: readonly CommandPart[] = [`${verb} "" `, pattern, returns]
        return this.#session.ask(parts, 'other', 'Cannot list the folders', exchange)
      })
    const returns = this.#returnOptions()
    const lists = list('LIST', returns === '' ? '' : ` RETURN (${returns})`)
    await Promise.all(returns.includes('SUBSCRIBED') ? lists : [...lists, ...list('LSUB', '')])
  }

  /** RFC 5258, 5819 and 6154: what LIST can tell besides the names. */
  #returnOptions(): string {
    const session = this.#session
    if (!session.has('LIST-EXTENDED')) return ''
    const specialUse = session.has('SPECIAL-USE') ? ' SPECIAL-USE' : ''
    return `SUBSCRIBED${specialUse}${session.has('LIST-STATUS') ? ` STATUS (${this.#statusItems()})` : ''}`
  }

  #statusItems(): string {
    const modseq = this.#session.has('CONDSTORE') || this.#session.has('QRESYNC') ? ' HIGHESTMODSEQ' : ''
    return `MESSAGES UIDNEXT UIDVALIDITY${modseq}${this.#session.has('OBJECTID') ? ' MAILBOXID' : ''}`
  }

  /** A folder whose status cannot be had stays in the list without one: opening it will tell why. */
  async #complete(name: string, found: Found): Promise<void> {
    if (!isSendable(name)) return
    const tagged = await this.#session.wire.command(this.#statusCommand(name), gather(found, name))
    if (tagged.status !== 'OK' || isWhole(found.statuses.get(keyOf(name)))) return
    const id = found.statuses.get(keyOf(name))?.id ?? null
    const status = await examineStatus(this.#session, name).catch(() => null)
    if (status) found.statuses.set(keyOf(name), { ...status, name, id })
  }

  async #statusData(name: string): Promise<{ readonly status: FolderStatus; readonly id: string | null }> {
    const found: Found = { listed: new Map(), statuses: new Map(), subscribed: new Set() }
    const action = `Cannot ask for the status of the folder ${shown([name])}`
    await this.#session.ask(this.#statusCommand(name), 'open', action, gather(found, name))
    const data = found.statuses.get(keyOf(name)) ?? { ...noStatusData, name }
    return { status: statusOf(data) ?? (await examineStatus(this.#session, name)), id: data.id }
  }

  #statusCommand(name: string): readonly CommandPart[] {
    return ['STATUS ', this.#session.folderArgument(name), ` (${this.#statusItems()})`]
  }
}

/** With a name, only the status of that folder is meant for the command. */
function gather({ listed, statuses, subscribed }: Found, name: string | null = null): Exchange {
  return {
    onUntagged({ keyword, cursor }) {
      if (keyword === 'LIST') {
        const folder = parseList(cursor)
        listed.set(keyOf(folder.name), folder)
        if (folder.attributes.has('\\subscribed')) subscribed.add(keyOf(folder.name))
      } else if (keyword === 'LSUB') subscribed.add(keyOf(parseList(cursor).name))
      else if (keyword === 'STATUS') {
        const status = parseStatus(cursor)
        if (name !== null && keyOf(name) !== keyOf(status.name)) return false
        statuses.set(keyOf(status.name), status)
      } else return false
      if (Math.max(listed.size, subscribed.size, statuses.size) > foldersMax) {
        throw new ProtocolError('A mailbox has more folders than there can be')
      }
      return true
    },
  }
}

/** The inbox has no case (RFC 3501, section 5.1), and one answer may write it otherwise than the next. */
const keyOf = (name: string): string => (isInboxName(name) ? 'INBOX' : name)

const rootless: Layout = { delimiter: null, prefix: '', root: null }

const patterns = (layout: Layout): readonly CommandPart[] =>
  layout.root === null ? ['"*"'] : [bareRoot(layout), `${layout.prefix}*`].map(stringArgument)

const isWhole = (data: StatusData | undefined): boolean => data !== undefined && statusOf(data) !== null

function statusOf({ messages, uidNext, uidValidity, highestModseq }: StatusData): FolderStatus | null {
  if (messages === null || uidNext === null || uidValidity === null) return null
  // RFC 7162, section 3.1.2.2: 0 where the folder keeps no mod-sequences.
  return { messages, uidNext, uidValidity, highestModseq: highestModseq === 0n ? null : highestModseq }
}

/** Asks the folder itself; where even that tells no UIDNEXT, the last message does. */
async function examineStatus(session: Session, name: string): Promise<FolderStatus> {
  const opening = session.openFolder({ name }, 'EXAMINE', true)
  // In the same breath: later another folder may be open.
  const last = lastUid(session)
  last.catch(() => null)
  await opening.done
  // UIDNEXT may be missing (RFC 3501, section 6.3.1); an empty folder need not say which message is the last.
  return opening.statusWith(opening.uidNext ?? (opening.messages === 0 ? 0 : await last) + 1)
}

async function lastUid(session: Session): Promise<number> {
  const listing = new Listing(session)
  await session.ask(['UID FETCH * (UID FLAGS RFC822.SIZE)'], 'other', 'Cannot ask for the last message', listing)
  return listing.itemsFrom(1).at(-1)?.uid ?? 0
}

function folderOf(folder: ListedFolder, layout: Layout, { statuses, subscribed }: Found): Folder {
  const status = statuses.get(keyOf(folder.name))
  const isOpenable = isSelectable(folder)
  return {
    name: folder.name,
    path: pathIn(layout, folder.name),
    specialUse: specialUseOf(folder),
    isSelectable: isOpenable,
    isSubscribed: subscribed.has(keyOf(folder.name)),
    id: status?.id ?? null,
    status: isOpenable && status ? statusOf(status) : null,
  }
}
