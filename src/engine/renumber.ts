import { keyOf } from '../domain/fingerprint.ts'
import type { ItemMeta, Uid } from '../domain/mail.ts'
import type { FolderIdentity, FolderState, KnownRecord } from '../domain/sync-state.ts'
import { FolderLedger, hasCopy } from './folder-ledger.ts'
import { identityOf, type OpenFolder, type Pass } from './folder-work.ts'
import { findTwins, fingerprints } from './identity.ts'
import { removedAtTarget } from './open-folders.ts'

/** Where records of an older numbering stand: above any UID (32 bits, RFC 9051, section 2.3.1.1). */
const olderKeys = 2 ** 32

/**
 * The source has new UIDs for old mail. Records follow their mail by fingerprint, before anything is looked for at the
 * target: what was copied, skipped or removed by its user stays so. Records without their mail have vanished.
 */
export async function followSourceRenumbering(
  pass: Pass,
  folder: OpenFolder,
  items: readonly ItemMeta[],
): Promise<OpenFolder> {
  const old = [...folder.ledger.all()]
  const heirs = await matchRecords(pass, folder, old, items)
  const unused = old.filter((record) => !heirs.taken.has(record.sourceUid))
  const records = [...heirs.records, ...unused.map(asOlder(Math.max(olderKeys, ...old.map((r) => r.sourceUid + 1))))]
  return await rekey(pass, folder, identityOf(folder.source), folder.state.target, records)
}

const asOlder =
  (firstKey: Uid) =>
  (record: KnownRecord, at: number): KnownRecord => ({ ...record, sourceUid: firstKey + at, isVanished: true })

async function matchRecords(
  pass: Pass,
  { source }: OpenFolder,
  old: readonly KnownRecord[],
  items: readonly ItemMeta[],
): Promise<{ readonly records: readonly KnownRecord[]; readonly taken: ReadonlySet<Uid> }> {
  const sizes = new Set(old.map((record) => record.sizeBytes))
  const candidates = items.filter((item) => sizes.has(item.sizeBytes))
  const seen = await fingerprints({ reader: pass.source, folder: source, items: candidates })
  const heap = new Map<string, KnownRecord[]>()
  for (const record of presentFirst(old)) {
    if (!record.fingerprint) continue
    const key = keyOf(record.fingerprint)
    heap.set(key, [...(heap.get(key) ?? []), record])
  }
  const taken = new Set<Uid>()
  const records = candidates.flatMap((item) => {
    const fingerprint = seen.get(item.uid)
    const record = fingerprint && heap.get(keyOf(fingerprint))?.shift()
    if (!record) return []
    taken.add(record.sourceUid)
    return [{ ...record, sourceUid: item.uid, isVanished: false }]
  })
  return { records, taken }
}

const presentFirst = (records: readonly KnownRecord[]): readonly KnownRecord[] =>
  [...records].sort((a, b) => Number(a.isVanished) - Number(b.isVanished) || a.sourceUid - b.sourceUid)

/**
 * The target has new UIDs for our copies, or is another folder of the same name. Copies are found again by identity.
 * None of many found means that the folder was removed and made anew by its user: the admin decides.
 */
export async function followTargetRenumbering(
  pass: Pass,
  folder: OpenFolder,
  items: readonly ItemMeta[],
): Promise<OpenFolder> {
  const { target, ledger } = folder
  const copies = [...ledger.all()].filter((record) => record.targetUid !== null && hasCopy(record))
  const theirs = await pass.target.list(target)
  const places =
    pass.learnt.rewrites === true
      ? await placesByTwins(pass, folder, copies, items, theirs)
      : await placesByFingerprint(pass, folder, copies, theirs)
  if (places.size === 0 && copies.length > 0) return await decideRemoved(pass, folder)
  const records = [...ledger.all()].map((record) => replace(record, places.get(record.sourceUid) ?? null))
  return await rekey(pass, folder, folder.state.source, identityOf(target), records)
}

type Places = ReadonlyMap<Uid, Uid>

async function placesByFingerprint(
  pass: Pass,
  { target }: OpenFolder,
  copies: readonly KnownRecord[],
  theirs: readonly ItemMeta[],
): Promise<Places> {
  const sizes = new Set(copies.map((record) => record.sizeBytes))
  const items = theirs.filter((item) => sizes.has(item.sizeBytes))
  const heap = new Map<string, Uid[]>()
  for (const [uid, print] of await fingerprints({ reader: pass.target, folder: target, items })) {
    heap.set(keyOf(print), [...(heap.get(keyOf(print)) ?? []), uid])
  }
  const found = presentFirst(copies).flatMap(({ sourceUid, fingerprint }) => {
    const uid = fingerprint ? heap.get(keyOf(fingerprint))?.shift() : undefined
    return uid === undefined ? [] : [[sourceUid, uid] as const]
  })
  return new Map(found)
}

async function placesByTwins(
  pass: Pass,
  { source, target }: OpenFolder,
  copies: readonly KnownRecord[],
  items: readonly ItemMeta[],
  theirs: readonly ItemMeta[],
): Promise<Places> {
  const copied = new Set(copies.map((record) => record.sourceUid))
  const twins = await findTwins(
    { reader: pass.source, folder: source, items: items.filter((item) => copied.has(item.uid)) },
    { reader: pass.target, folder: target, items: theirs },
    true,
  )
  return new Map(twins.map((twin) => [twin.source.uid, twin.target.uid]))
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
  const records = isRecreated ? [] : [...ledger.all()].map((record) => replace({ ...record, isConfirmed: true }, null))
  return await rekey(pass, folder, folder.state.source, identityOf(target), records)
}

async function rekey(
  pass: Pass,
  folder: OpenFolder,
  source: FolderIdentity,
  target: FolderIdentity,
  records: readonly KnownRecord[],
): Promise<OpenFolder> {
  await pass.store.rekey(pass.fence, folder.state.id, source, target, records)
  const isSourceNew = source.uidValidity !== folder.state.source.uidValidity
  const dirtySince = { uidValidity: target.uidValidity, uidNext: 1 }
  const cursor = isSourceNew ? null : folder.state.cursor
  const state: FolderState = { ...folder.state, source, target, cursor, dirtySince }
  return { ...folder, state, mark: dirtySince, wasDirty: true, ledger: new FolderLedger(records) }
}
