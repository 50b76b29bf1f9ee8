import type { FaultCode } from './fault.ts'
import type { FolderLedger } from './folder-ledger.ts'
import type { Cursor, FolderStatus, Mark, Uid } from './mail.ts'

/**
 * A source mailbox and its target mailbox, whatever batch they are migrated in: what the ledger is kept by,
 * so that removing a batch loses no knowledge of what was copied.
 */
export interface PairKey {
  /** `host:port/user` of the source, host and user in lower case. */
  readonly source: string
  readonly target: string
}

/** Proof that a worker still holds its job. Every write of the ledger carries it. */
export interface Fence {
  readonly jobId: number
  readonly token: number
}

/**
 * What became of one source item.
 * copied: appended by us. adopted: was at the target already. skipped: refused or unreadable, named in the report.
 * excluded: left out by a rule. gone: left the source between listing and reading. failed: to be tried again.
 */
export type Outcome = 'copied' | 'adopted' | 'skipped' | 'excluded' | 'gone' | 'failed'

/** The ledger stores them by their place here: new ones go to the end. */
export const outcomes: readonly Outcome[] = ['copied', 'adopted', 'skipped', 'excluded', 'gone', 'failed']

/** One source item paired with its copy. */
export interface LedgerRecord {
  /** Vanished records of an older numbering of the source stand under keys from 2^32 up. */
  readonly sourceUid: Uid
  /** Null where there is no copy, or its UID is not known. */
  readonly targetUid: Uid | null
  readonly outcome: Outcome
  /** The item has left its source folder. */
  readonly isVanished: boolean
  /** The copy was confirmed once, and its user removed or moved it since. Never sent again. */
  readonly isRemoved: boolean
  /** Length of the literal as streamed; the listed size where it was never streamed. */
  readonly sizeBytes: number
  /** The source's flags as last carried to the target: the baseline of later changes. */
  readonly flags: readonly string[]
  /** Strict identity, 16 bytes (domain/fingerprint.ts); null where the content was never seen. */
  readonly fingerprint: Uint8Array | null
  /** SHA-256 of what was sent, 32 bytes; null where nothing was. */
  readonly sha256: Uint8Array | null
}

/** A record as read back: `isConfirmed` once the folder's confirmation saw its copy. */
export interface KnownRecord extends LedgerRecord {
  readonly isConfirmed: boolean
}

/** Records of one folder to be settled together, with what the report needs to know of the skipped ones. */
export interface LedgerPage {
  readonly folderId: number
  readonly records: readonly (LedgerRecord | KnownRecord)[]
  readonly issues: readonly ItemIssue[]
}

/** Name and identity of a folder on one side, as last seen. */
export interface FolderIdentity {
  readonly name: string
  readonly path: readonly string[]
  readonly uidValidity: number
  readonly uidNext: Uid
  /** MAILBOXID, where the server has one. */
  readonly id: string | null
}

/** The item that was under way when the source connection died, and how often. */
export interface Suspect {
  readonly uid: Uid
  readonly attempts: number
}

/** Categories of the equation: `source` = the sum of all others (at the snapshot of the pass). */
export interface FolderCounts {
  readonly source: number
  readonly copied: number
  readonly adopted: number
  readonly excluded: number
  readonly removed: number
  readonly skipped: number
  readonly failed: number
  readonly gone: number
}

export interface FolderState {
  readonly id: number
  readonly source: FolderIdentity
  readonly target: FolderIdentity
  /** Null until a pass has settled the whole folder once. */
  readonly cursor: Cursor | null
  /** Set before the first append of a pass, cleared by `advance`: where to list the target from after a crash. */
  readonly dirtySince: Mark | null
  /** The target as it was at the last advance; null before. Anything else now means that its user was there. */
  readonly targetSeen: FolderStatus | null
  readonly suspect: Suspect | null
  readonly counts: FolderCounts
  /** Of all items that `counts` tells of, at the last advance; 0 before. */
  readonly sizeBytes: number
  /** Passes that advanced this folder. With those that found it idle, every seventh takes no shortcut. */
  readonly passes: number
  /** Passes that found nothing to do in this folder. */
  readonly idlePasses: number
}

/** What an intent writes: the map of the folder and where the target stood. */
export interface FolderIntent {
  /** The state to change, or null to create one. */
  readonly id: number | null
  readonly source: FolderIdentity
  readonly target: FolderIdentity
  /** Kept as it is where the folder is dirty under the same UIDVALIDITY already: a mark may be old, never too new. */
  readonly dirtySince: Mark
}

export interface Advance {
  readonly cursor: Cursor
  readonly source: FolderIdentity
  readonly target: FolderIdentity
  readonly targetSeen: FolderStatus
  readonly counts: FolderCounts
  readonly sizeBytes: number
}

