import type { SpecialUse } from '../domain/mail.ts'
import { encodeUtf7 } from '../domain/utf7.ts'
import { Folder, type Message, type NewMessage } from './folder.ts'
import { formatInternalDate } from './internal-date.ts'
import { no } from './refusal.ts'

/** How a server names folders, and where its ids come from. */
export interface Layout {
  readonly separator: string
  /** What every personal folder but the inbox begins with, such as `INBOX.` on Courier; mostly empty. */
  readonly personalPrefix: string
  /** Names with one key are one folder: the identity, or a lower case for servers that ignore it. */
  readonly folderKey: (name: string) => string
  readonly now: () => Date
  readonly nextUidValidity: () => number
  readonly nextId: () => string
}

export type Delivery = Partial<NewMessage> & Pick<NewMessage, 'body'>

/** All mail of one person: folders by their wire name, in order of creation. */
export class Account {
  readonly userName: string
  readonly password: string
  readonly layout: Layout
  quotaBytesMax: number | null
  readonly subscriptions = new Set<string>()
  readonly #folders = new Map<string, Folder>()

  constructor(userName: string, password: string, layout: Layout, quotaBytesMax: number | null = null) {
    this.userName = userName
    this.password = password
    this.layout = layout
    this.quotaBytesMax = quotaBytesMax
    this.create('INBOX')
  }

  get folders(): readonly Folder[] {
    return [...this.#folders.values()]
  }

  get usedBytes(): number {
    return this.folders.reduce((sum, folder) => sum + folder.sizeBytes, 0)
  }

  /** The wire name of a personal folder: `['Projets', 'Été']` is `Projets/&AMk-t&AOk-`. */
  nameOf(path: readonly string[]): string {
    const name = path.map(encodeUtf7).join(this.layout.separator)
    return isInbox(name) ? 'INBOX' : this.layout.personalPrefix + name
  }

  folder(name: string): Folder | null {
    return this.#folders.get(this.#key(name)) ?? null
  }

  /** The folder, or a refusal. */
  demand(name: string, code: 'NONEXISTENT' | 'TRYCREATE' = 'NONEXISTENT'): Folder {
    const folder = this.folder(name)
    if (!folder) throw no(`[${code}] No such mailbox`)
    return folder
  }

  /** Parents that are missing are listed as \Noselect, and hold no mail of their own. */
  create(name: string, specialUse: SpecialUse | null = null): Folder {
    if (this.folder(name)) throw no('[ALREADYEXISTS] Mailbox exists already')
    const { nextId, nextUidValidity } = this.layout
    const folder = new Folder(isInbox(name) ? 'INBOX' : name, nextId(), nextUidValidity(), specialUse)
    this.#folders.set(this.#key(name), folder)
    return folder
  }

  /** Stores messages as mail delivery does, outside of any session. Missing dates are now. */
  deliver(name: string, ...mails: readonly Delivery[]): readonly Message[] {
    const { now, nextId } = this.layout
    const internalDate = formatInternalDate(now())
    return this.demand(name).deliver(mails.map((mail) => ({ internalDate, emailId: nextId(), ...mail })))
  }

  /** What has children lives on as \Noselect; deleting that is refused (RFC 3501, section 6.3.4). */
  delete(name: string): void {
    if (isInbox(name)) throw no('[CANNOT] The inbox cannot be deleted')
    const hasChildren = this.#below(name).length > 0
    const folder = this.folder(name)
    if (!folder) throw no(hasChildren ? '[INUSE] Mailbox has inferior names' : '[NONEXISTENT] No such mailbox')
    this.#folders.delete(this.#key(name))
    folder.delete()
  }

  /** Moves the folder and all below it; UIDVALIDITY and UIDs stay. The inbox gives its mail away and remains. */
  rename(from: string, to: string): void {
    const isBelowItself = to.startsWith(from + this.layout.separator)
    if (isBelowItself && !isInbox(from)) throw no('[CANNOT] A mailbox cannot be moved below itself')
    if (this.#exists(to)) throw no('[ALREADYEXISTS] Mailbox exists already')
    if (isInbox(from)) this.#emptyInboxInto(to)
    else this.#move(from, to)
  }

  #move(from: string, to: string): void {
    const moved = [this.folder(from), ...this.#below(from)].filter((folder) => folder !== null)
    if (moved.length === 0) throw no('[NONEXISTENT] No such mailbox')
    for (const folder of moved) this.#folders.delete(this.#key(folder.name))
    for (const folder of moved) {
      folder.name = to + folder.name.slice(from.length)
      this.#folders.set(this.#key(folder.name), folder)
    }
  }

  /** RFC 3501, section 6.3.5. */
  #emptyInboxInto(to: string): void {
    const inbox = this.demand('INBOX')
    this.create(to).deliver(inbox.messages)
    inbox.expunge(inbox.messages)
  }

  #exists(name: string): boolean {
    return this.folder(name) !== null || this.#below(name).length > 0
  }

  #below(name: string): readonly Folder[] {
    const start = this.layout.folderKey(name + this.layout.separator)
    return this.folders.filter((folder) => this.layout.folderKey(folder.name).startsWith(start))
  }

  #key(name: string): string {
    return isInbox(name) ? 'INBOX' : this.layout.folderKey(name)
  }
}

/** RFC 3501, section 5.1: the one name that has no case. */
export const isInbox = (name: string): boolean => name.toUpperCase() === 'INBOX'
