import { Fault } from '../domain/fault.ts'
import { isView } from '../domain/folder-role.ts'
import type { KnownRecord } from '../domain/sync-state.ts'
import { carryFlags } from './carry-flags.ts'
import { copyWanted } from './copy.ts'
import { hasCopy } from './folder-ledger.ts'
import { type FolderWork, identityOf, type Pass, settle, unconfirmed } from './folder-work.ts'
import { amountOf } from './progress.ts'
import { asFailed, locate, recover } from './recover.ts'
import { countFolder } from './report.ts'
import { excludeSeenElsewhere } from './views.ts'

/** Brings one gathered folder up to date: finds what is there, sends what is not, carries flags, confirms, advances. */
export async function syncFolder(pass: Pass, work: FolderWork): Promise<void> {
  if (!work.target.isSelectable) return await leave(pass, work)
  await recover(pass, work)
  if (isView(work.source)) await excludeSeenElsewhere(pass, work)
  await copyWanted(pass, work)
  await locate(pass, work)
  await carryFlags(pass, work)
  await confirm(pass, work)
  await advance(pass, work)
}

/** The target folder was removed by its user and shall stay so: every copy in it counts as removed. */
async function leave(pass: Pass, work: FolderWork): Promise<void> {
  const copies = [...work.ledger.all()].filter(hasCopy)
  await settle(
    pass,
    work,
    copies.map((record) => ({ ...record, targetUid: null, isRemoved: true })),
  )
  await advance(pass, work)
}

/**
 * Asks the target which copies it shows. One that was confirmed before was removed by its user since and is never sent
 * again; one that never was confirmed is not there yet, and the cursor stays back until it is.
 */
async function confirm(pass: Pass, work: FolderWork): Promise<void> {
  const fromUid = work.isThorough ? 1 : work.mark.uidNext
  const ours = [...work.ledger.all()].filter((record) => hasCopy(record) && isAtOrAbove(record, fromUid))
  if (ours.length === 0) return
  const here = new Set(await pass.target.uids(work.target, fromUid))
  const absent = ours.filter((record) => record.targetUid === null || !here.has(record.targetUid))
  const removed = absent.filter((record) => record.isConfirmed)
  const unseen = absent.filter((record) => !record.isConfirmed && !record.isVanished)
  await settle(pass, work, [
    ...removed.map((record) => ({ ...record, targetUid: null, isRemoved: true })),
    ...unseen.map(asFailed),
  ])
  if (unseen.length === 0) return
  throw unconfirmed(work.target, unseen.length)
}

const isAtOrAbove = ({ targetUid }: KnownRecord, fromUid: number): boolean => targetUid === null || targetUid >= fromUid

async function advance(pass: Pass, work: FolderWork): Promise<void> {
  const { status } = work.changes
  const { uidValidity, uidNext, highestModseq } = status
  const targetStatus = work.target.isSelectable ? await pass.target.status(work.target) : work.target.status
  if (!targetStatus) throw new Fault('folder.missing', `The target folder "${work.target.path.join('/')}" is gone`)
  if (targetStatus.uidValidity !== work.target.status?.uidValidity)
    throw new Fault('cursor.lost', `The target folder "${work.target.path.join('/')}" was renumbered meanwhile`)
  await pass.store.advance(pass.fence, work.state.id, {
    cursor: { uidValidity, uidDone: uidNext - 1, modseq: highestModseq },
    source: identityOf({ ...work.source, status }),
    target: work.target.isSelectable ? identityOf({ ...work.target, status: targetStatus }) : work.state.target,
    targetSeen: targetStatus,
    counts: countFolder(work),
    sizeBytes: amountOf(work.ledger.present()).bytes,
  })
}
