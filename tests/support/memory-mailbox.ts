import type {
  AppendItem,
  AppendOptions,
  AppendResult,
  FlagChange,
  MailSource,
  MailTarget,
  NewFolder,
  Survey,
  TargetCapabilities,
} from '../../src/connectors/connector.ts'
import { Fault, isFault } from '../../src/domain/fault.ts'
import { headerOf } from '../../src/domain/fingerprint.ts'
import type { NameRules } from '../../src/domain/folder-map.ts'
import type { ItemList } from '../../src/domain/item-list.ts'
import { itemList } from '../../src/domain/item-list-builder.ts'
import type {
  Cursor,
  Folder,
  FolderChanges,
  FolderStatus,
  Item,
  ItemHeader,
  ItemMeta,
  SpecialUse,
  Uid,
} from '../../src/domain/mail.ts'

export interface StoredItem {
  readonly uid: Uid
  readonly bytes: Uint8Array
  flags: string[]
  readonly receivedAt: string
  modseq: bigint
}

export interface StoredFolder {
  name: string
  uidValidity: number
  uidNext: Uid
  modseq: bigint
  specialUse: SpecialUse | null
  isSubscribed: boolean
  items: StoredItem[]
  /** Expunged UIDs with the modseq of their end. */
  readonly expunged: { uid: Uid; modseq: bigint }[]
}

export interface MailboxTraits {
  readonly hasCondstore: boolean
  readonly hasVanished: boolean
  readonly canMove: boolean
  readonly tellsUids: boolean
  readonly waitsForEachItem: boolean
  readonly itemBytesMax: number | null
  readonly ignoresCase: boolean
  /** Changes what it is given, as some servers do. */
  readonly rewrites: (bytes: Uint8Array) => Uint8Array
  /** A refusal of a whole batch because of one item, or null. */
  readonly refuses: (bytes: Uint8Array) => Fault | null
  /** Keeps the items of a refused batch that stood before the refused one, against RFC 3502. */
  readonly keepsPartOfRefused: boolean
  /** Folders that are listed and cannot be looked into. */
  readonly shuts: (name: string) => boolean
  /** UIDs that are not shown yet. */
  readonly hides: (uid: Uid) => boolean
  /** Drops the connection while this item is read. */
  readonly dropsAt: (bytes: Uint8Array) => boolean
  /** Lists the item and does not give its content: it is just left out of the answer, or the answer is a NO. */
  readonly withholds: (bytes: Uint8Array) => 'silently' | 'with NO' | null
  /** What is listed as the size. */
  readonly sizeTold: (sizeBytes: number) => number
  /** Other flags are passed over in silence. */
  readonly keepsFlag: (flag: string) => boolean
  /** Folders that are listed and not opened. */
  readonly closes: (name: string) => boolean
  /** What is said to folders that are called so. */
  readonly folderRefusal: Fault
  /** What is told as UIDNEXT. */
  readonly uidNextTold: (uidNext: Uid) => Uid
  /** Says yes to a rename and does nothing, or says no. */
  readonly renames: 'well' | 'never' | Fault
}

const plain: MailboxTraits = {
  hasCondstore: true,
  hasVanished: true,
  canMove: true,
  tellsUids: true,
  waitsForEachItem: false,
  itemBytesMax: null,
  ignoresCase: false,
  rewrites: (bytes) => bytes,
  refuses: () => null,
  keepsPartOfRefused: false,
  shuts: () => false,
  hides: () => false,
  dropsAt: () => false,
  withholds: () => null,
  sizeTold: (sizeBytes) => sizeBytes,
  keepsFlag: () => true,
  closes: () => false,
  folderRefusal: new Fault('folder.refused', 'NO Cannot create that'),
  uidNextTold: (uidNext) => uidNext,
  renames: 'well',
}

/** A small honest mailbox in memory that can misbehave on purpose. `tick` is told of every step and may throw. */
export class MemoryMailbox {
  readonly folders = new Map<string, StoredFolder>()
  traits: MailboxTraits
  tick: (step: string) => void | Promise<void> = () => {}
  /** Names of all commands that sessions sent. */
  readonly log: string[] = []
  #uidValidity = 100

  constructor(traits: Partial<MailboxTraits> = {}) {
    this.traits = { ...plain, ...traits }
    this.create('INBOX')
  }

  create(name: string, specialUse: SpecialUse | null = null, isSubscribed = true): StoredFolder {
    this.#uidValidity += 1
    const folder: StoredFolder = {
      name,
      uidValidity: this.#uidValidity,
      uidNext: 1,
      modseq: 1n,
      specialUse,
      isSubscribed,
      items: [],
      expunged: [],
    }
    this.folders.set(name, folder)
    return folder
  }

