import { type Command, type CommandTable, selectedOnly } from '../command.ts'
import type { Message } from '../folder.ts'
import { mailbox, sequenceSet } from '../grammar.ts'
import { bad, no } from '../refusal.ts'
import { formatSet, type SequenceSet } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { account, selected } from './account.ts'

export const copyCommands: CommandTable = {
  COPY: copyCommand(false, copy),
  'UID COPY': copyCommand(true, copy),
  MOVE: { ...copyCommand(false, move), extension: 'MOVE' },
  'UID MOVE': { ...copyCommand(true, move), extension: 'MOVE' },
}

function copyCommand(
  isUid: boolean,
  run: (session: Session, chosen: readonly Message[], to: string) => string,
): Command {
  return {
    states: selectedOnly,
    *parse(cursor, session) {
      cursor.space()
      const set = sequenceSet(cursor)
      cursor.space()
      const to = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.end()
      return () => run(session, choose(session, set, isUid), to)
    },
  }
}

function choose(session: Session, set: SequenceSet, isUid: boolean): readonly Message[] {
  const view = selected(session)
  const chosen = view.choose(set, isUid)
  if (!chosen) throw bad('Message number beyond the end')
  const there = chosen.filter((message) => view.folder.holds(message))
  // RFC 5530: a message number whose message is gone; a UID that is gone is passed over.
  if (!isUid && there.length < chosen.length) throw no('[EXPUNGEISSUED] Some messages were expunged')
  return there
}

function copy(session: Session, chosen: readonly Message[], to: string): string {
  demandRoom(session, chosen)
  const code = copyAll(session, chosen, to)
  return code === '' ? 'Copied' : `${code} Copied`
}

/** RFC 6851, section 4.3: COPYUID comes untagged, before the EXPUNGE responses. */
function move(session: Session, chosen: readonly Message[], to: string): string {
  const { folder, isReadOnly } = selected(session)
  if (isReadOnly) throw no('[READ-ONLY] Mailbox is read-only')
  const code = copyAll(session, chosen, to)
  if (code !== '') session.untagged(`OK ${code} Moved`)
  folder.expunge(chosen)
  return session.enabled.has('QRESYNC') ? `[HIGHESTMODSEQ ${folder.highestModseq}] Moved` : 'Moved'
}

/** All or none (RFC 3501, section 6.4.7); the answer is a COPYUID code, or nothing. */
function copyAll(session: Session, chosen: readonly Message[], to: string): string {
  const folder = account(session).demand(to, 'TRYCREATE')
  if (chosen.length === 0) return ''
  const added = folder.deliver(chosen)
  if (!session.has('UIDPLUS')) return ''
  const [from, into] = [chosen, added].map((messages) => formatSet(messages.map(({ uid }) => uid)))
  return `[COPYUID ${folder.uidValidity} ${from} ${into}]`
}

function demandRoom(session: Session, chosen: readonly Message[]): void {
  const { quotaBytesMax, usedBytes } = account(session)
  const bytes = chosen.reduce((sum, { body }) => sum + body.sizeBytes, 0)
  if (quotaBytesMax !== null && usedBytes + bytes > quotaBytesMax) throw no('[OVERQUOTA] Quota exceeded')
}
