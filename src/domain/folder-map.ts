import type { CopyRules, FolderRename } from './batch-settings.ts'
import { foldersByRole } from './folder-role.ts'
import type { Folder, SpecialUse } from './mail.ts'
import type { FolderIdentity, FolderState } from './sync-state.ts'

/** What the names of a target can hold. */
export interface NameRules {
  /** What separates the levels of a name, and so cannot stand inside one; null where there are no levels. */
  readonly delimiter: string | null
  /** A name is the same folder whatever its case; the inbox aside, which always is (RFC 9051, section 5.1). */
  readonly ignoresCase: boolean
}

/** Names that the target can hold, and where the admin wants folders to go. */
export interface MapRules extends NameRules {
  readonly placement?: Pick<CopyRules, 'targetRoot' | 'folderRenames' | 'mapsSpecialUse'>
}

/** Where the mail of one source folder goes. */
export interface MappedFolder {
  readonly source: Folder
  readonly state: FolderState | null
  /** The folder at the target, or null where it has to be made at `targetPath`. */
  readonly target: Folder | null
  readonly targetPath: readonly string[]
  readonly change: FolderChange
}

/**
 * What happened to a known folder since the last pass.
 * renamed: at the source. renumbered: at the source, by a new UIDVALIDITY. targetRenumbered, targetRemoved: at the target.
 * A folder renamed at the target is just found again.
 */
export type FolderChange = 'none' | 'renamed' | 'renumbered' | 'targetRenumbered' | 'targetRemoved'

export interface FolderMap {
  readonly folders: readonly MappedFolder[]
  /** Known folders that the source has no longer: their mail has vanished. */
  readonly lost: readonly FolderState[]
}

/**
 * Pairs the source's folders with the target's: known ones by their identity, which survives a rename, new ones by
 * role, then by name. No two source folders share a target folder: the later one gets a name with a number behind it.
 */
export function mapFolders(
  sources: readonly Folder[],
  targets: readonly Folder[],
  states: readonly FolderState[],
  rules: MapRules,
): FolderMap {
  const selectable = sources.filter((folder) => folder.isSelectable)
  const known = matchStates(selectable, states)
  const taken = new Set<string>()
  const inOrder = [...selectable].sort((a, b) => Number(known.has(b)) - Number(known.has(a)) || byPath(a, b))
  const guess = newFolderGuess(selectable, targets, rules)
  const index = indexTargets(targets, states)
  const folders = inOrder.map((source) => {
    const match = known.get(source)
    const mapped = match ? mapKnown(source, match, index) : mapNew(source, targets, rules, guess)
    return claim(mapped, taken, index, rules)
  })
  const kept = new Set([...known.values()].map((match) => match.state.id))
  return { folders, lost: states.filter((state) => !kept.has(state.id)) }
}

interface StateMatch {
  readonly state: FolderState
  readonly change: 'none' | 'renamed' | 'renumbered'
}

function matchStates(folders: readonly Folder[], states: readonly FolderState[]): ReadonlyMap<Folder, StateMatch> {
  const found = new Map<Folder, StateMatch>()
  const open = new Set(states)
  const match = (change: StateMatch['change'], key: (of: Folder | FolderIdentity) => string, mustBeSame: boolean) => {
    const here = groupBy(
      folders.filter((folder) => !found.has(folder)),
      key,
    )
    for (const [name, group] of groupBy([...open], (state) => key(state.source))) {
      const [folder, rival] = here.get(name) ?? []
      const [state, other] = group
      // An identity that two share (a server that gives every folder one UIDVALIDITY) identifies nothing.
      if (!folder || rival || !state || other || (mustBeSame && !isSame(folder, state.source))) continue
      found.set(folder, { state, change })
      open.delete(state)
    }
  }
  match('none', nameOf, true)
  match('renamed', identityKey, true)
  match('renumbered', nameOf, false)
  return found
}

const nameOf = (of: Folder | FolderIdentity): string => of.name

const uidValidityOf = (of: Folder | FolderIdentity): number | null =>
  'uidValidity' in of ? of.uidValidity : (of.status?.uidValidity ?? null)

const identityKey = (of: Folder | FolderIdentity): string => of.id ?? `v${uidValidityOf(of)}`

