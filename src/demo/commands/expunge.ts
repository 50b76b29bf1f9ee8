import { type CommandTable, selectedOnly } from '../command.ts'
import { sequenceSet } from '../grammar.ts'
import { no } from '../refusal.ts'
import { resolveSet, type SequenceSet, setHas } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { selected } from './account.ts'

export const expungeCommands: CommandTable = {
  EXPUNGE: {
    states: selectedOnly,
    parse(cursor, session) {
      cursor.end()
      return () => expunge(session, null)
    },
  },
  'UID EXPUNGE': {
    states: selectedOnly,
    extension: 'UIDPLUS',
    parse(cursor, session) {
      cursor.space()
      const uids = sequenceSet(cursor)
      cursor.end()
      return () => expunge(session, uids)
    },
  },
}

function expunge(session: Session, uids: SequenceSet | null): string {
  const { folder, isReadOnly } = selected(session)
  if (isReadOnly) throw no('[READ-ONLY] Mailbox is read-only')
  const hasExpunged = expungeDeleted(session, uids)
  const isModseqTold = hasExpunged && session.enabled.has('QRESYNC')
  // RFC 7162, section 3.2.8.
  return isModseqTold ? `[HIGHESTMODSEQ ${folder.highestModseq}] Expunged` : 'Expunged'
}

/** Removes what carries \Deleted, of `uids` or of all; tells whether there was any. */
export function expungeDeleted(session: Session, uids: SequenceSet | null = null): boolean {
  const { folder, messages } = selected(session)
  const range = resolveSet(uids ?? [[1, Number.POSITIVE_INFINITY]], messages.at(-1)?.uid ?? 0)
  const deleted = messages.filter(({ uid, flags }) => flags.has('\\Deleted') && setHas(range, uid))
  return folder.expunge(deleted).length > 0
}
