import type { ItemMeta, Uid } from '../domain/mail.ts'
import { adoptionDelta, isNoDelta } from '../domain/plan.ts'
import type { KnownRecord, LedgerRecord } from '../domain/sync-state.ts'
import { hasCopy } from './folder-ledger.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { findTwins, type Twin } from './identity.ts'
import { learnThatTargetKeeps } from './traits.ts'

/**
 * Finds at the target what need not be sent: copies of an earlier run that died before it could write them down, and
 * mail that was there before the first pass. A copy that was never confirmed and is not there is wanted again.
 */
export async function recover(pass: Pass, work: FolderWork): Promise<void> {
  const isFirst = work.state.cursor === null
  if (!work.wasDirty && !(isFirst && work.target.status?.messages)) return
  const listing = await pass.target.list(work.target, isFirst ? 1 : work.mark.uidNext)
  await reclaimLost(pass, work, listing, isFirst ? 1 : work.mark.uidNext)
  const twins = await matchListing(pass, work, listing)
  await settle(
    pass,
    work,
    twins.map((twin) => adopted(work, twin)),
  )
  for (const twin of twins) takeOver(pass, work, twin)
  if (twins.some(({ target }) => target.uid >= work.mark.uidNext)) await learnThatTargetKeeps(pass)
}

/** Unconfirmed copies which the target does not show failed: they are sent again. */
async function reclaimLost(pass: Pass, work: FolderWork, listing: readonly ItemMeta[], fromUid: Uid): Promise<void> {
  const here = new Set(listing.map((item) => item.uid))
  const isLost = (record: KnownRecord): boolean =>
    !record.isConfirmed && hasCopy(record) && (record.targetUid === null || isAbsent(record.targetUid, fromUid, here))
  const lost = [...work.ledger.all()].filter(isLost)
  await settle(pass, work, lost.map(asFailed))
  for (const record of lost) {
    const item = work.items.get(record.sourceUid)
    if (item) work.wanted.set(item.uid, item)
    work.flagChanges.delete(record.sourceUid)
  }
}

const isAbsent = (uid: Uid, fromUid: Uid, here: ReadonlySet<Uid>): boolean => uid >= fromUid && !here.has(uid)

export const asFailed = (record: LedgerRecord): LedgerRecord => ({
  ...record,
  targetUid: null,
  outcome: 'failed',
})

async function matchListing(pass: Pass, work: FolderWork, listing: readonly ItemMeta[]): Promise<readonly Twin[]> {
  const claimed = work.ledger.claimed()
  return await findTwins(
    { reader: pass.source, folder: work.source, items: [...work.wanted.values()] },
    { reader: pass.target, folder: work.target, items: listing.filter((item) => !claimed.has(item.uid)) },
    pass.learnt.rewrites === true,
  )
}

/**
 * At or above the mark stands what we sent ourselves; below it, what was there before. The baseline holds only the
 * flags that the copy has already: those it still lacks are carried later, after a crash too.
 */
function adopted(work: FolderWork, { source, target, fingerprint }: Twin): LedgerRecord {
  const outcome = target.uid >= work.mark.uidNext ? 'copied' : 'adopted'
  const { add } = adoptionDelta(source.flags, target.flags)
  const flags = source.flags.filter((flag) => !add.includes(flag))
  return recordOf(source, { outcome, targetUid: target.uid, sizeBytes: target.sizeBytes, fingerprint, flags })
}

function takeOver(pass: Pass, work: FolderWork, { source, target }: Twin): void {
  work.wanted.delete(source.uid)
  pass.tally[target.uid >= work.mark.uidNext ? 'copied' : 'adopted'] += 1
  const delta = adoptionDelta(source.flags, target.flags)
  if (!isNoDelta(delta)) work.flagChanges.set(source.uid, delta)
}

/**
 * Finds the copies whose UID the target did not tell, by listing from the mark; what is not there, in the whole folder:
 * a server may tell a UIDNEXT that is too high, or of its copies UIDs that cannot be.
 */
export async function locate(pass: Pass, work: FolderWork): Promise<void> {
  for (const fromUid of [work.mark.uidNext, 1]) {
    const unplaced = work.ledger.present().filter((record) => hasCopy(record) && record.targetUid === null)
    if (unplaced.length > 0) await locateFrom(pass, work, unplaced, fromUid)
  }
}

async function locateFrom(pass: Pass, work: FolderWork, unplaced: readonly KnownRecord[], fromUid: Uid): Promise<void> {
  const claimed = work.ledger.claimed()
  const listing = (await pass.target.list(work.target, fromUid)).filter((item) => !claimed.has(item.uid))
  const items = unplaced.flatMap((record) => work.items.get(record.sourceUid) ?? [])
  const source = { reader: pass.source, folder: work.source, items }
  const target = { reader: pass.target, folder: work.target, items: listing }
  const strict = pass.learnt.rewrites === true ? [] : await findTwins(source, target, false)
  // As long as it is not known, what was sent may have been rewritten.
  const twins = strict.length > 0 || pass.learnt.rewrites === false ? strict : await findTwins(source, target, true)
  const records = new Map(unplaced.map((record) => [record.sourceUid, record]))
  const found = twins.flatMap(({ source, target }) => {
    const record = records.get(source.uid)
    return record ? [{ ...record, targetUid: target.uid }] : []
  })
  await settle(pass, work, found)
}
