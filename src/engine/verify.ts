import type { CopyRules } from '../domain/batch-settings.ts'
import { mapFolders } from '../domain/folder-map.ts'
import type { Folder } from '../domain/mail.ts'
import type { FolderState } from '../domain/sync-state.ts'
import { chooseFolders } from './choose-folders.ts'
import { compareFolder } from './compare-folder.ts'
import type { FolderDifference, PassContext, VerifyReport } from './pass.ts'
import { uidsWhere } from './settling.ts'
import { readRewrites } from './traits.ts'

export type VerifyContext = Pick<
  PassContext,
  'pair' | 'source' | 'target' | 'targetEndpoint' | 'store' | 'signal' | 'onProgress'
> & {
  readonly readsData: boolean
  /** By which rules the passes went: what they leave out is not missing. */
  readonly copy: CopyRules
}

/**
 * Reads both sides again and compares what the ledger says with what is there: counts, identities, flags, dates, and
 * with `readsData` every byte. Mail that arrived after the last pass is not looked at.
 */
export async function verifyUser(context: VerifyContext): Promise<VerifyReport> {
  const states = await context.store.folders(context.pair)
  const sources = await context.source.listFolders()
  const targets = await context.target.listFolders()
  const chosen = chooseFolders(context.copy, sources, states)
  const rules = { ...(await context.target.nameRules()), placement: context.copy }
  const { folders } = mapFolders(chosen.sources, targets, chosen.states, rules)
  const isWeak = (await readRewrites(context)) === true
  const found: FolderDifference[] = []
  let itemsChecked = 0
  for (const { source, target, state } of folders) {
    context.signal.throwIfAborted()
    if (!state) found.push(neverSynced(source))
    else if (target && !isLeft(target, state)) {
      const compared = await compareFolder({ ...context, sourceFolder: source, targetFolder: target, state, isWeak })
      itemsChecked += compared.itemsChecked
      found.push(compared.difference)
    } else found.push(...(await withoutTarget(context, source, state)))
  }
  const differences = found.reduce((sum, f) => sum + f.missingItems + f.differentItems + f.doubledItems, 0)
  return { folders: found, itemsChecked, differences, readsData: context.readsData }
}

const isLeft = (target: Folder, { target: known }: FolderState): boolean =>
  target.status?.uidValidity !== known.uidValidity

/** A folder that no pass has settled: all that is in it is missing. */
function neverSynced(source: Folder): FolderDifference {
  const sourceItems = source.status?.messages ?? 0
  return { ...nothing(source.path, []), sourceItems, missingItems: sourceItems }
}

const nothing = (sourcePath: readonly string[], targetPath: readonly string[]): FolderDifference => ({
  sourcePath,
  targetPath,
  sourceItems: 0,
  targetItems: 0,
  missing: [],
  missingItems: 0,
  doubledItems: 0,
  different: [],
  differentItems: 0,
})

/** The target folder is not there: whatever should have a copy in it is missing. */
async function withoutTarget(
  { store }: VerifyContext,
  source: Folder,
  state: FolderState,
): Promise<readonly FolderDifference[]> {
  const ledger = await store.ledger(state.id)
  const lost = await uidsWhere(ledger, (head) => !head.isVanished && head.targetUid !== null && !head.isRemoved)
  const missing = lost.slice(0, 20).map((sourceUid) => ({
    sourceUid,
    targetUid: ledger.head(sourceUid)?.targetUid ?? null,
    what: 'missing' as const,
    detail: 'The target folder is gone',
  }))
  const sourceItems = source.status?.messages ?? 0
  return [{ ...nothing(source.path, state.target.path), sourceItems, missing, missingItems: lost.length }]
}
