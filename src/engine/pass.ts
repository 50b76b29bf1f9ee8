import type { MailSource, MailTarget } from '../connectors/connector.ts'
import { type CopyRules, defaultCopyRules } from '../domain/batch-settings.ts'
import type { Fault } from '../domain/fault.ts'
import type { PassKind } from '../domain/job.ts'
import type { Item, Uid } from '../domain/mail.ts'
import type { EndpointTraits, Fence, FolderCounts, PairKey, SyncStore } from '../domain/sync-state.ts'

/** What the admin decides about a pass. */
export interface PassRules {
  /** What to do when a target folder that was filled by us is gone: hold the user, make it anew, or leave it away. */
  readonly missingTargetFolder: 'hold' | 'recreate' | 'leave'
  /** What moves, and where to. */
  readonly copy: CopyRules
  /** A pair of connections more pays off from so many messages on. */
  readonly itemsPerPairMin: number
  /** And from so many bytes on. */
  readonly bytesPerPairMin: number
  /** A user who would lose more unreadable, refused or missing messages fails at the one that is too many; null: no limit. */
  readonly badItemLimit: number | null
  /** The same for messages that are too large for the target. */
  readonly largeItemLimit: number | null
}

export const defaultRules: PassRules = {
  missingTargetFolder: 'hold',
  copy: defaultCopyRules,
  itemsPerPairMin: 500,
  bytesPerPairMin: 32 * 1024 * 1024,
  badItemLimit: null,
  largeItemLimit: null,
}

/** Which message of the source, in which numbering of its folder. */
export interface MessagePlace {
  readonly folderId: number
  readonly sourceUid: Uid
  readonly uidValidity: number
}

/** Where messages are kept that the target does not take. */
export interface SkippedStore {
  /** Larger ones are not kept. */
  readonly bytesMax: number
  /** Durable when it resolves. Reads the body to its end. */
  readonly save: (place: MessagePlace, item: Item) => Promise<void>
}

export interface PassProgress {
  /** Of the whole source mailbox, as far as known; done is what is settled, in this pass or before. */
  readonly itemsTotal: number
  readonly itemsDone: number
  readonly bytesTotal: number
  readonly bytesDone: number
  readonly folder: readonly string[] | null
}

/** Both ends of one mailbox, each a session of its own. */
export interface MailboxPair {
  readonly source: MailSource
  readonly target: MailTarget
}

/** All that one pass over one user needs. */
export interface PassContext {
  readonly pair: PairKey
  readonly pass: PassKind
  readonly fence: Fence
  readonly source: MailSource
  readonly target: MailTarget
  /** One more pair of connections to the same mailboxes, closed by whoever opened it; null where no more are to be had. */
  readonly openPair: () => Promise<MailboxPair | null>
  /** `host:port` of the target: what is learnt of it is kept under that name. */
  readonly targetEndpoint: string
  readonly store: SyncStore
  readonly rules: PassRules
  /** Missing: what is skipped is not kept. */
  readonly saveSkipped?: SkippedStore | undefined
  /** Synchronous: the lease still holds, by wall clock and monotonic clock. */
  readonly mayCommit: () => boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: PassProgress) => void
  /** Waits, or throws when the signal aborts. */
  readonly sleep: (ms: number) => Promise<void>
}

/** What a pass did in one folder. */
export interface FolderReport {
  readonly sourcePath: readonly string[]
  readonly targetPath: readonly string[]
  /** The equation at the snapshot of the pass. */
  readonly counts: FolderCounts
  /** Why the folder was given up in this pass, or null. */
  readonly fault: Fault | null
}

/** What a pass did. Numbers without "now" are states, the others are of this pass alone. */
export interface PassReport {
  readonly folders: readonly FolderReport[]
  readonly counts: FolderCounts
  readonly copiedNow: number
  readonly adoptedNow: number
  readonly skippedNow: number
  readonly movedNow: number
  readonly flagsChangedNow: number
  readonly bytesCopiedNow: number
  /** The first fault of a folder that trying again may heal, or null when every folder was settled. */
  readonly fault: Fault | null
  /** The first fault of a folder that it cannot heal: its mail counts as skipped. */
  readonly refusal: Fault | null
  /** The final pass found the source changed at its end, three times. */
  readonly isSourceStillChanging: boolean
  readonly traits: EndpointTraits
}

// What a verification finds is shown by views and stored by operations, which do not know the engine.
export type { FolderDifference, ItemDifference, VerifyReport } from '../domain/verification.ts'
