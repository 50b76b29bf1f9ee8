import { type Command, type CommandTable, selectedOnly, signedIn } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import type { Folder } from '../folder.ts'
import { mailbox, sequenceSet } from '../grammar.ts'
import { bad } from '../refusal.ts'
import type { Selected } from '../selected.ts'
import { resolveSet, type SequenceSet, setHas } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { account, selected } from './account.ts'
import { expungeDeleted } from './expunge.ts'

export const selectCommands: CommandTable = {
  SELECT: selectCommand(false),
  EXAMINE: selectCommand(true),
  UNSELECT: {
    states: selectedOnly,
    extension: 'UNSELECT',
    parse(cursor, session) {
      cursor.end()
      return () => {
        session.unselect()
        return 'Unselected'
      }
    },
  },
  CLOSE: {
    states: selectedOnly,
    parse(cursor, session) {
      cursor.end()
      return () => {
        // In silence, and nothing at all where the folder was examined (RFC 3501, section 6.4.2).
        if (!selected(session).isReadOnly) expungeDeleted(session)
        session.unselect()
        return 'Closed'
      }
    },
  },
}

interface Resync {
  readonly uidValidity: number
  readonly modseq: number
  readonly knownUids: SequenceSet | null
}

interface Parameters {
  readonly isCondstore: boolean
  readonly resync: Resync | null
}

function selectCommand(isReadOnly: boolean): Command {
  return {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      const parameters = cursor.skips(' ') ? selectParameters(cursor, session) : null
      cursor.end()
      return () => {
        // The old folder is closed even where the new one cannot be opened (RFC 3501, section 6.3.1).
        const hadOne = session.selected !== null
        session.unselect()
        if (hadOne && session.enabled.has('QRESYNC')) session.untagged('OK [CLOSED] Previous mailbox closed')
        const folder = account(session).demand(name)
        if (parameters?.isCondstore) session.enabled.add('CONDSTORE')
        const opened = session.select(folder, isReadOnly)
        tellFolder(session, opened)
        if (parameters?.resync) tellResync(session, opened, parameters.resync)
        return isReadOnly ? '[READ-ONLY] Examined' : '[READ-WRITE] Selected'
      }
    },
  }
}

function selectParameters(cursor: Cursor, session: Session): Parameters {
  if (!session.has('CONDSTORE')) throw bad('SELECT takes no parameters here')
  cursor.expect('(')
  const parameters = { isCondstore: false, resync: null as Resync | null }
  do {
    const name = cursor.keyword('a SELECT parameter')
    if (name === 'CONDSTORE') parameters.isCondstore = true
    else if (name === 'QRESYNC') parameters.resync = resyncParameter(cursor, session)
    else throw bad(`Unknown SELECT parameter ${name}`)
  } while (cursor.skips(' '))
  cursor.expect(')')
  return parameters
}

/** RFC 7162, section 3.2.5: `(uidvalidity modseq [known-uids] [(seq-set uid-set)])`. */
function resyncParameter(cursor: Cursor, session: Session): Resync {
  if (!session.enabled.has('QRESYNC')) throw bad('QRESYNC is not enabled')
  cursor.expect(' (')
  const uidValidity = cursor.number()
  cursor.space()
  const modseq = cursor.modseq()
  let knownUids: SequenceSet | null = null
  while (cursor.skips(' ')) {
    if (cursor.isBefore('(')) seqMatchData(cursor)
    else knownUids = sequenceSet(cursor)
  }
  cursor.expect(')')
  return { uidValidity, modseq, knownUids }
}

/** A hint for servers that forget what was expunged; ours never does, so it is only read. */
function seqMatchData(cursor: Cursor): void {
  cursor.expect('(')
  sequenceSet(cursor)
  cursor.space()
  sequenceSet(cursor)
  cursor.expect(')')
}

function tellFolder(session: Session, opened: Selected): void {
  const { folder, messages, recentCount } = opened
  session.tellFlagNames(opened)
  session.untagged(`${messages.length} EXISTS`)
  session.untagged(`${recentCount} RECENT`)
  const unseen = messages.findIndex(({ flags: set }) => !set.has('\\Seen'))
  if (unseen >= 0) session.untagged(`OK [UNSEEN ${unseen + 1}] First unseen`)
  session.untagged(`OK [UIDVALIDITY ${folder.uidValidity}] UIDs valid`)
  session.untagged(`OK [UIDNEXT ${folder.uidNext}] Predicted next UID`)
  tellIds(session, folder)
}

function tellIds(session: Session, folder: Folder): void {
  if (session.has('CONDSTORE')) session.untagged(`OK [HIGHESTMODSEQ ${folder.highestModseq}] Highest`)
  if (session.has('OBJECTID')) session.untagged(`OK [MAILBOXID (${folder.id})] Id`)
}

/** What changed since the client was last here, if it knows this very folder (RFC 7162, section 3.2.5.1). */
function tellResync(session: Session, opened: Selected, { uidValidity, modseq, knownUids }: Resync): void {
  if (uidValidity !== opened.uidValidity) return
  const known = resolveSet(knownUids ?? [[1, Number.POSITIVE_INFINITY]], opened.folder.uidNext - 1)
  const vanished = opened.vanishedSince(modseq, (uid) => setHas(known, uid))
  if (vanished !== '') session.untagged(`VANISHED (EARLIER) ${vanished}`)
  for (const [index, message] of opened.messages.entries()) {
    if (message.modseq > modseq && setHas(known, message.uid)) session.tellFlags(index + 1, message)
  }
}
