import type { FolderLedger } from '../domain/folder-ledger.ts'
import type { Uid } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import type { RecordHead } from '../domain/record-state.ts'
import type { KnownRecord, LedgerRecord } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import { type OpenFolder, type Pass, settle } from './folder-work.ts'

type Settled = LedgerRecord | KnownRecord

/** Of many records so many are settled together: packing them takes a few milliseconds. */
const settledAtOnce = 1000

/** Settles any number of records, each of which may stand without the others. */
export async function settleMany(pass: Pass, folder: OpenFolder, records: Iterable<Settled>): Promise<void> {
  for (const part of inParts(records, settledAtOnce)) await settle(pass, folder, part)
}

/** Changes the records of some source UIDs. */
export async function resettle(
  pass: Pass,
  folder: OpenFolder,
  uids: readonly Uid[],
  change: (record: KnownRecord) => Settled,
): Promise<void> {
  await settleMany(pass, folder, changed(folder.ledger, uids, change))
}

function* changed(
  ledger: FolderLedger,
  uids: readonly Uid[],
  change: (record: KnownRecord) => Settled,
): Generator<Settled> {
  for (const uid of uids) {
    const record = ledger.get(uid)
    if (record) yield change(record)
  }
}

/** Source UIDs of the records that fit, ascending. */
export async function uidsWhere(ledger: FolderLedger, fits: (head: RecordHead) => boolean): Promise<readonly Uid[]> {
  const uids: Uid[] = []
  await lookAt(ledger.heads(), (head) => {
    if (fits(head)) uids.push(head.sourceUid)
  })
  return uids
}
