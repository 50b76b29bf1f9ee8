import type { ItemList } from './item-list.ts'

/** What a message is called inside its folder: the UID of RFC 9051, section 2.3.1.1. */
export type Uid = number

/** RFC 6154, section 2, and \Important of RFC 8457; without the backslash, in lower case. */
export type SpecialUse = 'all' | 'archive' | 'drafts' | 'flagged' | 'important' | 'junk' | 'sent' | 'trash'

/** What LIST-STATUS or SELECT tells of a folder. */
export interface FolderStatus {
  readonly messages: number
  readonly uidNext: Uid
  readonly uidValidity: number
  /** RFC 7162, section 3.1.2.1: null where the server keeps none (no CONDSTORE, or NOMODSEQ). */
  readonly highestModseq: bigint | null
}

/** One place in a mailbox (what IMAP calls a mailbox). */
export interface Folder {
  /** The server's own name, as it stands on its wire; opaque above the connector. */
  readonly name: string
  /** Unicode names from the root of the personal namespace down; the inbox is ['INBOX']. */
  readonly path: readonly string[]
  readonly specialUse: SpecialUse | null
  /** False for \Noselect and \NonExistent: holds folders, no mail. */
  readonly isSelectable: boolean
  readonly isSubscribed: boolean
  /** MAILBOXID of RFC 8474, which survives a rename. */
  readonly id: string | null
  /** Null where the folder is not selectable, or the server would not tell: opening it shows why. */
  readonly status: FolderStatus | null
}

/** What a listing tells of a message without its content. */
export interface ItemMeta {
  readonly uid: Uid
  /** RFC822.SIZE: a hint, until the content was streamed. */
  readonly sizeBytes: number
  /** System flags with their backslash and keywords, without \Recent. */
  readonly flags: readonly string[]
  /** INTERNALDATE as canonical text, `17-Jul-1996 02:44:25 -0700`; null where the server's text does not parse. */
  readonly receivedAt: string | null
}

/** The content of a message, to be read once. */
export interface ItemBody extends AsyncIterable<Uint8Array> {
  /** All of it, where it is here in one piece already; then nothing is left to be read. */
  take?(): Uint8Array | null
}

/** A message on its way: the content can be read once, and must be read to its end or the connection is given up. */
export interface Item extends ItemMeta {
  /** Exactly `sizeBytes` bytes, here the true length of the literal. */
  readonly body: ItemBody
}

/** The exact header bytes of a message, up to and with the empty line. */
export interface ItemHeader {
  readonly uid: Uid
  readonly sizeBytes: number
  readonly header: Uint8Array
}

/** A place in a source folder's change feed: all up to `uidDone` is settled, as of `modseq`. */
export interface Cursor {
  readonly uidValidity: number
  readonly uidDone: Uid
  readonly modseq: bigint | null
  /** By which rules messages were left out until then (`ItemFilter.print`); missing: everything moved. */
  readonly rules?: string
}

/** A high-water place in a target folder. */
export interface Mark {
  readonly uidValidity: number
  readonly uidNext: Uid
}

/** What changed in a source folder since a cursor, or all that is in it. */
export interface FolderChanges {
  /** The folder as EXAMINE showed it before the listing; the next cursor is made from it. */
  readonly status: FolderStatus
  /** True: `items` is everything in the folder, and what is not in it has vanished. */
  readonly isComplete: boolean
  /** New items, and known ones whose flags changed. */
  readonly items: ItemList
  /** UID ranges [first, last] that vanished; empty where `isComplete`. */
  readonly vanished: readonly UidRange[]
}

/** First and last UID, both included. */
export type UidRange = readonly [Uid, Uid]

export interface Quota {
  readonly usedBytes: number
  readonly limitBytes: number
}
