import { Fault } from '../domain/fault.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import { isView } from '../domain/folder-role.ts'
import type { FolderStatus, Uid } from '../domain/mail.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { KnownRecord } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import { carryFlags } from './carry-flags.ts'
import { copyWanted } from './copy.ts'
import { excludeDuplicates } from './duplicates.ts'
import { checkRunning, type FolderWork, identityOf, type Pass, unconfirmed } from './folder-work.ts'
import { nameLostKeywords } from './lost-keywords.ts'
import { asFailed, locate, recover } from './recover.ts'
import { countFolder } from './report.ts'
import { resettle, uidsWhere } from './settling.ts'
import type { Turn } from './turn.ts'
import { excludeSeenElsewhere } from './views.ts'

/** Brings one gathered folder up to date: finds what is there, sends what is not, carries flags, confirms, advances. */
export async function syncFolder(pass: Pass, work: FolderWork, turn: Turn): Promise<void> {
  if (!work.target.isSelectable) return await leave(pass, work)
  // What is found again depends on whether the target rewrites, which the folder before may be learning.
  if (pass.learnt.rewrites === null) await turn.come()
  await recover(pass, work)
  if (isView(work.source)) await excludeSeenElsewhere(pass, work)
  if (pass.rules.copy.duplicates === 'leave') await excludeDuplicates(pass, work)
  await turn.come()
  checkRunning(pass)
  await copyWanted(pass, work, turn)
  turn.end()
  await locate(pass, work)
  await carryFlags(pass, work)
  await advance(pass, work, await confirm(pass, work))
  await nameLostKeywords(pass, work)
}

/** The target folder was removed by its user and shall stay so: every copy in it counts as removed. */
async function leave(pass: Pass, work: FolderWork): Promise<void> {
  await resettle(pass, work, await uidsWhere(work.ledger, hasCopy), asRemoved)
  await advance(pass, work, work.target.status)
}

/**
 * Asks the target how it stands, and which copies it shows. One that was confirmed before was removed by its user since
 * and is never sent again; one that never was confirmed is not there yet, and the cursor stays back until it is.
 */
async function confirm(pass: Pass, work: FolderWork): Promise<FolderStatus> {
  const fromUid = work.isThorough ? 1 : work.mark.uidNext
  const { status, uids } = await pass.target.survey(work.target, fromUid)
  if (status.uidValidity !== work.target.status?.uidValidity)
    throw new Fault('cursor.lost', `The target folder "${work.target.path.join('/')}" was renumbered meanwhile`)
  const here = new SortedUids(uids)
  const isAbsent = (uid: Uid | null): boolean => uid === null || (uid >= fromUid && !here.has(uid))
  const removed: Uid[] = []
  const unseen: Uid[] = []
  await lookAt(work.ledger.heads(), (head) => {
    if (!hasCopy(head) || !isAbsent(head.targetUid)) return
    if (head.isConfirmed) removed.push(head.sourceUid)
    else if (!head.isVanished) unseen.push(head.sourceUid)
  })
  await resettle(pass, work, removed, asRemoved)
  await resettle(pass, work, unseen, asFailed)
  if (unseen.length === 0) return status
  throw unconfirmed(work.target, unseen.length)
}

const asRemoved = (record: KnownRecord): KnownRecord => ({ ...record, targetUid: null, isRemoved: true })

async function advance(pass: Pass, work: FolderWork, targetStatus: FolderStatus | null): Promise<void> {
  const { status } = work.changes
  const { uidValidity, uidNext, highestModseq } = status
  const { print } = pass.filter
  if (!targetStatus) throw new Fault('folder.missing', `The target folder "${work.target.path.join('/')}" is gone`)
  await pass.store.advance(pass.fence, work.state.id, {
    cursor: { uidValidity, uidDone: uidNext - 1, modseq: highestModseq, ...(print && { rules: print }) },
    source: identityOf({ ...work.source, status }),
    target: work.target.isSelectable ? identityOf({ ...work.target, status: targetStatus }) : work.state.target,
    targetSeen: targetStatus,
    counts: countFolder(work),
    sizeBytes: work.ledger.present().bytes,
  })
}
