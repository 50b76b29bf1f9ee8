import { Fault } from '../domain/fault.ts'
import { FolderLedger, hasCopy } from '../domain/folder-ledger.ts'
import {
  type FolderMap,
  isInbox,
  type MappedFolder,
  type MapRules,
  mapFolders,
  nameKey,
  targetPathOf,
} from '../domain/folder-map.ts'
import { isView } from '../domain/folder-role.ts'
import type { Folder, FolderStatus, Mark } from '../domain/mail.ts'
import type { FolderIdentity, FolderState } from '../domain/sync-state.ts'
import { both } from './both.ts'
import { chooseFolders } from './choose-folders.ts'
import { folderFault, identityOf, type OpenFolder, type Pass } from './folder-work.ts'
import { haveRulesChanged } from './gather.ts'
import type { FolderReport } from './pass.ts'
import { type RefusedFolder, settleRefused } from './refused-folders.ts'
import { unreachable, untouched } from './report.ts'
import { uidsWhere } from './settling.ts'

/** A pass never takes the shortcut of an unchanged status more than six times in a row. */
const thoroughEvery = 7

/** What a pass finds when it looks at both sides. */
export interface Opening {
  readonly open: readonly OpenFolder[]
  /** Folders that nothing happened to. */
  readonly idle: readonly FolderState[]
  /** Folders with nothing to do, and those that cannot be reached at the target. */
  readonly reports: readonly FolderReport[]
  /** Known folders that left the source. */
  readonly lost: readonly FolderState[]
  /** The source's folders as they stood: the final pass compares with them. */
  readonly sources: readonly Folder[]
}

/**
 * Lists both sides, lets the map follow renames, makes missing folders, and writes the intent of all folders that have
 * something to do: durable before anything is sent.
 */
export async function openFolders(pass: Pass): Promise<Opening> {
  const { sources, map, left } = await mapBoth(pass)
  const ready = await ensureTargets(pass, map)
  const [busy, still] = partition(ready.made, (folder) => needsWork(pass, folder))
  const open = await intend(pass, busy)
  const idle = still.flatMap(({ state }) => state ?? [])
  return {
    open: open.sort((a, b) => Number(isView(a.source)) - Number(isView(b.source))),
    idle,
    reports: [...ready.reports, ...idle.map(untouched), ...left],
    lost: map.lost,
    sources,
  }
}

interface Mapping {
  readonly sources: readonly Folder[]
  readonly map: FolderMap
  /** Of folders that a rule leaves out. */
  readonly left: readonly FolderReport[]
}

async function mapBoth(pass: Pass): Promise<Mapping> {
  const tried = new Set<number>()
  for (;;) {
    const states = await pass.store.folders(pass.pair)
    const dirty = states.filter((state) => state.dirtySince)
    const listing = dirty.length > 0 ? quietTargets(pass, dirty) : pass.target.listFolders()
    const [sources, targets] = await both(pass.source.listFolders(), listing)
    const chosen = chooseFolders(pass.rules.copy, sources, states)
    const map = mapFolders(chosen.sources, targets, chosen.states, await mapRules(pass))
    if (!(await followRename(pass, map, targets, tried))) return { sources: chosen.sources, map, left: chosen.left }
  }
}

/** What the target's names can hold, and where the admin wants folders to go. */
const mapRules = async ({ target, rules }: Pass): Promise<MapRules> => ({
  ...(await target.nameRules()),
  placement: rules.copy,
})

const quietMs = 2000
/** Folders that others deliver to never rest: after so many looks what a dead connection sent has long landed. */
const quietLooksMax = 3

/** A server may still finish what a dead connection sent: waits until two listings, two seconds apart, agree. */
async function quietTargets(pass: Pass, dirty: readonly FolderState[]): Promise<readonly Folder[]> {
  const names = new Set(dirty.map((state) => state.target.name))
  const ofDirty = (folders: readonly Folder[]) => folders.filter(({ name }) => names.has(name))
  let before = await pass.target.listFolders()
  for (let looks = 1; ; looks += 1) {
    await pass.sleep(quietMs)
    const now = await pass.target.listFolders()
    if (areAlike(ofDirty(before), ofDirty(now)) || looks === quietLooksMax) return now
    before = now
  }
}