/** In place of a source UID, which begin at 1: an issue of all mail of a folder. */
export const wholeFolder = 0

/** A skipped or failed item with what an admin needs to find it. Only these keep subject and sender. */
export interface ItemIssue {
  readonly folderPath: readonly string[]
  readonly sourceUid: Uid
  readonly code: FaultCode
  /** The server's words, cleaned. */
  readonly detail: string
  readonly subject: string
  readonly sender: string
  readonly sentAt: string
  readonly messageId: string
  readonly sizeBytes: number
  /** When the source got it, as canonical text (INTERNALDATE); missing where it is not known. */
  readonly receivedAt?: string
  /** Messages that a whole folder stands for; missing means one. */
  readonly messages?: number
}

/** What was learnt of a server. Null: not known yet. */
export interface EndpointTraits {
  /** APPENDUID passed its check once. */
  readonly tellsUids: boolean | null
  /** What is read back is not what was appended: identity is weak there. */
  readonly rewrites: boolean | null
}

/** A vanished record with the folder it stood in: what a new item elsewhere may be the continuation of. */
export interface VanishedRecord extends KnownRecord {
  readonly folderId: number
}

/**
 * The memory of the engine. Each method is one durable write or one read; every write carries the fence and raises
 * `lease.lost` when it is stale, and `store.failed` or `store.full` when it cannot be made. engine rules: README, "How it keeps mail whole".
 */
export interface SyncStore {
  /** All folder states of a pair; an unknown pair has none. */
  folders(pair: PairKey): Promise<readonly FolderState[]>
  /** The newest record of every source UID of the folder; the caller's own, who keeps it up to date. */
  ledger(folderId: number): Promise<FolderLedger>
  /** All vanished records of a pair which still have a fingerprint, some at a time. */
  vanished(pair: PairKey): AsyncIterable<readonly VanishedRecord[]>
  /** Intents of all folders of a mailbox in one write; returns their states in the order given. */
  intend(fence: Fence, pair: PairKey, intents: readonly FolderIntent[]): Promise<readonly FolderState[]>
  /**
   * Appends records of one or several folders in one write (a later record of the same source UID replaces the
   * earlier), unconfirmed but for those that say otherwise; and issues to report.
   */
  settle(fence: Fence, pages: readonly LedgerPage[]): Promise<void>
  /**
   * All is settled and confirmed: cursor up, dirt and suspect cleared, every record of the folder confirmed, and no
   * issue of the folder as a whole stands any longer.
   */
  advance(fence: Fence, folderId: number, advance: Advance): Promise<void>
  /** Counts a pass that found nothing to do in these folders. */
  rest(fence: Fence, folderIds: readonly number[]): Promise<void>
  /**
   * One side was renumbered: replaces identities and the whole ledger of the folder in one write; `records` ascend by
   * source UID and are read more than once. The cursor becomes null when the source's UIDVALIDITY differs from the one
   * kept; dirt becomes `{ target.uidValidity, 1 }`.
   */
  rekey(
    fence: Fence,
    folderId: number,
    source: FolderIdentity,
    target: FolderIdentity,
    records: Iterable<KnownRecord>,
  ): Promise<void>
  /** Forgets a folder's cursor, ledger and dirt: its target is gone and shall be made anew. */
  forget(fence: Fence, folderId: number): Promise<void>
  suspect(fence: Fence, folderId: number, suspect: Suspect | null): Promise<void>
  /** Issues of a pair that still stand (the newest record of the item is skipped or failed). */
  issues(pair: PairKey): Promise<readonly ItemIssue[]>
  /** `endpoint` is `host:port`. */
  traits(endpoint: string): Promise<EndpointTraits>
  learn(endpoint: string, traits: Partial<EndpointTraits>): Promise<void>
}

export const noCounts: FolderCounts = {
  source: 0,
  copied: 0,
  adopted: 0,
  excluded: 0,
  removed: 0,
  skipped: 0,
  failed: 0,
  gone: 0,
}

export function addCounts(a: FolderCounts, b: FolderCounts): FolderCounts {
  return {
    source: a.source + b.source,
    copied: a.copied + b.copied,
    adopted: a.adopted + b.adopted,
    excluded: a.excluded + b.excluded,
    removed: a.removed + b.removed,
    skipped: a.skipped + b.skipped,
    failed: a.failed + b.failed,
    gone: a.gone + b.gone,
  }
}

/** The equation: every source item is in exactly one category. */
export const isBalanced = (c: FolderCounts): boolean =>
  c.source === c.copied + c.adopted + c.excluded + c.removed + c.skipped + c.failed + c.gone