  folder(name: string): StoredFolder {
    const found = this.folders.get(name)
    if (!found) throw new Fault('folder.missing', `Cannot open the folder "${name}": it is not there`)
    return found
  }

  deliver(
    name: string,
    bytes: Uint8Array | string,
    flags: readonly string[] = [],
    receivedAt = '01-Jan-2026 10:00:00 +0000',
  ): Uid {
    const folder = this.folders.get(name) ?? this.create(name)
    const uid = folder.uidNext
    folder.uidNext += 1
    folder.modseq += 1n
    const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    folder.items.push({ uid, bytes: content, flags: [...flags], receivedAt, modseq: folder.modseq })
    return uid
  }

  setFlags(name: string, uid: Uid, flags: readonly string[]): void {
    const folder = this.folder(name)
    const item = folder.items.find((candidate) => candidate.uid === uid)
    if (!item) return
    folder.modseq += 1n
    item.flags = [...flags]
    item.modseq = folder.modseq
  }

  expunge(name: string, uid: Uid): void {
    const folder = this.folder(name)
    folder.modseq += 1n
    folder.items = folder.items.filter((item) => item.uid !== uid)
    folder.expunged.push({ uid, modseq: folder.modseq })
  }

  /** As a mail program does it: new UID at the other place, same content, flags and date. */
  moveItem(from: string, uid: Uid, to: string): Uid {
    const item = this.folder(from).items.find((candidate) => candidate.uid === uid)
    if (!item) throw new Error(`No item ${uid} in ${from}`)
    const moved = this.deliver(to, item.bytes, item.flags, item.receivedAt)
    this.expunge(from, uid)
    return moved
  }

  rename(from: string, to: string): void {
    for (const folder of [...this.folders.values()]) {
      if (folder.name !== from && !folder.name.startsWith(`${from}/`)) continue
      this.folders.delete(folder.name)
      folder.name = to + folder.name.slice(from.length)
      this.folders.set(folder.name, folder)
    }
  }

  /** New UIDVALIDITY, new UIDs, the same mail: what a restored server does. */
  renumber(name: string, shift = 1000): void {
    const folder = this.folder(name)
    this.#uidValidity += 1
    folder.uidValidity = this.#uidValidity
    folder.items = folder.items.map((item) => ({ ...item, uid: item.uid + shift }))
    folder.uidNext += shift
    folder.expunged.splice(0)
  }

  /** What an outside witness sees: folder, content, date and flags of everything, sorted. */
  contents(): string[] {
    return [...this.folders.values()]
      .flatMap((folder) => folder.items.map((item) => describe(folder.name, item)))
      .sort()
  }

  open(): MemorySession {
    return new MemorySession(this)
  }
}

const describe = (folder: string, { bytes, flags, receivedAt }: StoredItem): string =>
  JSON.stringify([folder, Buffer.from(bytes).toString('latin1'), receivedAt, [...flags].sort()])

/** One signed-in session; serves as source and as target. */
export class MemorySession implements MailSource, MailTarget {
  readonly #mailbox: MemoryMailbox
  #isDead = false
  /** Resolves when all that was asked for has been said: one answer comes behind the other. */
  #said: Promise<void> = Promise.resolve()

  constructor(mailbox: MemoryMailbox) {
    this.#mailbox = mailbox
  }

  get capabilities(): TargetCapabilities {
    const { canMove, itemBytesMax, tellsUids, waitsForEachItem } = this.#mailbox.traits
    return { canMove, itemBytesMax, tellsUids, waitsForEachItem }
  }

  rest(): boolean {
    return !this.#isDead
  }

  async nameRules(): Promise<NameRules> {
    return { delimiter: '/', ignoresCase: this.#mailbox.traits.ignoresCase }
  }

  destroy(): void {
    this.#isDead = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDead = true
  }

  async #step(command: string): Promise<void> {
    if (this.#isDead) throw new Fault('connect.dropped', 'The connection is closed')
    this.#mailbox.log.push(command)
    await this.#mailbox.tick(command)
  }

  #drop(): never {
    this.#isDead = true
    throw new Fault('connect.dropped', 'The connection was cut')
  }