/** Whether two listings tell of the same mail in the same folders. */
export function areAlike(before: readonly Folder[], now: readonly Folder[]): boolean {
  const print = (folders: readonly Folder[]): string =>
    folders
      .map(({ name, status }) =>
        [name, status?.uidValidity, status?.uidNext, status?.messages, status?.highestModseq].join('\u0000'),
      )
      .sort()
      .join('\n')
  return print(before) === print(now)
}

/**
 * Renames a target folder after its source, parents first; true when one was renamed and both sides must be read anew.
 * Each is `tried` once: what the target refuses, or says yes to and does not do, keeps its name there.
 */
async function followRename(
  pass: Pass,
  map: FolderMap,
  targets: readonly Folder[],
  tried: Set<number>,
): Promise<boolean> {
  // A folder that is known by its name alone would be lost when the one above it is renamed.
  if (map.folders.some((mapped) => mapped.change === 'targetRenumbered')) return false
  for (const mapped of map.folders) {
    const { change, source, target, state } = mapped
    if (change !== 'renamed' || !target || !state || tried.has(state.id)) continue
    if (!(await mayRename(pass, mapped, target, state, targets))) continue
    tried.add(state.id)
    if (await rename(pass, target, targetPathOf(source, await mapRules(pass)))) return true
  }
  return false
}

async function rename(pass: Pass, target: Folder, path: readonly string[]): Promise<boolean> {
  try {
    await pass.target.renameFolder(target, path)
    return true
  } catch (error) {
    folderFault(error)
    return false
  }
}

/** Only a folder that was named after its source is renamed, to a free name, and only when all mail in it is ours. */
async function mayRename(
  pass: Pass,
  mapped: MappedFolder,
  target: Folder,
  state: FolderState,
  targets: readonly Folder[],
): Promise<boolean> {
  const rules = await mapRules(pass)
  const key = (path: readonly string[]): string => nameKey(path, rules)
  const wanted = key(targetPathOf(mapped.source, rules))
  const former = key(targetPathOf({ ...mapped.source, path: state.source.path }, rules))
  if (isInbox(target.path) || key(target.path) !== former) return false
  if (targets.some((folder) => key(folder.path) === wanted)) return false
  const claimed = (await pass.store.ledger(state.id)).claimed()
  return (await pass.target.uids(target)).every((uid) => claimed.has(uid))
}

interface MadeFolder {
  readonly source: Folder
  readonly target: Folder
  readonly state: FolderState | null
  readonly change: MappedFolder['change']
}

async function ensureTargets(
  pass: Pass,
  map: FolderMap,
): Promise<{ readonly made: readonly MadeFolder[]; readonly reports: readonly FolderReport[] }> {
  const refused: RefusedFolder[] = []
  const closed: FolderReport[] = []
  const made: MadeFolder[] = []
  const missing: MappedFolder[] = []
  for (const mapped of map.folders) {
    const { source, target, state, change } = mapped
    if (!source.status) closed.push(unreachable(mapped, cannotLook(source)))
    else if (target && !lacksSubscription(mapped, target)) made.push({ source, target, state, change })
    else if (target || change !== 'targetRemoved' || (await recreates(pass, mapped))) missing.push(mapped)
    else made.push({ source, target: absent(mapped), state, change })
  }
  const wanted = missing.map(({ targetPath, source }) => ({ path: targetPath, isSubscribed: source.isSubscribed }))
  const results = missing.length > 0 ? await pass.target.ensureFolders(wanted) : []
  for (const [at, mapped] of missing.entries()) {
    const result = results[at]
    if (!result) throw new Error(`The target did not answer for the folder ${mapped.targetPath.join('/')}`)
    if (result instanceof Fault) refused.push({ mapped, fault: folderFault(result) })
    else made.push({ source: mapped.source, target: result, state: await fresh(pass, mapped), change: 'none' })
  }
  await settleRefused(pass, refused)
  return { made, reports: [...closed, ...refused.map(({ mapped, fault }) => unreachable(mapped, fault))] }
}

/** The server lists the folder and will not tell what is in it: what is known of it stays known. */
const cannotLook = ({ path }: Folder): Fault =>
  new Fault('server.permission', `Cannot look into the folder "${path.join('/')}" at the source`)

/** A subscription is carried over once; what the target's user makes of it later is theirs. */
const lacksSubscription = ({ source, state }: MappedFolder, target: Folder): boolean =>
  state === null && source.isSubscribed && !target.isSubscribed

