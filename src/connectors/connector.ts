import type { Access, ProbeReport, ServerAddress } from '../domain/endpoint.ts'
import type { Fault, Side } from '../domain/fault.ts'
import type { NameRules } from '../domain/folder-map.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { Cursor, Folder, FolderChanges, FolderStatus, Item, ItemHeader, Mark, Quota, Uid } from '../domain/mail.ts'

export interface Survey {
  readonly status: FolderStatus
  /** UIDs from the one asked for up, ascending. */
  readonly uids: readonly Uid[]
}

/**
 * What both ends of a migration can be asked without changing anything.
 * Every method may throw a Fault; a fault of scope `mailbox` or wider leaves the session unusable.
 */
export interface MailReader extends AsyncDisposable {
  /** All folders of the personal namespace, with status, in as few round trips as the server allows. */
  listFolders(): Promise<readonly Folder[]>
  status(folder: Folder): Promise<FolderStatus>
  /** Items with a UID from `fromUid` up; never one below it. */
  list(folder: Folder, fromUid?: Uid): Promise<ItemList>
  /** UIDs that are in the folder now, ascending. */
  uids(folder: Folder, fromUid?: Uid): Promise<readonly Uid[]>
  /** What `status` and `uids` tell, as of one moment and in one round trip. */
  survey(folder: Folder, fromUid: Uid): Promise<Survey>
  /** The headers of those items that are still there, in any order. */
  headers(folder: Folder, uids: readonly Uid[]): AsyncIterable<ItemHeader>
  /** The items that are still there, ascending, in one answer: keep `uids` to a page. Never sets \Seen. */
  fetch(folder: Folder, uids: readonly Uid[]): AsyncIterable<Item>
  /**
   * Ends a pass: forgets what was learnt of folders, and leaves the one that is open. False when something is still under
   * way, or the connection has failed: then the session is of no use for another pass.
   */
  rest(): boolean
  /** Cuts the connection at once: whatever was not committed must not land. */
  destroy(): void
}

/** Only reads: EXAMINE and BODY.PEEK, nothing else ever reaches a source. */
export interface MailSource extends MailReader {
  /** Changes since `cursor`; null asks for all. Throws `cursor.lost` when the folder was renumbered. */
  changes(folder: Folder, cursor: Cursor | null): Promise<FolderChanges>
}

export interface TargetCapabilities {
  /** Copies can be moved between folders without touching anything else (RFC 6851). */
  readonly canMove: boolean
  /** Largest item that the target says it accepts (RFC 7889), or null. */
  readonly itemBytesMax: number | null
  /** The target tells the UIDs of what it appended (RFC 4315). */
  readonly tellsUids: boolean
  /** Each item waits for an answer of its own: its content may not be sent without leave (RFC 7888). */
  readonly waitsForEachItem: boolean
}

/** A copy to make. `uid` is the one at the source; the target gives its own. */
export type AppendItem = Item

/**
 * What became of one item of an append, in the order of the items.
 * `uid` is null where the target did not tell it, or told one that cannot be believed: list from the mark.
 * A refusal names how many items went together: only a fault of a batch of one is that item's own.
 */
export type AppendResult =
  | { readonly sourceUid: Uid; readonly outcome: 'appended'; readonly uid: Uid | null }
  | { readonly sourceUid: Uid; readonly outcome: 'refused'; readonly fault: Fault; readonly batchItems: number }

export interface AppendOptions {
  /** Where the folder stood before the first append of the pass: no UID below it is believed. */
  readonly mark: Mark
  /** At most so many items in one batch. */
  readonly batchItemsMax: number
  /** Asked synchronously before the last CRLF of every batch; false destroys the connection (`lease.lost`). */
  readonly mayCommit: () => boolean
}

export interface NewFolder {
  readonly path: readonly string[]
  readonly isSubscribed: boolean
}

export interface MailTarget extends MailReader {
  /** Asks nothing more once the folders were listed. */
  nameRules(): Promise<NameRules>
  readonly capabilities: TargetCapabilities
  quota(): Promise<Quota | null>
  /** Makes what is missing, parents included, in one flight; yields each as it then is, or the fault that refused it. */
  ensureFolders(folders: readonly NewFolder[]): Promise<readonly (Folder | Fault)[]>
  renameFolder(folder: Folder, path: readonly string[]): Promise<Folder>
  /** Pipelined: takes items while earlier answers are still under way; one result an item, in order, as they come. */
  append(
    folder: Folder,
    items: AsyncIterable<AppendItem>,
    options: AppendOptions,
  ): AsyncIterable<readonly AppendResult[]>
  /** Adds and removes flags, never replaces them; UIDs that are gone are passed over. Unkeepable keywords are dropped. */
  changeFlags(folder: Folder, changes: readonly FlagChange[]): Promise<void>
  /** Those of the flags that the folder can keep. */
  keptFlags(folder: Folder, flags: readonly string[]): Promise<readonly string[]>
  /** Moves copies to another folder; tells the new UID of each one moved, null where the target does not say it. */
  move(folder: Folder, uids: readonly Uid[], to: Folder): Promise<ReadonlyMap<Uid, Uid | null>>
}

export interface FlagChange {
  readonly uids: readonly Uid[]
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** One protocol: how to prove a server, and how to open a mailbox on either side. */
export interface Connector {
  /**
   * Connects as far as one can without a password; the next session that is opened there goes on from it, unless the
   * signal was aborted or too much time has passed. Throws the fault that would keep everybody from signing in.
   */
  reach(server: ServerAddress, side: Side, signal: AbortSignal): Promise<void>
  probe(access: Access, signal: AbortSignal): Promise<ProbeReport>
  openSource(access: Access, signal: AbortSignal): Promise<MailSource>
  openTarget(access: Access, signal: AbortSignal): Promise<MailTarget>
}
