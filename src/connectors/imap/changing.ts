import type { Folder, Uid } from '../../domain/mail.ts'
import type { FlagChange } from '../connector.ts'
import { type FlagRules, flagRules, writableFlags } from './codec/flags.ts'
import type { ResponseCode } from './codec/status-line.ts'
import { ascending, expandUidSet, formatUidSets, parseUidSet } from './codec/uid-set.ts'
import { shown } from './faults.ts'
import { opened } from './fetching.ts'
import type { Opening } from './opening.ts'
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
  const action = `Cannot change flags in the folder ${shown(folder.path)}`
  await inSelected(session, folder, ({ permanentFlags, applicableFlags }) => {
    const commands = storeCommands(changes, flagRules(permanentFlags, applicableFlags))
    return Promise.all(commands.map((command) => session.ask([command], 'other', action)))
  })
}

/** Behind whom the next change of a session comes. */
const lastChange = new WeakMap<Session, Promise<unknown>>()

/**
 * Opens a folder to change what is in it. `write` is called as long as it is the open one for sure: what it sends at once
 * is for this folder, whoever opens another one meanwhile. One change opens its folder when the one before has been sent:
 * else two would take the session from each other for ever.
 */
async function inSelected<T>(session: Session, folder: Folder, write: (opening: Opening) => Promise<T>): Promise<T> {
  const sent = sendBehind(lastChange.get(session), session, folder, write)
  lastChange.set(
    session,
    sent.catch(() => null),
  )
  return (await sent).answer
}

async function sendBehind<T>(
  before: Promise<unknown> | undefined,
  session: Session,
  folder: Folder,
  write: (opening: Opening) => Promise<T>,
): Promise<{ readonly answer: Promise<T> }> {
  await before
  let opening = session.openFolder(folder, 'SELECT')
  for (;;) {
    await opened(opening, folder)
    const current = session.openFolder(folder, 'SELECT')
    if (current === opening) return { answer: write(opening) }
    opening = current
  }
}

function storeCommands(changes: readonly FlagChange[], rules: FlagRules): readonly string[] {
  const stores = new Map<string, Uid[]>()
  const put = (sign: '+' | '-', flags: readonly string[], uids: readonly Uid[]): void => {
    const written = writableFlags(flags, rules).toSorted().join(' ')
    if (written === '') return
    const store = `${sign}FLAGS.SILENT (${written})`
    const known = stores.get(store) ?? []
    for (const uid of uids) known.push(uid)
    stores.set(store, known)
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
  const codes: ResponseCode[] = []
  const action = `Cannot move messages from ${shown(folder.path)} to ${shown(to.path)}`
  const answers = await inSelected(session, folder, () =>
    Promise.all(
      formatUidSets(ascending(uids)).map((set) => {
        const parts = [`UID MOVE ${set} `, session.folderArgument(to.name)]
        return session.ask(parts, 'folder', action, {
          // Section 4.3: COPYUID comes in an untagged OK, before the messages go.
          onUntagged({ status }) {
            const isTold = status?.code?.name === 'COPYUID'
            if (isTold && status.code) codes.push(status.code)
            return isTold
          },
        })
      }),
    ),
  )
  const told = [...codes, ...answers.flatMap(({ code }) => code ?? [])].flatMap(copiedUids)
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
