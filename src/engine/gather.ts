import { Fault, isFault } from '../domain/fault.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import { ItemSet } from '../domain/item-set.ts'
import type { FolderChanges, ItemMeta, Uid } from '../domain/mail.ts'
import { flagDelta, isInRanges, isNoDelta } from '../domain/plan.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { FolderState } from '../domain/sync-state.ts'
import { lookAt } from './breathing.ts'
import { type FolderWork, type OpenFolder, type Pass, recordOf } from './folder-work.ts'
import { followSourceRenumbering, followTargetRenumbering } from './renumber.ts'
import { resettle, settleMany } from './settling.ts'

/**
 * Learns what changed at the source since the last settled pass, and what of it has to be done: items to copy, flags to
 * carry. What vanished and what a rule leaves out is settled at once.
 */
export async function gather(pass: Pass, folder: OpenFolder): Promise<FolderWork> {
  const changes = await readChanges(pass, folder)
  const { items } = changes
  const followed = await followNumbers(pass, folder, changes)
  const leftNow = new SortedUids(await settleVanished(pass, followed, changes))
  const work = { ...followed, changes, items, wanted: new ItemSet(items), flagChanges: new ItemSet(items), leftNow }
  await settleExcluded(pass, work)
  const isAnew = haveRulesChanged(pass, folder.state)
  await lookAt(items, (item) => planItem(pass, work, item, isAnew))
  work.ledger.reserve(work.ledger.size + work.wanted.size)
  return work
}

async function readChanges(pass: Pass, folder: OpenFolder): Promise<FolderChanges> {
  const { source, state, ledger } = folder
  const cursor = folder.isThorough || wasRenumbered(folder) || haveRulesChanged(pass, state) ? null : state.cursor
  const changes = await pass.source.changes(source, cursor).catch((error: unknown) => {
    if (isFault(error) && error.code === 'cursor.lost') return pass.source.changes(source, null)
    throw error
  })
  const known = upToSnapshot(changes)
  const isSound = known.isComplete || (ledger.counts().failed === 0 && (await addsUp(known, folder)))
  return isSound ? known : upToSnapshot(await pass.source.changes(source, null))
}

/** What was left out by other rules may be wanted now, and is not told of as new. */
export const haveRulesChanged = ({ filter }: Pick<Pass, 'filter'>, { cursor }: Pick<FolderState, 'cursor'>): boolean =>
  cursor !== null && (cursor.rules ?? '') !== filter.print

const wasRenumbered = ({ source, target, state }: OpenFolder): boolean =>
  source.status?.uidValidity !== state.source.uidValidity || target.status?.uidValidity !== state.target.uidValidity

/**
 * Mail that arrived after the snapshot is left to the next pass, so that the equation speaks of one moment. A complete
 * listing holds as many as the folder did: a server whose UIDNEXT is too low hides nothing by it.
 */
function upToSnapshot(changes: FolderChanges): FolderChanges {
  const { status, items, isComplete } = changes
  const below = items.below(status.uidNext)
  return { ...changes, items: isComplete && below.length < status.messages ? items.slice(0, status.messages) : below }
}

/** A list of changes that does not explain how many messages there are is not believed. */
async function addsUp({ items, vanished, status }: FolderChanges, { ledger }: OpenFolder): Promise<boolean> {
  let messages = ledger.present().items
  if (vanished.length > 0) {
    await lookAt(ledger.heads(), (head) => {
      if (!head.isVanished && isInRanges(vanished, head.sourceUid)) messages -= 1
    })
  }
  await lookAt(items.uids(), (uid) => {
    if (!ledger.has(uid)) messages += 1
  })
  return messages === status.messages
}

async function followNumbers(pass: Pass, folder: OpenFolder, changes: FolderChanges): Promise<OpenFolder> {
  const { source, target, state } = folder
  // The connection that listed the folder says its UIDVALIDITY last; the listing of folders may be older.
  const seen = { ...folder, source: { ...source, status: changes.status } }
  if (changes.status.uidValidity !== state.source.uidValidity) {
    if (!changes.isComplete)
      throw new Fault('cursor.lost', `The folder "${source.name}" was renumbered while it was read`)
    return await followTargetIfNeeded(pass, await followSourceRenumbering(pass, seen, changes.items), changes)
  }
  return target.isSelectable ? await followTargetIfNeeded(pass, seen, changes) : seen
}

const followTargetIfNeeded = async (pass: Pass, folder: OpenFolder, changes: FolderChanges): Promise<OpenFolder> =>
  folder.target.status?.uidValidity === folder.state.target.uidValidity
    ? folder
    : await followTargetRenumbering(pass, folder, changes.items)

/** Returns the UIDs that left. One that is back, because the server erred, is taken back. */
async function settleVanished(pass: Pass, folder: OpenFolder, changes: FolderChanges): Promise<readonly Uid[]> {
  const { items, isComplete, vanished } = changes
  const hasLeft = (uid: Uid): boolean => !items.has(uid) && (isComplete || isInRanges(vanished, uid))
  const left: Uid[] = []
  const back: Uid[] = []
  if (isComplete || vanished.length > 0) {
    await lookAt(folder.ledger.heads(), ({ sourceUid, isVanished }) => {
      if (!isVanished && hasLeft(sourceUid)) left.push(sourceUid)
    })
  }
  await lookAt(items.uids(), (uid) => {
    if (folder.ledger.head(uid)?.isVanished) back.push(uid)
  })
  await resettle(pass, folder, left, (record) => ({ ...record, isVanished: true }))
  await resettle(pass, folder, back, (record) => ({ ...record, isVanished: false }))
  return left
}

async function settleExcluded(pass: Pass, work: FolderWork): Promise<void> {
  if (work.target.isSelectable && !pass.filter.isActive) return
  await settleMany(pass, work, excludedRecords(pass, work))
}

function* excludedRecords(pass: Pass, work: FolderWork) {
  for (const item of work.items) {
    const isNew = !work.ledger.has(item.uid)
    if (isNew && isExcluded(pass, work, item)) yield recordOf(item, { outcome: 'excluded' })
  }
}

/** Left out because the same mail stands elsewhere: its content was looked at for that, and only other rules change it. */
const wasCompared = ({ ledger }: FolderWork, { uid }: ItemMeta): boolean => ledger.get(uid)?.fingerprint != null

/** New mail for a target folder that was left away has no place to go. */
const isExcluded = (pass: Pass, { target }: OpenFolder, item: ItemMeta): boolean =>
  !target.isSelectable || pass.filter.excludes(item)

function planItem(pass: Pass, work: FolderWork, item: ItemMeta, isAnew: boolean): void {
  const { ledger, wanted, flagChanges } = work
  const record = ledger.head(item.uid)
  if (!record || record.outcome === 'failed' || record.outcome === 'gone') wanted.add(item.uid)
  else if (record.outcome === 'excluded') {
    if (!isExcluded(pass, work, item) && (isAnew || !wasCompared(work, item))) wanted.add(item.uid)
  } else if (hasCopy(record) && !isNoDelta(flagDelta(item.flags, record.flags))) flagChanges.add(item.uid)
}
