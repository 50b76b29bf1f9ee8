import { FolderLedger, hasCopy } from '../domain/folder-ledger.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { Uid } from '../domain/mail.ts'
import { PrintGroups } from '../domain/print-groups.ts'
import type { RecordHead } from '../domain/record-state.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { FolderIdentity, FolderState, KnownRecord } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import { identityOf, type OpenFolder, type Pass } from './folder-work.ts'
import { findTwins } from './identity.ts'
import { removedAtTarget } from './open-folders.ts'
import { readPrints, type Shelf } from './prints.ts'
import { uidsWhere } from './settling.ts'

/** Where records of an older numbering stand: above any UID (32 bits, RFC 9051, section 2.3.1.1). */
const olderKeys = 2 ** 32

/**
 * The source has new UIDs for old mail. Records follow their mail by fingerprint, before anything is looked for at the
 * target: what was copied, skipped or removed by its user stays so. Records without their mail have vanished.
 */
export async function followSourceRenumbering(pass: Pass, folder: OpenFolder, items: ItemList): Promise<OpenFolder> {
  const { ledger, source } = folder
  const shelf = { reader: pass.source, folder: source, items: await sized(items, ledger, () => true) }
  const { heirs, unused } = await inherit(ledger, shelf)
  let key = olderKeys
  await lookAt(unused, (uid) => {
    key = Math.max(key, uid + 1)
  })
  await lookAt(unused, (uid) => {
    const record = ledger.get(uid)
    if (record) heirs.put([{ ...record, sourceUid: key, isVanished: true }])
    key += 1
  })
  return await rekey(pass, folder, identityOf(source), folder.state.target, heirs)
}

/** Items that have the length of a record: only these can be its mail. */
async function sized(items: ItemList, ledger: FolderLedger, counts: (head: RecordHead) => boolean): Promise<ItemList> {
  const sizes = new Set<number>()
  await lookAt(ledger.heads(), (head) => {
    if (counts(head)) sizes.add(head.sizeBytes)
  })
  return items.pick((place) => sizes.has(items.sizeAt(place)))
}

/** Records under the new UIDs of their mail, and the old UIDs of those whose mail is not there. */
async function inherit(
  ledger: FolderLedger,
  shelf: Shelf,
): Promise<{ readonly heirs: FolderLedger; readonly unused: Iterable<Uid> }> {
  const prints = await readPrints(shelf)
  const groups = new PrintGroups()
  await eachPresentFirst(ledger, ({ sourceUid, fingerprint }) => {
    if (fingerprint) groups.put(fingerprint, sourceUid)
  })
  const heirs = new FolderLedger()
  const unused = new Set<Uid>()
  await lookAt(ledger.heads(), ({ sourceUid }) => unused.add(sourceUid))
  await lookAt(shelf.items.uids(), (uid) => {
    const print = prints.of(uid)
    const old = print ? groups.take(print) : null
    const record = old === null ? undefined : ledger.get(old)
    if (!record) return
    unused.delete(record.sourceUid)
    heirs.put([{ ...record, sourceUid: uid, isVanished: false }])
  })
  return { heirs, unused }
}

async function eachPresentFirst(ledger: FolderLedger, look: (record: KnownRecord) => void): Promise<void> {
  for (const isVanished of [false, true]) {
    await lookAt(ledger, (record) => {
      if (record.isVanished === isVanished) look(record)
    })
  }
}

/**
 * The target has new UIDs for our copies, or is another folder of the same name. Copies are found again by identity.
 * None of many found means that the folder was removed and made anew by its user: the admin decides.
 */
