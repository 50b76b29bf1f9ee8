import { isFault } from '../domain/fault.ts'
import { keyOf } from '../domain/fingerprint.ts'
import { hasCopy } from '../domain/folder-ledger.ts'
import { findTarget, indexTargets, type TargetIndex } from '../domain/folder-map.ts'
import type { Folder, ItemMeta, Uid } from '../domain/mail.ts'
import { flagDelta, inParts, isNoDelta } from '../domain/plan.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { FolderState, KnownRecord, LedgerRecord } from '../domain/sync-state.ts'
import { type FolderWork, type Pass, recordOf } from './folder-work.ts'
import { readPrints } from './prints.ts'

/** A record whose item left its source folder, and where its copy stands. */
interface Leaver {
  readonly record: KnownRecord
  readonly state: FolderState
  /** It left in this pass: then an absent copy was removed by its user. */
  readonly isFresh: boolean
}

const settledAtOnce = 500

interface Move {
  readonly leaver: Leaver
  readonly item: ItemMeta
  readonly work: FolderWork
}

/**
 * Mail that vanished in one folder and is new in another was moved at the source: our copy moves after it, so that
 * nothing is sent twice and what the user did to the copy stays. Without MOVE at the target it is copied as new mail.
 * `leftNow` tells the source UIDs that left each folder in this pass, by the id of its state.
 */
export async function followMoves(
  pass: Pass,
  works: readonly FolderWork[],
  states: readonly FolderState[],
  leftNow: ReadonlyMap<number, SortedUids>,
): Promise<void> {
  const sizes = wantedSizes(works)
  if (sizes.size === 0) return
  const leavers = await findLeavers(pass, states, leftNow, sizes)
  if (leavers.size === 0) return
  const moves: Move[] = []
  for (const work of works) moves.push(...(await matchArrivals(pass, work, leavers)))
  if (moves.length === 0) return
  const targets = indexTargets(await pass.target.listFolders(), [])
  for (const group of groupByPlaces(moves)) await followGroup(pass, works, group, targets)
}

/** Only what has the length of a new item can be found in its place. */
function wantedSizes(works: readonly FolderWork[]): ReadonlySet<number> {
  const sizes = new Set<number>()
  for (const { wanted } of works) for (const { sizeBytes } of wanted) sizes.add(sizeBytes)
  return sizes
}

async function findLeavers(
  pass: Pass,
  states: readonly FolderState[],
  leftNow: ReadonlyMap<number, SortedUids>,
  sizes: ReadonlySet<number>,
): Promise<ReadonlyMap<string, Leaver[]>> {
  const byId = new Map(states.map((state) => [state.id, state]))
  const leavers = new Map<string, Leaver[]>()
  for await (const records of pass.store.vanished(pass.pair)) {
    for (const record of records) {
      const state = byId.get(record.folderId)
      if (!state || !hasCopy(record) || !record.fingerprint || !sizes.has(record.sizeBytes)) continue
      const key = keyOf(record.fingerprint)
      const isFresh = leftNow.get(state.id)?.has(record.sourceUid) === true
      const group = leavers.get(key) ?? []
      leavers.set(key, group)
      // What left in this pass comes first: an older record may be that of a copy which was moved before we died.
      if (isFresh) group.unshift({ record, state, isFresh })
      else group.push({ record, state, isFresh })
    }
  }
  return leavers
}

async function matchArrivals(
  pass: Pass,
  work: FolderWork,
  leavers: ReadonlyMap<string, Leaver[]>,
): Promise<readonly Move[]> {
  const sizes = new Set([...leavers.values()].flat().map(({ record }) => record.sizeBytes))
  const items = work.wanted.list().filter((item) => sizes.has(item.sizeBytes))
  if (items.length === 0 || !work.target.isSelectable) return []
  const prints = await readPrints({ reader: pass.source, folder: work.source, items })
  const moves: Move[] = []
  for (const item of items) {
    const fingerprint = prints.of(item.uid)
    const leaver = fingerprint && leavers.get(keyOf(fingerprint))?.shift()
    if (leaver) moves.push({ leaver, item, work })
  }
  return moves
}

