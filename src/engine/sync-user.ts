import type { Folder, Uid } from '../domain/mail.ts'
import type { FolderState } from '../domain/sync-state.ts'
import { FolderLedger } from './folder-ledger.ts'
import { checkRunning, type FolderWork, folderFault, type OpenFolder, type Pass } from './folder-work.ts'
import { gather } from './gather.ts'
import { followMoves } from './moves.ts'
import { areAlike, openFolders } from './open-folders.ts'
import type { FolderReport, PassContext, PassReport } from './pass.ts'
import { ProgressMeter } from './progress.ts'
import { nameUnreadable } from './refused-folders.ts'
import { gathered, passReport, ungathered } from './report.ts'
import { syncFolder } from './sync-folder.ts'
import { readRewrites } from './traits.ts'

/** A final pass looks again until the source stands still, so often at most. */
const finalRoundsMax = 3

/**
 * One pass over one user: afterwards every item of the source's snapshot is settled, or its folder's fault is reported.
 * May be stopped anywhere and run again: nothing is lost, nothing doubled. Throws faults of scope mailbox and wider.
 */
export async function syncUser(context: PassContext): Promise<PassReport> {
  const pass = begin(context)
  pass.rewrites = await readRewrites(pass)
  for (let round = 1; ; round += 1) {
    const { reports, sources } = await runOnce(pass)
    if (pass.pass !== 'final') return passReport(pass, reports, false)
    const isStill = areAlike(sources, await pass.source.listFolders())
    if (isStill || round === finalRoundsMax) return passReport(pass, reports, !isStill)
  }
}

function begin(context: PassContext): Pass {
  const tally = { copied: 0, adopted: 0, skipped: 0, moved: 0, flagsChanged: 0, bytesCopied: 0 }
  return { ...context, tally, rewrites: null }
}

async function runOnce(
  pass: Pass,
): Promise<{ readonly reports: readonly FolderReport[]; readonly sources: readonly Folder[] }> {
  const { open, idle, reports, lost, sources } = await openFolders(pass)
  const progress = new ProgressMeter(pass, { open, idle, sources })
  const hasHistory = lost.length > 0 || open.some(({ ledger }) => !ledger.isEmpty())
  // Without history nothing can have moved, and each folder is read when its turn comes.
  const done = hasHistory ? await syncTogether(pass, open, lost, progress) : await syncInTurn(pass, open, progress)
  return { reports: [...reports, ...done], sources }
}

async function syncInTurn(pass: Pass, open: readonly OpenFolder[], progress: ProgressMeter): Promise<FolderReport[]> {
  const reports: FolderReport[] = []
  for (const folder of open) {
    const work = await tryGather(pass, folder)
    reports.push('fault' in work ? work : await finish(pass, work, progress))
  }
  return reports
}

/** Changes of all folders are known before anything is sent, so that a move is not taken for a new mail. */
async function syncTogether(
  pass: Pass,
  open: readonly OpenFolder[],
  lost: readonly FolderState[],
  progress: ProgressMeter,
): Promise<FolderReport[]> {
  const reports: FolderReport[] = []
  const works: FolderWork[] = []
  for (const folder of open) {
    const work = await tryGather(pass, folder)
    if ('fault' in work) reports.push(work)
    else works.push(work)
  }
  const leftNow = new Map(works.map((work) => [work.state.id, work.leftNow]))
  for (const state of lost) leftNow.set(state.id, await settleLost(pass, state))
  await followMoves(pass, works, await pass.store.folders(pass.pair), leftNow)
  for (const work of works) reports.push(await finish(pass, work, progress))
  return reports
}

/** The source folder is gone, and all mail in it with it. Returns what left. */
async function settleLost(pass: Pass, state: FolderState): Promise<ReadonlySet<Uid>> {
  const left = new FolderLedger(await pass.store.ledger(state.id)).present()
  const records = left.map((record) => ({ ...record, isVanished: true }))
  if (records.length > 0) await pass.store.settle(pass.fence, [{ folderId: state.id, records, issues: [] }])
  return new Set(left.map((record) => record.sourceUid))
}

async function tryGather(pass: Pass, folder: OpenFolder): Promise<FolderWork | FolderReport> {
  checkRunning(pass)
  try {
    return await gather(pass, folder)
  } catch (error) {
    const fault = folderFault(error)
    await nameUnreadable(pass, folder, fault)
    return ungathered(folder, fault)
  }
}

async function finish(pass: Pass, work: FolderWork, progress: ProgressMeter): Promise<FolderReport> {
  checkRunning(pass)
  const stop = progress.watch(work)
  try {
    await syncFolder(pass, work)
    return gathered(work, null)
  } catch (error) {
    return gathered(work, folderFault(error))
  } finally {
    stop()
  }
}
