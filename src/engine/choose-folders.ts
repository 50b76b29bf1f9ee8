import type { CopyRules } from '../domain/batch-settings.ts'
import { folderFilter } from '../domain/folder-filter.ts'
import type { Folder } from '../domain/mail.ts'
import { type FolderIdentity, type FolderState, noCounts } from '../domain/sync-state.ts'
import type { FolderReport } from './pass.ts'
import { untouched } from './report.ts'

/** The folders of a source that move, and what is known of them; the others with their part of the equation. */
export interface ChosenFolders {
  readonly sources: readonly Folder[]
  readonly states: readonly FolderState[]
  /** Left out by a rule: what was copied of them before stays as it is. */
  readonly left: readonly FolderReport[]
}

/** Leaves out what the rules name. A folder that is known and left out is neither read nor taken for one that is gone. */
export function chooseFolders(
  rules: Pick<CopyRules, 'includeFolders' | 'excludeFolders'>,
  sources: readonly Folder[],
  states: readonly FolderState[],
): ChosenFolders {
  const moves = folderFilter(rules, sources)
  const chosen = sources.filter(moves)
  if (chosen.length === sources.length) return { sources, states, left: [] }
  const out = sources.filter((folder) => !chosen.includes(folder) && folder.isSelectable)
  const known = new Map(out.map((folder) => [folder, states.find(({ source }) => isSame(folder, source))]))
  const leftStates = new Set(known.values())
  return {
    sources: chosen,
    states: states.filter((state) => !leftStates.has(state)),
    left: out.map((folder) => reportOf(folder, known.get(folder))),
  }
}

/** By its name, or by what it is where it was renamed. */
const isSame = (folder: Folder, identity: FolderIdentity): boolean =>
  (folder.id !== null && folder.id === identity.id) ||
  (folder.name === identity.name && folder.status?.uidValidity === identity.uidValidity)

/** What came into it since it was left out is left out, too. */
function reportOf(folder: Folder, state: FolderState | undefined): FolderReport {
  const messages = folder.status?.messages ?? 0
  if (!state?.cursor) {
    const counts = { ...noCounts, source: messages, excluded: messages }
    return { sourcePath: folder.path, targetPath: [], counts, fault: null }
  }
  const report = untouched(state)
  const further = Math.max(0, messages - report.counts.source)
  const { source, excluded } = report.counts
  return { ...report, counts: { ...report.counts, source: source + further, excluded: excluded + further } }
}