function groupBy<T>(list: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

/** The same folder, whatever its name: MAILBOXID, else UIDVALIDITY with a UIDNEXT that did not fall. */
function isSame(folder: Folder, identity: FolderIdentity): boolean {
  if (folder.status?.uidValidity !== identity.uidValidity) return false
  if (folder.id !== null && identity.id !== null) return folder.id === identity.id
  return folder.status.uidNext >= identity.uidNext
}

export interface TargetIndex {
  readonly byName: ReadonlyMap<string, Folder[]>
  readonly byIdentity: ReadonlyMap<string, Folder[]>
}

/** Target folders by name and by what they are, for known folders to be found among. */
export function indexTargets(targets: readonly Folder[], states: readonly FolderState[]): TargetIndex {
  const selectable = targets.filter((folder) => folder.isSelectable)
  const byName = groupBy(selectable, nameOf)
  const inPlace = new Set(states.map((state) => byName.get(state.target.name)?.find((f) => isSame(f, state.target))))
  return {
    byName,
    byIdentity: groupBy(
      selectable.filter((folder) => !inPlace.has(folder)),
      identityKey,
    ),
  }
}

function mapKnown(source: Folder, match: StateMatch, targets: TargetIndex): MappedFolder {
  const { state, change } = match
  const found = findTarget(state.target, targets)
  const targetPath = found.target?.path ?? state.target.path
  return { source, state, target: found.target, targetPath, change: found.change ?? change }
}

/** The folder that a state speaks of, under whatever name it goes now. */
export function findTarget(
  identity: FolderIdentity,
  targets: TargetIndex,
): { readonly target: Folder | null; readonly change: FolderChange | null } {
  const named = targets.byName.get(identity.name)?.[0]
  if (named && isSame(named, identity)) return { target: named, change: null }
  const [moved, rival] = (targets.byIdentity.get(identityKey(identity)) ?? []).filter((f) => isSame(f, identity))
  if (moved && !rival) return { target: moved, change: null }
  return named ? { target: named, change: 'targetRenumbered' } : { target: null, change: 'targetRemoved' }
}

type Guess = (source: Folder) => Folder | null

function newFolderGuess(sources: readonly Folder[], targets: readonly Folder[], rules: MapRules): Guess {
  const sourceRoles = invert(foldersByRole(sources))
  const targetRoles = foldersByRole(targets)
  const byName = new Map(targets.filter((folder) => folder.isSelectable).map((f) => [nameKey(f.path, rules), f]))
  return (source) => {
    const named = byName.get(nameKey(targetPathOf(source, rules), rules)) ?? null
    const role = isPlaced(source, rules) ? undefined : sourceRoles.get(source)
    const marked = role ? targetRoles.get(role) : undefined
    if (!marked?.isSelectable) return named
    // An attribute outranks a name; a name of the table never outranks the very same name.
    return marked.specialUse !== null && source.specialUse !== null ? marked : (named ?? marked)
  }
}

const invert = (roles: ReadonlyMap<SpecialUse, Folder>): ReadonlyMap<Folder, SpecialUse> =>
  new Map([...roles].map(([role, folder]) => [folder, role]))

function mapNew(source: Folder, targets: readonly Folder[], rules: MapRules, guess: Guess): MappedFolder {
  const target = isInbox(targetPathOf(source, rules)) ? (targets.find((f) => isInbox(f.path)) ?? null) : guess(source)
  return { source, state: null, target, targetPath: target?.path ?? targetPathOf(source, rules), change: 'none' }
}

function claim(mapped: MappedFolder, taken: Set<string>, targets: TargetIndex, rules: MapRules): MappedFolder {
  const isTaken = (path: readonly string[]): boolean => taken.has(nameKey(path, rules))
  const free = isTaken(mapped.targetPath) ? numbered(mapped, isTaken, targets, rules) : mapped
  taken.add(nameKey(free.targetPath, rules))
  return free
}

/** Two folders have one name at the target: the later one becomes "Name (2)", so that its mail is not lost. */
function numbered(
  mapped: MappedFolder,
  isTaken: (path: readonly string[]) => boolean,
  targets: TargetIndex,
  rules: MapRules,
): MappedFolder {
  const own = targetPathOf(mapped.source, rules)
  const path = (number: number): readonly string[] => [...own.slice(0, -1), `${own.at(-1)} (${number})`]
  let number = 2
  if (isTaken(own)) while (isTaken(path(number))) number += 1
  const targetPath = isTaken(own) ? path(number) : own
  const key = nameKey(targetPath, rules)
  const there = [...targets.byName.values()].flat().find((folder) => nameKey(folder.path, rules) === key)
  return { ...mapped, target: there ?? null, targetPath }
}

/** The path under which a folder is made at the target: a separator inside a name becomes an underscore. */
export function targetPathOf(source: Pick<Folder, 'path'>, rules: MapRules): readonly string[] {
  const path = placed(source.path, rules)
  if (isInbox(path)) return ['INBOX']
  const { delimiter } = rules
  if (delimiter === null) return [path.join('_')]
  return path.map((segment) => segment.replaceAll(delimiter, '_'))
}

/** Where the admin wants it: renamed by the longest rule that names it or one above it, below the root of all. */
function placed(path: readonly string[], { placement }: MapRules): readonly string[] {
  if (!placement) return path
  const rename = renameOf(path, placement.folderRenames)
  return [...placement.targetRoot, ...(rename ? [...rename.to, ...path.slice(rename.from.length)] : path)]
}

function renameOf(path: readonly string[], renames: readonly FolderRename[]): FolderRename | undefined {
  const fits = ({ from }: FolderRename): boolean =>
    from.length <= path.length && from.every((segment, at) => sameSegment(segment, path[at] ?? ''))
  return renames.filter(fits).sort((a, b) => b.from.length - a.from.length)[0]
}

const sameSegment = (a: string, b: string): boolean =>
  a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

/** A place that the admin chose is not guessed any more, nor where roles do not count. */
const isPlaced = ({ path }: Folder, { placement }: MapRules): boolean =>
  placement !== undefined &&
  (!placement.mapsSpecialUse ||
    placement.targetRoot.length > 0 ||
    renameOf(path, placement.folderRenames) !== undefined)

export const isInbox = (path: readonly string[]): boolean => path.length === 1 && path[0]?.toUpperCase() === 'INBOX'

/** Two paths with one key are one folder at the target. */
export function nameKey(path: readonly string[], rules: NameRules): string {
  const [first = '', ...rest] = path.map((segment) => segment.normalize('NFC'))
  const root = first.toUpperCase() === 'INBOX' ? 'INBOX' : first
  const key = [root, ...rest].join('\u0000')
  return rules.ignoresCase ? key.toLowerCase() : key
}

const byPath = (a: Folder, b: Folder): number => a.path.length - b.path.length || (a.name < b.name ? -1 : 1)
