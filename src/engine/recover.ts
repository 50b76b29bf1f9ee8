import { hasCopy } from '../domain/folder-ledger.ts'
import type { ItemList } from '../domain/item-list.ts'
import type { Uid } from '../domain/mail.ts'
import { adoptionDelta, isNoDelta } from '../domain/plan.ts'
import type { RecordHead } from '../domain/record-state.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { LedgerRecord } from '../domain/sync-state.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { findTwins, type Twin } from './identity.ts'
import { resettle, uidsWhere } from './settling.ts'
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
  let isOurs = false
  for await (const twins of matchListing(pass, work, listing)) {
    await settle(
      pass,
      work,
      twins.map((twin) => adopted(work, twin)),
    )
    for (const twin of twins) takeOver(pass, work, twin)
    isOurs ||= twins.some(({ target }) => target.uid >= work.mark.uidNext)
  }
  if (isOurs) await learnThatTargetKeeps(pass)
}

/** Unconfirmed copies which the target does not show failed: they are sent again. */
async function reclaimLost(pass: Pass, work: FolderWork, listing: ItemList, fromUid: Uid): Promise<void> {
  const isAbsent = (uid: Uid | null): boolean => uid === null || (uid >= fromUid && !listing.has(uid))
  const isLost = (head: RecordHead): boolean => !head.isConfirmed && hasCopy(head) && isAbsent(head.targetUid)
  const lost = await uidsWhere(work.ledger, isLost)
  await resettle(pass, work, lost, asFailed)
  for (const uid of lost) {
    work.wanted.add(uid)
    work.flagChanges.delete(uid)
  }
}

export const asFailed = (record: LedgerRecord): LedgerRecord => ({
  ...record,
  targetUid: null,
  outcome: 'failed',
})

function matchListing(pass: Pass, work: FolderWork, listing: ItemList): AsyncGenerator<readonly Twin[]> {
  return findTwins(
    { reader: pass.source, folder: work.source, items: work.wanted.list() },
    { reader: pass.target, folder: work.target, items: unclaimed(work, listing) },
    pass.learnt.rewrites === true,
  )
}

function unclaimed({ ledger }: FolderWork, listing: ItemList): ItemList {
  const claimed = ledger.claimed()
  return listing.pick((place) => !claimed.has(listing.uidAt(place)))
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
  if (!isNoDelta(delta)) work.flagChanges.add(source.uid)
}

/**
 * Finds the copies whose UID the target did not tell, by listing from the mark; what is not there, in the whole folder:
 * a server may tell a UIDNEXT that is too high, or of its copies UIDs that cannot be.
 */
export async function locate(pass: Pass, work: FolderWork): Promise<void> {
  for (const fromUid of [work.mark.uidNext, 1]) {
    const unplaced = await uidsWhere(work.ledger, (head) => !head.isVanished && isUnplaced(head))
    if (unplaced.length > 0) await locateFrom(pass, work, new SortedUids(unplaced), fromUid)
  }
}

const isUnplaced = (head: RecordHead): boolean => hasCopy(head) && head.targetUid === null

async function locateFrom(pass: Pass, work: FolderWork, unplaced: SortedUids, fromUid: Uid): Promise<void> {
  const listing = unclaimed(work, await pass.target.list(work.target, fromUid))
  const items = work.items.pick((place) => unplaced.has(work.items.uidAt(place)))
  const source = { reader: pass.source, folder: work.source, items }
  const target = { reader: pass.target, folder: work.target, items: listing }
  const { rewrites } = pass.learnt
  const isFound = rewrites !== true && (await place(pass, work, findTwins(source, target, false)))
  // As long as it is not known, what was sent may have been rewritten.
  if (!isFound && rewrites !== false) await place(pass, work, findTwins(source, target, true))
}

/** Writes down where copies stand; tells whether there were any. */
async function place(pass: Pass, work: FolderWork, found: AsyncIterable<readonly Twin[]>): Promise<boolean> {
  let isAny = false
  for await (const twins of found) {
    isAny ||= twins.length > 0
    const records = twins.flatMap(({ source, target }) => {
      const record = work.ledger.get(source.uid)
      return record ? [{ ...record, targetUid: target.uid }] : []
    })
    await settle(pass, work, records)
  }
  return isAny
}
