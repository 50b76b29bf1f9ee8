import type { Fault } from '../domain/fault.ts'
import type { MappedFolder } from '../domain/folder-map.ts'
import type { Folder } from '../domain/mail.ts'
import { addCounts, type FolderCounts, type FolderState, noCounts } from '../domain/sync-state.ts'
import type { FolderWork, OpenFolder, Pass } from './folder-work.ts'
import type { FolderReport, PassReport } from './pass.ts'

/** A folder that nothing happened to: as it was settled last. */
export const untouched = ({ source, target, counts }: FolderState): FolderReport => ({
  sourcePath: source.path,
  targetPath: target.path,
  counts,
  fault: null,
})

/** A folder with no place at the target: what trying again cannot heal is skipped, named by the fault; else it failed. */
export const unreachable = (
  { source, targetPath }: Pick<MappedFolder, 'source' | 'targetPath'>,
  fault: Fault,
): FolderReport => ({
  sourcePath: source.path,
  targetPath,
  counts: allOf(source, fault),
  fault,
})

function allOf(source: Folder, fault: Fault): FolderCounts {
  const messages = source.status?.messages ?? 0
  return { ...noCounts, source: messages, [fault.retry === 'never' ? 'skipped' : 'failed']: messages }
}

/** The equation of a folder that was gathered: what has no record yet has failed so far. */
export function countFolder(work: FolderWork): FolderCounts {
  const settled = work.ledger.counts()
  let open = 0
  for (const uid of work.wanted.uids()) if (!work.ledger.has(uid)) open += 1
  const lost = work.changes.isComplete ? Math.max(0, work.changes.status.messages - work.items.length) : 0
  return {
    ...settled,
    source: settled.source + open + lost,
    failed: settled.failed + open,
    gone: settled.gone + lost,
  }
}

export const gathered = (work: FolderWork, fault: Fault | null): FolderReport => ({
  sourcePath: work.source.path,
  targetPath: work.target.path,
  counts: countFolder(work),
  fault,
})

/** A folder that was given up before its changes were known. */
export const ungathered = ({ source, target }: OpenFolder, fault: Fault): FolderReport =>
  unreachable({ source, targetPath: target.path }, fault)

export function passReport(pass: Pass, folders: readonly FolderReport[], isSourceStillChanging: boolean): PassReport {
  const faults = folders.flatMap((folder) => folder.fault ?? [])
  return {
    folders,
    counts: folders.reduce((sum, folder) => addCounts(sum, folder.counts), noCounts),
    copiedNow: pass.tally.copied,
    adoptedNow: pass.tally.adopted,
    skippedNow: pass.tally.skipped,
    movedNow: pass.tally.moved,
    flagsChangedNow: pass.tally.flagsChanged,
    bytesCopiedNow: pass.tally.bytesCopied,
    fault: faults.find(({ retry }) => retry !== 'never') ?? null,
    refusal: faults.find(({ retry }) => retry === 'never') ?? null,
    isSourceStillChanging,
    traits: { tellsUids: null, rewrites: pass.learnt.rewrites },
  }
}
