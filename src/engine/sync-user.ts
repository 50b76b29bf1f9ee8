import { isView } from '../domain/folder-role.ts'
import { itemFilter } from '../domain/item-filter.ts'
import type { Folder } from '../domain/mail.ts'
import { inParts } from '../domain/plan.ts'
import { SortedUids } from '../domain/sorted-uids.ts'
import type { FolderState } from '../domain/sync-state.ts'
import { checkRunning, type FolderWork, folderFault, type OpenFolder, type Pass } from './folder-work.ts'
import { gather } from './gather.ts'
import { type ItemLimits, readLimits } from './item-limits.ts'
import { runLanes } from './lanes.ts'
import { followMoves } from './moves.ts'
import { areAlike, openFolders } from './open-folders.ts'
import type { FolderReport, PassContext, PassReport } from './pass.ts'
import { ProgressMeter } from './progress.ts'
import { ReadingOrder } from './reading-order.ts'
import { nameUnreadable } from './refused-folders.ts'
import { gathered, passReport, ungathered } from './report.ts'
import { uidsWhere } from './settling.ts'
import { Effort, Halt, Learnt, Pairs } from './shared.ts'
import { syncFolder } from './sync-folder.ts'
import { readRewrites } from './traits.ts'
import type { Turn } from './turn.ts'

/** A final pass looks again until the source stands still, so often at most. */
const finalRoundsMax = 3

/**
 * One pass over one user: afterwards every item of the source's snapshot is settled, or its folder's fault is reported.
 * May be stopped anywhere and run again: nothing is lost, nothing doubled. Throws faults of scope mailbox and wider.
 */
export async function syncUser(context: PassContext): Promise<PassReport> {
  const pass = begin(context, await readLimits(context))
  pass.learnt.rewrites = await readRewrites(pass)
  for (let round = 1; ; round += 1) {
    const { reports, sources } = await runOnce(pass)
    if (pass.pass !== 'final') return passReport(pass, reports, false)
    const isStill = areAlike(sources, await pass.source.listFolders())
    if (isStill || round === finalRoundsMax) return passReport(pass, reports, !isStill)
  }
}

function begin(context: PassContext, limits: ItemLimits): Pass {
  const tally = { copied: 0, adopted: 0, skipped: 0, moved: 0, flagsChanged: 0, bytesCopied: 0 }
  const shared = { learnt: new Learnt(), halt: new Halt(), pairs: new Pairs(context), effort: new Effort() }
  const filter = itemFilter(context.rules.copy)
  return { ...context, tally, limits, filter, ...shared, reading: new ReadingOrder() }
}

async function runOnce(
  pass: Pass,
): Promise<{ readonly reports: readonly FolderReport[]; readonly sources: readonly Folder[] }> {
  const { open, idle, reports, lost, sources } = await openFolders(pass)
  const progress = new ProgressMeter(pass, { open, idle, sources })
  const hasHistory = lost.length > 0 || open.some(({ ledger }) => ledger.size > 0)
  // Without history nothing can have moved, and each folder is read when its turn comes.
  const done = hasHistory ? await syncTogether(pass, open, lost, progress) : await syncInTurn(pass, open, progress)
  if (idle.length > 0) {
    await pass.store.rest(
      pass.fence,
      idle.map(({ id }) => id),
    )
  }
  return { reports: [...reports, ...done], sources }
}

async function syncInTurn(pass: Pass, open: readonly OpenFolder[], progress: ProgressMeter): Promise<FolderReport[]> {
  return await inLanes(
    pass,
    open.map((folder) => ({
      isView: isView(folder.source),
      isAlone: folder.state.suspect !== null,
      items: folder.source.status?.messages ?? 0,
      async bring(lane, turn) {
        const work = await tryGather(lane, folder)
        return 'fault' in work ? work : await finish(lane, work, turn, progress)
      },
    })),
  )
}

/** Changes of all folders are known before anything is sent, so that a move is not taken for a new mail. */
async function syncTogether(
  pass: Pass,
  open: readonly OpenFolder[],
  lost: readonly FolderState[],
  progress: ProgressMeter,
): Promise<FolderReport[]> {
  const gathered = await inFlight(open, (folder) => tryGather(pass, folder))
  const reports = gathered.filter((one): one is FolderReport => 'fault' in one)
  const works = gathered.filter((one): one is FolderWork => !('fault' in one))
  const leftNow = new Map(works.map((work) => [work.state.id, work.leftNow]))
  for (const state of lost) leftNow.set(state.id, await settleLost(pass, state))
  await followMoves(pass, works, await pass.store.folders(pass.pair), leftNow)
  const finished = await inLanes(
    pass,
    works.map((work) => ({
      isView: isView(work.source),
      isAlone: work.state.suspect !== null,
      items: work.wanted.size,
      bring: (lane, turn) => finish(lane, work, turn, progress),
    })),
  )
  return [...reports, ...finished]
}

interface Task {
  readonly isView: boolean
  /** What drops the connection while a message is in doubt must not be another folder. */
  readonly isAlone: boolean
  readonly items: number
  readonly bring: (lane: Pass, turn: Turn) => Promise<FolderReport>
}

/** Reports in the order of the tasks. Views come last: only mail that is nowhere else is copied from them. */
async function inLanes(pass: Pass, tasks: readonly Task[]): Promise<FolderReport[]> {
  const reports = new Map<Task, FolderReport>()
  for (const views of [false, true]) {
    const now = tasks.filter((task) => task.isView === views)
    await runLanes(
      pass,
      now.map((task) => ({
        items: task.items,
        isAlone: task.isAlone,
        run: async (lane, turn) => void reports.set(task, await task.bring(lane, turn)),
      })),
    )
  }
  return tasks.flatMap((task) => reports.get(task) ?? [])
}

const foldersInFlight = 16

/** Asks for some at once, so that a far server is not waited for each time. Throws when all have come to rest. */
async function inFlight<T, R>(list: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  for (let at = 0; at < list.length; at += foldersInFlight) {
    const settled = await Promise.allSettled(list.slice(at, at + foldersInFlight).map(ask))
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason
      answers.push(one.value)
    }
  }
  return answers
}

/** The source folder is gone, and all mail in it with it. Returns what left. */
async function settleLost(pass: Pass, state: FolderState): Promise<SortedUids> {
  const ledger = await pass.store.ledger(state.id)
  const left = await uidsWhere(ledger, (head) => !head.isVanished)
  for (const uids of inParts(left, 1000)) {
    const records = uids.flatMap((uid) => ledger.get(uid) ?? []).map((record) => ({ ...record, isVanished: true }))
    await pass.store.settle(pass.fence, [{ folderId: state.id, records, issues: [] }])
  }
  return new SortedUids(left)
}

async function tryGather(pass: Pass, folder: OpenFolder): Promise<FolderWork | FolderReport> {
  checkRunning(pass)
  try {
    const work = await gather(pass, folder)
    pass.effort.grow(work.wanted.sizeBytes)
    return work
  } catch (error) {
    const fault = folderFault(error)
    await nameUnreadable(pass, folder, fault)
    return ungathered(folder, fault)
  }
}

async function finish(pass: Pass, work: FolderWork, turn: Turn, progress: ProgressMeter): Promise<FolderReport> {
  checkRunning(pass)
  const stop = progress.watch(work)
  try {
    await syncFolder(pass, work, turn)
    return gathered(work, null)
  } catch (error) {
    return gathered(work, folderFault(error))
  } finally {
    stop()
  }
}
