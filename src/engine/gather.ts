import { Fault, isFault } from '../domain/fault.ts'
import type { FolderChanges, ItemMeta, Uid } from '../domain/mail.ts'
import { type FlagDelta, flagDelta, isInRanges, isNoDelta } from '../domain/plan.ts'
import type { KnownRecord, LedgerRecord } from '../domain/sync-state.ts'
import { hasCopy } from './folder-ledger.ts'
import { type FolderWork, type OpenFolder, type Pass, recordOf, settle } from './folder-work.ts'
import { followSourceRenumbering, followTargetRenumbering } from './renumber.ts'

/**
 * Learns what changed at the source since the last settled pass, and what of it has to be done: items to copy, flags to
 * carry. What vanished and what a rule leaves out is settled at once.
 */
export async function gather(pass: Pass, folder: OpenFolder): Promise<FolderWork> {
  const changes = await readChanges(pass, folder)
  const items = new Map(changes.items.map((item) => [item.uid, item]))
  const followed = await followNumbers(pass, folder, changes)
  const leftNow = await settleVanished(pass, followed, changes, items)
  const work: FolderWork = { ...followed, changes, items, wanted: new Map(), flagChanges: new Map(), leftNow }
  await settleExcluded(pass, work)
  for (const item of changes.items) planItem(work, item)
  return work
}

async function readChanges(pass: Pass, folder: OpenFolder): Promise<FolderChanges> {
  const { source, state, ledger } = folder
  const cursor = folder.isThorough || wasRenumbered(folder) ? null : state.cursor
  const changes = await pass.source.changes(source, cursor).catch((error: unknown) => {
    if (isFault(error) && error.code === 'cursor.lost') return pass.source.changes(source, null)
    throw error
  })
  const known = upToSnapshot(changes)
  const isSound = known.isComplete || (addsUp(known, folder) && !ledger.present().some((r) => r.outcome === 'failed'))
  return isSound ? known : upToSnapshot(await pass.source.changes(source, null))
}

const wasRenumbered = ({ source, target, state }: OpenFolder): boolean =>
  source.status?.uidValidity !== state.source.uidValidity || target.status?.uidValidity !== state.target.uidValidity

/**
 * Mail that arrived after the snapshot is left to the next pass, so that the equation speaks of one moment. A complete
 * listing holds as many as the folder did: a server whose UIDNEXT is too low hides nothing by it.
 */
function upToSnapshot(changes: FolderChanges): FolderChanges {
  const { status, items, isComplete } = changes
  const below = items.filter((item) => item.uid < status.uidNext)
  return { ...changes, items: isComplete && below.length < status.messages ? items.slice(0, status.messages) : below }
}

/** A list of changes that does not explain how many messages there are is not believed. */
function addsUp(changes: FolderChanges, { ledger }: OpenFolder): boolean {
  const present = ledger.present()
  const vanished = present.filter((record) => isInRanges(changes.vanished, record.sourceUid)).length
  const added = changes.items.filter((item) => !ledger.get(item.uid)).length
  return present.length - vanished + added === changes.status.messages
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
async function settleVanished(
  pass: Pass,
  folder: OpenFolder,
  changes: FolderChanges,
  items: ReadonlyMap<Uid, ItemMeta>,
): Promise<ReadonlySet<Uid>> {
  const { ledger } = folder
  const hasLeft = (uid: Uid): boolean => !items.has(uid) && (changes.isComplete || isInRanges(changes.vanished, uid))
  const left = ledger.present().filter((record) => hasLeft(record.sourceUid))
  const back = [...ledger.all()].filter((record) => record.isVanished && items.has(record.sourceUid))
  await settle(pass, folder, [
    ...left.map((record) => ({ ...record, isVanished: true })),
    ...back.map((record) => ({ ...record, isVanished: false })),
  ])
  return new Set(left.map((record) => record.sourceUid))
}

async function settleExcluded(pass: Pass, work: FolderWork): Promise<void> {
  const isNew = (item: ItemMeta): boolean => !work.ledger.get(item.uid)
  const excluded = work.changes.items.filter((item) => isNew(item) && isExcluded(pass, work, item))
  await settle(
    pass,
    work,
    excluded.map((item) => recordOf(item, { outcome: 'excluded' })),
  )
}

/** New mail for a target folder that was left away has no place to go; \Deleted mail goes by the rule. */
function isExcluded(pass: Pass, { target }: OpenFolder, item: ItemMeta): boolean {
  if (!target.isSelectable) return true
  return !pass.rules.copiesDeleted && item.flags.some((flag) => flag.toLowerCase() === '\\deleted')
}

function planItem(work: FolderWork, item: ItemMeta): void {
  const record = work.ledger.get(item.uid)
  if (!record || record.outcome === 'failed' || record.outcome === 'gone') work.wanted.set(item.uid, item)
  else if (hasCopy(record)) planFlags(work.flagChanges, item, record)
}

function planFlags(changes: Map<Uid, FlagDelta>, item: ItemMeta, record: LedgerRecord | KnownRecord): void {
  const delta = flagDelta(item.flags, record.flags)
  if (!isNoDelta(delta)) changes.set(item.uid, delta)
}