export async function followTargetRenumbering(pass: Pass, folder: OpenFolder, items: ItemList): Promise<OpenFolder> {
  const { target, ledger } = folder
  const theirs = await pass.target.list(target)
  const places = await (pass.learnt.rewrites === true
    ? placesByTwins(pass, folder, items, theirs)
    : placesByFingerprint(pass, folder, theirs))
  if (places.size === 0 && (await uidsWhere(ledger, isPlaced)).length > 0) return await decideRemoved(pass, folder)
  const records = await mapped(ledger, (record) => replace(record, places.get(record.sourceUid) ?? null))
  return await rekey(pass, folder, folder.state.source, identityOf(target), records)
}

const isPlaced = (head: RecordHead): boolean => head.targetUid !== null && hasCopy(head)

async function mapped(ledger: FolderLedger, change: (record: KnownRecord) => KnownRecord): Promise<FolderLedger> {
  const records = new FolderLedger()
  records.reserve(ledger.size)
  await lookAt(ledger, (record) => records.put([change(record)]))
  return records
}

/** UIDs of copies by those of their source items. */
type Places = ReadonlyMap<Uid, Uid>

async function placesByFingerprint(pass: Pass, { target, ledger }: OpenFolder, theirs: ItemList): Promise<Places> {
  const shelf = { reader: pass.target, folder: target, items: await sized(theirs, ledger, isPlaced) }
  const prints = await readPrints(shelf)
  const groups = new PrintGroups()
  await lookAt(shelf.items.uids(), (uid) => {
    const print = prints.of(uid)
    if (print) groups.put(print, uid)
  })
  const places = new Map<Uid, Uid>()
  await eachPresentFirst(ledger, (record) => {
    const uid = record.fingerprint && isPlaced(record) ? groups.take(record.fingerprint) : null
    if (uid !== null) places.set(record.sourceUid, uid)
  })
  return places
}

async function placesByTwins(
  pass: Pass,
  { source, target, ledger }: OpenFolder,
  items: ItemList,
  theirs: ItemList,
): Promise<Places> {
  const copied = new SortedUids(await uidsWhere(ledger, (head) => head.sourceUid < olderKeys && isPlaced(head)))
  const twins = findTwins(
    { reader: pass.source, folder: source, items: items.pick((place) => copied.has(items.uidAt(place))) },
    { reader: pass.target, folder: target, items: theirs },
    true,
  )
  const places = new Map<Uid, Uid>()
  for await (const part of twins) for (const twin of part) places.set(twin.source.uid, twin.target.uid)
  return places
}

/** Confirmed once and not found again: its user removed it. Never confirmed: it has to be sent again. */
function replace(record: KnownRecord, targetUid: Uid | null): KnownRecord {
  if (targetUid !== null) return { ...record, targetUid, isConfirmed: true }
  if (record.targetUid === null) return record
  if (record.isConfirmed) return { ...record, targetUid: null, isRemoved: true }
  return { ...record, targetUid: null, outcome: 'failed' }
}

async function decideRemoved(pass: Pass, folder: OpenFolder): Promise<OpenFolder> {
  const { target, ledger } = folder
  if (pass.rules.missingTargetFolder === 'hold') throw removedAtTarget(target.path)
  const isRecreated = pass.rules.missingTargetFolder === 'recreate'
  const records = isRecreated
    ? new FolderLedger()
    : await mapped(ledger, (record) => replace({ ...record, isConfirmed: true }, null))
  return await rekey(pass, folder, folder.state.source, identityOf(target), records)
}

async function rekey(
  pass: Pass,
  folder: OpenFolder,
  source: FolderIdentity,
  target: FolderIdentity,
  ledger: FolderLedger,
): Promise<OpenFolder> {
  await pass.store.rekey(pass.fence, folder.state.id, source, target, ledger)
  const isSourceNew = source.uidValidity !== folder.state.source.uidValidity
  const dirtySince = { uidValidity: target.uidValidity, uidNext: 1 }
  const cursor = isSourceNew ? null : folder.state.cursor
  const state: FolderState = { ...folder.state, source, target, cursor, dirtySince }
  return { ...folder, state, mark: dirtySince, wasDirty: true, ledger }
}
