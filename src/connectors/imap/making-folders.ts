import { Fault, isFault } from '../../domain/fault.ts'
import type { Folder } from '../../domain/mail.ts'
import type { NewFolder } from '../connector.ts'
import { isInboxName, type Layout, nameOf } from './codec/folder-names.ts'
import type { Tagged } from './exchange.ts'
import { refusalFault, shown } from './faults.ts'
import type { Folders } from './folders.ts'
import type { Session } from './session.ts'

/** A folder to make, by its name on the wire; null where it cannot have one. */
interface Wanted extends NewFolder {
  readonly name: string | null
}

/** Makes what is missing, all in one flight; tells each as it then is, or the fault that refused it. */
export async function ensureFolders(
  session: Session,
  folders: Folders,
  wanted: readonly NewFolder[],
): Promise<readonly (Folder | Fault)[]> {
  if (wanted.length === 0) return []
  const layout = await folders.layout()
  const named = wanted.map((folder) => ({ ...folder, name: nameOf(folder.path, layout) }))
  const names = named.flatMap(({ name }) => (name === null || isInboxName(name) ? [] : [name])).sort(byDepth(layout))
  const flight = [create(session, names), subscribe(session, named), folders.list()] as const
  await Promise.allSettled(flight)
  const [refusals, , listed] = await Promise.all(flight)
  const isHelped = await helpParents(session, named, refusals, layout)
  const made = new Map((isHelped ? await folders.list() : listed).map((folder) => [keyOf(folder.name), folder]))
  return Promise.all(named.map((folder) => result(session, folders, folder, made, refusals)))
}

/**
 * Servers make the levels above by themselves, mostly (RFC 3501, section 6.3.3); for others they are made first, and what
 * they refused is asked for again. True when that was needed.
 */
async function helpParents(
  session: Session,
  wanted: readonly Wanted[],
  refusals: Map<string, Tagged>,
  layout: Layout,
): Promise<boolean> {
  const failed = [...refusals.keys()].filter((name) => isHelpless(refusals.get(name)))
  const parents = new Set(failed.flatMap((name) => parentsOf(name, layout)))
  if (parents.size === 0) return false
  await create(session, [...parents].sort(byDepth(layout)))
  const again = await create(session, failed)
  for (const [name, tagged] of again) refusals.set(name, tagged)
  await subscribe(
    session,
    wanted.filter(({ name }) => name !== null && failed.includes(name)),
  )
  return true
}

async function subscribe(session: Session, wanted: readonly Wanted[]): Promise<void> {
  const names = wanted.filter(({ isSubscribed }) => isSubscribed).flatMap(({ name }) => name ?? [])
  await Promise.all(names.map((name) => session.wire.command(['SUBSCRIBE ', session.folderArgument(name)])))
}

/** The answers of those that were refused, by name. */
async function create(session: Session, names: readonly string[]): Promise<Map<string, Tagged>> {
  const answers = await Promise.all(
    names.map((name) => session.wire.command(['CREATE ', session.folderArgument(name)])),
  )
  return new Map(names.flatMap((name, at) => (answers[at]?.status === 'OK' ? [] : [[name, answers[at]!] as const])))
}

const byDepth =
  ({ delimiter }: Layout) =>
  (a: string, b: string): number =>
    delimiter === null ? 0 : a.split(delimiter).length - b.split(delimiter).length

const isHelpless = (tagged: Tagged | undefined): boolean =>
  tagged !== undefined && !['ALREADYEXISTS', 'OVERQUOTA', 'NOPERM', 'LIMIT'].includes(tagged.code?.name ?? '')

function parentsOf(name: string, { delimiter, prefix }: Layout): readonly string[] {
  if (delimiter === null) return []
  const levels = name.slice(prefix.length).split(delimiter)
  return levels.slice(1).map((_, at) => prefix + levels.slice(0, at + 1).join(delimiter))
}

async function result(
  session: Session,
  folders: Folders,
  { path, name, isSubscribed }: Wanted,
  made: ReadonlyMap<string, Folder>,
  refusals: ReadonlyMap<string, Tagged>,
): Promise<Folder | Fault> {
  const action = `Cannot make the folder ${shown(path)}`
  const { side } = session.peer
  if (name === null) return new Fault('folder.refused', `${action}: the target has no such names`, { side })
  const folder = made.get(keyOf(name))
  if (folder?.isSelectable) return folder
  const tagged = refusals.get(name)
  if (folder) return new Fault('folder.refused', `${action}: it holds folders, no mail`, { side })
  const twin = [...made.keys()].find((other) => other.toLowerCase() === name.toLowerCase())
  if (twin !== undefined) return new Fault('folder.refused', `${action}: there is a "${twin}" already`, { side })
  if (tagged) return refusalFault(session.peer, 'folder', action, tagged)
  // The server wrote the name otherwise than it was given.
  return folders.one(name, isSubscribed).catch((error: unknown) => {
    if (isFault(error)) return error
    throw error
  })
}

const keyOf = (name: string): string => (isInboxName(name) ? 'INBOX' : name)

/** Gives a folder another name; those below it follow. */
export async function renameFolder(
  session: Session,
  folders: Folders,
  folder: Folder,
  path: readonly string[],
): Promise<Folder> {
  const action = `Cannot rename the folder ${shown(folder.path)} to ${shown(path)}`
  const name = nameOf(path, await folders.layout())
  if (name === null)
    throw new Fault('folder.refused', `${action}: the target has no such names`, { side: session.peer.side })
  session.leaveFolder()
  const parts = ['RENAME ', session.folderArgument(folder.name), ' ', session.folderArgument(name)]
  await session.ask(parts, 'folder', action)
  if (folder.isSubscribed) {
    const subscribe = session.wire.command(['SUBSCRIBE ', session.folderArgument(name)])
    const unsubscribe = session.wire.command(['UNSUBSCRIBE ', session.folderArgument(folder.name)])
    await Promise.all([subscribe, unsubscribe])
  }
  return { ...(await folders.one(name, folder.isSubscribed)), specialUse: folder.specialUse }
}