/** A target folder that we filled is gone: the admin decides. One that held no copy is just made again. */
async function recreates(pass: Pass, { state, targetPath }: MappedFolder): Promise<boolean> {
  if (!state || pass.rules.missingTargetFolder === 'recreate') return true
  if ((await uidsWhere(await pass.store.ledger(state.id), hasCopy)).length === 0) return true
  if (pass.rules.missingTargetFolder === 'leave') return false
  throw removedAtTarget(targetPath)
}

export const removedAtTarget = (path: readonly string[]): Fault =>
  new Fault(
    'folder.removed-at-target',
    `The target folder "${path.join('/')}" was removed after mail was copied into it`,
  )

/** What is known of a folder whose target is made anew is forgotten first, or it would count as removed by its user. */
async function fresh(pass: Pass, { state }: MappedFolder): Promise<FolderState | null> {
  if (!state) return null
  await pass.store.forget(pass.fence, state.id)
  return (await pass.store.folders(pass.pair)).find(({ id }) => id === state.id) ?? null
}

const noStatus: FolderStatus = { messages: 0, uidNext: 1, uidValidity: 0, highestModseq: null }

/** Stands for a target folder that was left away: nothing is ever asked of it. */
function absent({ source, state, targetPath }: MappedFolder): Folder {
  const status = { ...noStatus, uidValidity: state?.target.uidValidity ?? 0, uidNext: state?.target.uidNext ?? 1 }
  return { ...source, name: state?.target.name ?? '', path: targetPath, isSelectable: false, status }
}

/** An unchanged source folder with an unchanged target needs nothing, unless this pass takes no shortcut. */
function needsWork(pass: Pass, { source, target, state, change }: MadeFolder): boolean {
  if (!state?.cursor || state.dirtySince || change !== 'none' || isThoroughPass(pass, state)) return true
  if (haveRulesChanged(pass, state)) return true
  const { status } = source
  if (!status || status.highestModseq === null || status.highestModseq !== state.cursor.modseq) return true
  if (status.uidValidity !== state.cursor.uidValidity || status.uidNext !== state.cursor.uidDone + 1) return true
  return source.name !== state.source.name || target.name !== state.target.name || wasTouched(state, target)
}

const isThoroughPass = (pass: Pass, state: FolderState): boolean =>
  pass.pass === 'final' || (state.passes + state.idlePasses + 1) % thoroughEvery === 0

/** The target's own user, or other mail, was there since. Flags do not matter: they are never read back. */
function wasTouched(state: FolderState, target: Folder): boolean {
  const { targetSeen } = state
  const { status } = target
  return targetSeen?.messages !== status?.messages || targetSeen?.uidNext !== status?.uidNext
}

async function intend(pass: Pass, folders: readonly MadeFolder[]): Promise<OpenFolder[]> {
  if (folders.length === 0) return []
  const intents = folders.map((folder) => ({
    id: folder.state?.id ?? null,
    source: sourceIdentity(folder),
    target: keepsTarget(folder) && folder.state ? folder.state.target : identityOf(folder.target),
    dirtySince: markOf(keepsTarget(folder) && folder.state ? folder.state.target : folder.target.status),
  }))
  const states = await pass.store.intend(pass.fence, pass.pair, intents)
  return await Promise.all(
    folders.map(async ({ source, target, state: before }, at) => {
      const state = states[at]
      if (!state) throw new Error(`The store gave no state for the folder ${source.name}`)
      return {
        source,
        target,
        state,
        mark: state.dirtySince ?? markOf(target.status),
        wasDirty: before?.dirtySince != null,
        isThorough: isThoroughPass(pass, state) || wasTouched(state, target),
        ledger: before ? await pass.store.ledger(state.id) : new FolderLedger(),
      }
    }),
  )
}

/** An identity that was renumbered is kept until the ledger has followed it. */
const sourceIdentity = ({ source, state }: MadeFolder): FolderIdentity =>
  state && source.status?.uidValidity !== state.source.uidValidity ? state.source : identityOf(source)

const keepsTarget = ({ change }: MadeFolder): boolean => change === 'targetRenumbered' || change === 'targetRemoved'

const markOf = (place: { readonly uidValidity: number; readonly uidNext: number } | null): Mark => ({
  uidValidity: place?.uidValidity ?? 0,
  uidNext: place?.uidNext ?? 1,
})

function partition<T>(list: readonly T[], fits: (item: T) => boolean): readonly [T[], T[]] {
  return [list.filter(fits), list.filter((item) => !fits(item))]
}