  #shown(folder: Folder): StoredItem[] {
    return this.#mailbox.folder(folder.name).items.filter((item) => !this.#mailbox.traits.hides(item.uid))
  }

  #listed(item: StoredItem): ItemMeta {
    return { ...metaOf(item), sizeBytes: this.#mailbox.traits.sizeTold(item.bytes.length) }
  }

  #folderOf(stored: StoredFolder): Folder {
    const { name, specialUse, isSubscribed } = stored
    const path = name.split('/')
    const status = this.#mailbox.traits.shuts(name) ? null : this.#statusOf(stored)
    return { name, path, specialUse, isSubscribed, isSelectable: true, id: null, status }
  }

  #statusOf({ items, uidNext, uidValidity, modseq }: StoredFolder): FolderStatus {
    const { hasCondstore, uidNextTold } = this.#mailbox.traits
    const highestModseq = hasCondstore ? modseq : null
    return { messages: items.length, uidNext: uidNextTold(uidNext), uidValidity, highestModseq }
  }

  async listFolders(): Promise<readonly Folder[]> {
    await this.#step('LIST')
    return [...this.#mailbox.folders.values()].map((stored) => this.#folderOf(stored))
  }

  async status(folder: Folder): Promise<FolderStatus> {
    await this.#step('STATUS')
    return this.#statusOf(this.#mailbox.folder(folder.name))
  }

  async list(folder: Folder, fromUid = 1): Promise<ItemList> {
    await this.#step('UID FETCH')
    return itemList(this.#shown(folder).map((item) => this.#listed(item))).from(fromUid)
  }

  async uids(folder: Folder, fromUid = 1): Promise<readonly Uid[]> {
    await this.#step('UID SEARCH')
    return this.#shown(folder)
      .map((item) => item.uid)
      .filter((uid) => uid >= fromUid)
  }

  async survey(folder: Folder, fromUid: Uid): Promise<Survey> {
    const uids = await this.uids(folder, fromUid)
    return { status: this.#statusOf(this.#mailbox.folder(folder.name)), uids }
  }

  async *headers(folder: Folder, uids: readonly Uid[]): AsyncGenerator<ItemHeader> {
    await this.#step('UID FETCH HEADER')
    const wanted = new Set(uids)
    for (const item of this.#shown(folder).filter(({ uid }) => wanted.has(uid))) {
      yield { uid: item.uid, sizeBytes: item.bytes.length, header: headerOf(item.bytes) }
    }
  }

  async *fetch(folder: Folder, uids: readonly Uid[]): AsyncGenerator<Item> {
    const before = this.#said
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#said = promise
    try {
      await before
      yield* this.#fetch(folder, uids)
    } finally {
      resolve()
    }
  }

  async *#fetch(folder: Folder, uids: readonly Uid[]): AsyncGenerator<Item> {
    await this.#step('UID FETCH BODY')
    const wanted = new Set(uids)
    const { withholds } = this.#mailbox.traits
    let isRefused = false
    for (const item of this.#shown(folder).filter(({ uid }) => wanted.has(uid))) {
      await this.#step('literal')
      if (!this.#mailbox.folder(folder.name).items.includes(item)) continue
      const how = withholds(item.bytes)
      isRefused ||= how === 'with NO'
      if (how === null) yield { ...metaOf(item), body: this.#chunks(item) }
    }
    if (isRefused) throw new Fault('server.unavailable', 'NO Some messages could not be fetched', { scope: 'folder' })
  }

  async *#chunks({ bytes }: StoredItem): AsyncGenerator<Uint8Array> {
    const half = Math.ceil(bytes.length / 2)
    yield bytes.subarray(0, half)
    if (this.#mailbox.traits.dropsAt(bytes)) this.#drop()
    if (half < bytes.length) yield bytes.subarray(half)
  }

  async changes(folder: Folder, cursor: Cursor | null): Promise<FolderChanges> {
    await this.#step('EXAMINE')
    const stored = this.#mailbox.folder(folder.name)
    const status = this.#statusOf(stored)
    if (this.#mailbox.traits.closes(folder.name)) throw new Fault('folder.unreadable', `NO Not "${folder.name}"`)
    if (cursor && cursor.uidValidity !== status.uidValidity)
      throw new Fault('cursor.lost', `Renumbered: ${folder.name}`)
    const { hasVanished } = this.#mailbox.traits
    const items = itemList(stored.items.map((item) => this.#listed(item)))
    if (
      cursor?.modseq == null ||
      status.highestModseq === null ||
      !hasVanished ||
      status.highestModseq < cursor.modseq
    ) {
      return { status, isComplete: true, items, vanished: [] }
    }
    const { modseq, uidDone } = cursor
    const isNews = (item: StoredItem): boolean => item.uid > uidDone || item.modseq > modseq
    return {
      status,
      isComplete: false,
      items: itemList(stored.items.filter(isNews).map((item) => this.#listed(item))),
      vanished: stored.expunged
        .filter((entry) => entry.modseq > modseq)
        .map(({ uid }) => [uid, uid] as const)
        .sort((a, b) => a[0] - b[0]),
    }
  }

  async quota(): Promise<null> {
    return null
  }

  async ensureFolders(folders: readonly NewFolder[]): Promise<readonly (Folder | Fault)[]> {
    await this.#step('CREATE')
    return folders.map(({ path, isSubscribed }) => {
      const name = path.join('/')
      const there = this.#mailbox.folders.get(name)
      if (!there && name.includes('refused')) return this.#mailbox.traits.folderRefusal
      const made = there ?? this.#mailbox.create(name, null, false)
      made.isSubscribed ||= isSubscribed
      return this.#folderOf(made)
    })
  }

  async renameFolder(folder: Folder, path: readonly string[]): Promise<Folder> {
    await this.#step('RENAME')
    const { renames } = this.#mailbox.traits
    if (isFault(renames)) throw renames
    if (renames === 'never') return this.#folderOf(this.#mailbox.folder(folder.name))
    this.#mailbox.rename(folder.name, path.join('/'))
    return this.#folderOf(this.#mailbox.folder(path.join('/')))
  }

  async *append(
    folder: Folder,
    items: AsyncIterable<AppendItem>,
    options: AppendOptions,
  ): AsyncGenerator<readonly AppendResult[]> {
    let batch: { item: AppendItem; bytes: Uint8Array }[] = []
    try {
      for await (const item of items) {
        batch.push({ item, bytes: await readAll(item) })
        if (batch.length < options.batchItemsMax && batch.length < 5) continue
        yield await this.#commit(folder, batch, options)
        batch = []
      }
      if (batch.length > 0) yield await this.#commit(folder, batch, options)
    } catch (error) {
      if (isFault(error) && (error.scope === 'folder' || error.scope === 'item')) throw error
      this.#isDead = true
      throw error
    }
  }

  async #commit(
    folder: Folder,
    batch: readonly { item: AppendItem; bytes: Uint8Array }[],
    { mayCommit }: AppendOptions,
  ): Promise<readonly AppendResult[]> {
    await this.#step('APPEND')
    if (!mayCommit()) {
      this.#isDead = true
      throw new Fault('lease.lost', 'The lease ended before the last line of the batch')
    }
    const { refuses, keepsPartOfRefused, rewrites, tellsUids, keepsFlag } = this.#mailbox.traits
    const bad = batch.findIndex(({ bytes }) => refuses(bytes) !== null)
    const fault = bad === -1 ? null : refuses(batch[bad]?.bytes ?? new Uint8Array())
    const kept = bad === -1 ? batch : keepsPartOfRefused ? batch.slice(0, bad) : []
    const uids = kept.map(({ item, bytes }) =>
      this.#mailbox.deliver(folder.name, rewrites(bytes), item.flags.filter(keepsFlag), item.receivedAt ?? undefined),
    )
    await this.#step('APPEND done')
    if (fault && fault.scope !== 'item') throw fault
    return batch.map(({ item }, at) =>
      fault
        ? { sourceUid: item.uid, outcome: 'refused', fault, batchItems: batch.length }
        : { sourceUid: item.uid, outcome: 'appended', uid: tellsUids ? (uids[at] ?? null) : null },
    )
  }

  async changeFlags(folder: Folder, changes: readonly FlagChange[]): Promise<void> {
    await this.#step('UID STORE')
    for (const { uids, add, remove } of changes) {
      for (const item of this.#shown(folder).filter(({ uid }) => uids.includes(uid))) {
        const kept = item.flags.filter((flag) => !remove.includes(flag))
        const added = add.filter(this.#mailbox.traits.keepsFlag)
        this.#mailbox.setFlags(folder.name, item.uid, [...new Set([...kept, ...added])])
      }
    }
    await this.#step('UID STORE done')
  }

  async keptFlags(_: Folder, flags: readonly string[]): Promise<readonly string[]> {
    await this.#step('SELECT')
    return flags.filter(this.#mailbox.traits.keepsFlag)
  }

  async move(folder: Folder, uids: readonly Uid[], to: Folder): Promise<ReadonlyMap<Uid, Uid | null>> {
    await this.#step('UID MOVE')
    const moved = new Map(uids.map((uid) => [uid, this.#mailbox.moveItem(folder.name, uid, to.name)]))
    await this.#step('UID MOVE done')
    return moved
  }
}

const metaOf = ({ uid, bytes, flags, receivedAt }: StoredItem): ItemMeta => ({
  uid,
  sizeBytes: bytes.length,
  flags: [...flags],
  receivedAt,
})

async function readAll(item: AppendItem): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of item.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
