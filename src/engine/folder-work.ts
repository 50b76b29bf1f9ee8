import type { MailSource, MailTarget } from '../connectors/connector.ts'
import { Fault, isFault } from '../domain/fault.ts'
import type { FolderLedger } from '../domain/folder-ledger.ts'
import type { ItemFilter } from '../domain/item-filter.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { ItemSet } from '../domain/item-set.ts'
import type { Folder, FolderChanges, ItemMeta, Mark } from '../domain/mail.ts'
import type { SortedUids } from '../domain/sorted-uids.ts'
import type { FolderIdentity, FolderState, ItemIssue, KnownRecord, LedgerRecord } from '../domain/sync-state.ts'
import type { ItemLimits } from './item-limits.ts'
import type { PassContext } from './pass.ts'
import type { ReadingOrder } from './reading-order.ts'
import type { Effort, Halt, Learnt, Pairs } from './shared.ts'

/** What a pass has done so far; the numbers of the report. */
export interface Tally {
  copied: number
  adopted: number
  skipped: number
  moved: number
  flagsChanged: number
  bytesCopied: number
}

/** One pass over one user, under way. */
export interface Pass extends PassContext {
  readonly source: MailSource
  readonly target: MailTarget
  readonly tally: Tally
  readonly limits: ItemLimits
  /** Which messages the rules leave out. */
  readonly filter: ItemFilter
  readonly learnt: Learnt
  readonly halt: Halt
  readonly pairs: Pairs
  readonly effort: Effort
  /** Of the source connection of this pair. */
  readonly reading: ReadingOrder
}

/** A folder that this pass has to look into: where it stands, and where its target stood before anything was sent. */
export interface OpenFolder {
  readonly source: Folder
  readonly target: Folder
  readonly state: FolderState
  readonly mark: Mark
  /** An earlier run may have appended what the ledger does not know. */
  readonly wasDirty: boolean
  /** Look at everything: the seventh pass, the final one, or a target whose user was there. */
  readonly isThorough: boolean
  readonly ledger: FolderLedger
}

/** An open folder with what has to be done in it. `wanted` shrinks as items find a copy. */
export interface FolderWork extends OpenFolder {
  readonly changes: FolderChanges
  readonly items: ItemList
  readonly wanted: ItemSet
  /** Items with a copy whose flags are not those that were carried to it. */
  readonly flagChanges: ItemSet
  /** Source UIDs that were found to have left in this pass. */
  readonly leftNow: SortedUids
}

/** Settles records of one folder, in the store first, then in memory. */
export async function settle(
  pass: Pass,
  folder: OpenFolder,
  records: readonly (LedgerRecord | KnownRecord)[],
  issues: readonly ItemIssue[] = [],
): Promise<void> {
  if (records.length === 0) return
  await pass.store.settle(pass.fence, [{ folderId: folder.state.id, records, issues }])
  folder.ledger.put(records)
}

export function identityOf(folder: Folder): FolderIdentity {
  const { name, path, id, status } = folder
  return { name, path, id, uidValidity: status?.uidValidity ?? 0, uidNext: status?.uidNext ?? 1 }
}

export const unconfirmed = ({ path }: Folder, items: number): Fault =>
  new Fault(
    'append.unconfirmed',
    `The target accepted ${items} messages in "${path.join('/')}" and does not show them`,
    { side: 'target' },
  )

export function checkRunning(pass: Pass): void {
  if (pass.signal.aborted || pass.halt.fault) throw new Fault('cancelled', 'The pass was stopped')
}

/** A fault that ends with the folder is returned; anything wider goes on up. */
export function folderFault(error: unknown): Fault {
  if (isFault(error) && (error.scope === 'folder' || error.scope === 'item')) return error
  throw error
}

/** What becomes of a source item that got a copy. */
export function recordOf(item: ItemMeta, details: Pick<LedgerRecord, 'outcome'> & Partial<LedgerRecord>): LedgerRecord {
  // One by one: made for every message, and a spread costs ten times as much.
  return {
    sourceUid: details.sourceUid ?? item.uid,
    targetUid: details.targetUid ?? null,
    outcome: details.outcome,
    isVanished: details.isVanished ?? false,
    isRemoved: details.isRemoved ?? false,
    sizeBytes: details.sizeBytes ?? item.sizeBytes,
    flags: details.flags ?? item.flags,
    fingerprint: details.fingerprint ?? null,
    sha256: details.sha256 ?? null,
  }
}