function groupByPlaces(moves: readonly Move[]): readonly (readonly Move[])[] {
  const groups = new Map<string, Move[]>()
  for (const move of moves) {
    const key = `${move.leaver.state.id} ${move.work.state.id}`
    const group = groups.get(key) ?? []
    group.push(move)
    groups.set(key, group)
  }
  return [...groups.values()]
}

async function followGroup(
  pass: Pass,
  works: readonly FolderWork[],
  moves: readonly Move[],
  targets: TargetIndex,
): Promise<void> {
  const [first] = moves
  const from = first && findTarget(first.leaver.state.target, targets).target
  if (!first || !from?.isSelectable) return
  const here = new SortedUids(await pass.target.uids(from))
  const stands = ({ leaver }: Move): boolean => leaver.record.targetUid !== null && here.has(leaver.record.targetUid)
  const standing = moves.filter(stands)
  const removed = moves.filter((move) => !stands(move) && move.leaver.isFresh && move.leaver.record.isConfirmed)
  const places = await moveCopies(pass, from, standing, first.work.target)
  const arrived = places ? standing : []
  const place = ({ leaver }: Move): Uid | null => places?.get(leaver.record.targetUid ?? 0) ?? null
  for (const part of inParts(arrived, settledAtOnce)) {
    await settleGroup(
      pass,
      works,
      part,
      part.map((move) => arrival(move, place(move))),
    )
  }
  for (const part of inParts(removed, settledAtOnce)) {
    await settleGroup(
      pass,
      works,
      part,
      part.map((move) => ({ ...arrival(move, null), isRemoved: true })),
    )
  }
  pass.tally.moved += arrived.length
}

/** Null where the target cannot move, or would not: then the mail is copied. */
async function moveCopies(
  pass: Pass,
  from: Folder,
  moves: readonly Move[],
  to: Folder,
): Promise<ReadonlyMap<Uid, Uid | null> | null> {
  const uids = moves.flatMap(({ leaver }) => leaver.record.targetUid ?? []).sort((a, b) => a - b)
  // The item got a new UID in its old folder: the copy stands where it should.
  if (from.name === to.name) return new Map(uids.map((uid) => [uid, uid]))
  if (!pass.target.capabilities.canMove) return null
  if (uids.length === 0) return new Map()
  return await pass.target.move(from, uids, to).catch((error: unknown) => {
    if (isFault(error) && (error.scope === 'folder' || error.scope === 'item')) return null
    throw error
  })
}

/** The item in its new place, with the flags that were carried while it stood in the old one. */
function arrival({ leaver, item }: Move, targetUid: Uid | null): LedgerRecord {
  const { outcome, fingerprint, sha256, sizeBytes, flags } = leaver.record
  return recordOf(item, { outcome, fingerprint, sha256, sizeBytes, flags, targetUid })
}

/** Both folders in one write: a record that was followed never stands for another item again. */
async function settleGroup(
  pass: Pass,
  works: readonly FolderWork[],
  moves: readonly Move[],
  arrivals: readonly LedgerRecord[],
): Promise<void> {
  const [first] = moves
  if (!first) return
  const { work, leaver } = first
  const departures = moves.map((move) => ({ ...move.leaver.record, targetUid: null, fingerprint: null, sha256: null }))
  await pass.store.settle(pass.fence, [
    { folderId: work.state.id, records: arrivals, issues: [] },
    { folderId: leaver.state.id, records: departures, issues: [] },
  ])
  work.ledger.put(arrivals)
  works.find((other) => other.state.id === leaver.state.id)?.ledger.put(departures)
  for (const { item, leaver: left } of moves) {
    work.wanted.delete(item.uid)
    const delta = flagDelta(item.flags, left.record.flags)
    if (!isNoDelta(delta)) work.flagChanges.add(item.uid)
  }
}
