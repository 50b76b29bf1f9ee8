import type { Folder, Uid } from '../../domain/mail.ts'
import type { FlagChange } from '../connector.ts'
import { type FlagRules, flagRules, writableFlags } from './codec/flags.ts'
import type { ResponseCode } from './codec/status-line.ts'
import { ascending, expandUidSet, formatUidSets, parseUidSet } from './codec/uid-set.ts'
import { shown } from './faults.ts'
import { opened } from './fetching.ts'
import type { Session } from './session.ts'

/** Which flags a folder keeps. SELECT, since EXAMINE shows no permanent flags (RFC 3501, section 6.3.2). */
export async function askFlagRules(session: Session, folder: Folder): Promise<FlagRules> {
  const opening = session.openFolder(folder, 'SELECT', true)
  session.leaveFolder()
  await opening.done
  return flagRules(opening.permanentFlags, opening.applicableFlags)
}

/** Adds and removes flags, never replaces them. Changes that are alike go together, all in one flight. */
export async function changeFlags(session: Session, folder: Folder, changes: readonly FlagChange[]): Promise<void> {
  if (changes.length === 0) return
  const opening = session.openFolder(folder, 'SELECT')
  await opened(opening, folder)
  const rules = flagRules(opening.permanentFlags, opening.applicableFlags)
  const action = `Cannot change flags in the folder ${shown(folder.path)}`
  await Promise.all(storeCommands(changes, rules).map((command) => session.ask([command], 'other', action)))
}

function storeCommands(changes: readonly FlagChange[], rules: FlagRules): readonly string[] {
  const stores = new Map<string, Uid[]>()
  const put = (sign: '+' | '-', flags: readonly string[], uids: readonly Uid[]): void => {
    const written = writableFlags(flags, rules).toSorted().join(' ')
    if (written === '') return
    const store = `${sign}FLAGS.SILENT (${written})`
    stores.set(store, [...(stores.get(store) ?? []), ...uids])
  }
  for (const { uids, add, remove } of changes) {
    put('+', add, uids)
    put('-', remove, uids)
  }
  return [...stores].flatMap(([store, uids]) =>
    formatUidSets(ascending(uids)).map((set) => `UID STORE ${set} ${store}`),
  )
}

/** RFC 6851. Tells the new UID of each message that was moved, null where the server does not say it. */
export async function moveMessages(
  session: Session,
  folder: Folder,
  uids: readonly Uid[],
  to: Folder,
): Promise<ReadonlyMap<Uid, Uid | null>> {
  await opened(session.openFolder(folder, 'SELECT'), folder)
  const codes: ResponseCode[] = []
  const action = `Cannot move messages from ${shown(folder.path)} to ${shown(to.path)}`
  for (const set of formatUidSets(ascending(uids))) {
    const parts = [`UID MOVE ${set} `, session.folderArgument(to.name)]
    const { code } = await session.ask(parts, 'folder', action, {
      // Section 4.3: COPYUID comes in an untagged OK, before the messages go.
      onUntagged({ status }) {
        const isTold = status?.code?.name === 'COPYUID'
        if (isTold && status.code) codes.push(status.code)
        return isTold
      },
    })
    if (code) codes.push(code)
  }
  const told = codes.flatMap(copiedUids)
  return new Map(session.has('UIDPLUS') ? told : uids.map((uid) => [uid, null] as const))
}

/** Both sets are in the same order (RFC 4315, section 3). */
function copiedUids({ name, data }: ResponseCode): readonly (readonly [Uid, Uid | null])[] {
  const [, from, to] = /^\d+ ([\d:,]+) ([\d:,]+)$/.exec(name === 'COPYUID' ? data : '') ?? []
  if (from === undefined || to === undefined) return []
  const [sources, targets] = [from, to].map((set) => expandUidSet(parseUidSet(set), copiesMax))
  return (sources ?? []).map((uid, at) => [uid, targets?.[at] ?? null])
}

const copiesMax = 1_000_000
