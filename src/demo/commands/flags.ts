import { type Command, type CommandTable, selectedOnly } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import type { FlagChange } from '../flags.ts'
import type { Message } from '../folder.ts'
import { flag, flagList, sequenceSet } from '../grammar.ts'
import { keptFlags } from '../permanent-flags.ts'
import { bad, no } from '../refusal.ts'
import { formatSet, type SequenceSet } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { selected } from './account.ts'

export const flagCommands: CommandTable = { STORE: storeCommand(false), 'UID STORE': storeCommand(true) }

interface Store {
  readonly set: SequenceSet
  readonly isUid: boolean
  readonly unchangedSince: number | null
  readonly change: FlagChange
  readonly isSilent: boolean
  readonly flags: readonly string[]
}

function storeCommand(isUid: boolean): Command {
  return {
    states: selectedOnly,
    mayExpunge: isUid,
    parse(cursor, session) {
      cursor.space()
      const set = sequenceSet(cursor)
      cursor.space()
      const unchangedSince = cursor.isBefore('(') ? unchangedSinceModifier(cursor, session) : null
      const { change, isSilent } = storeItem(cursor)
      cursor.space()
      const flags = cursor.isBefore('(') ? flagList(cursor) : bareFlags(cursor)
      cursor.end()
      return () => store(session, { set, isUid, unchangedSince, change, isSilent, flags })
    },
  }
}

/** RFC 7162, section 3.1.3: `(UNCHANGEDSINCE modseq) `. */
function unchangedSinceModifier(cursor: Cursor, session: Session): number {
  if (!session.has('CONDSTORE')) throw bad('CONDSTORE is not offered')
  cursor.expect('(')
  if (cursor.keyword() !== 'UNCHANGEDSINCE') throw bad('Unknown STORE modifier')
  cursor.space()
  const modseq = cursor.modseq()
  cursor.expect(') ')
  session.enabled.add('CONDSTORE')
  return modseq
}

const changes: Readonly<Record<string, FlagChange>> = { '': 'set', '+': 'add', '-': 'remove' }

function storeItem(cursor: Cursor): { change: FlagChange; isSilent: boolean } {
  const [item, sign = '', silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(cursor.atom('FLAGS')) ?? []
  if (item === undefined) throw bad('Expected FLAGS')
  return { change: changes[sign] ?? 'set', isSilent: silent !== undefined }
}

/** Without parentheses at least one flag is needed (RFC 3501, section 9, store-att-flags). */
function bareFlags(cursor: Cursor): readonly string[] {
  const flags = [flag(cursor)]
  while (cursor.skips(' ')) flags.push(flag(cursor))
  return flags
}

function store(session: Session, { set, isUid, unchangedSince, change, isSilent, flags }: Store): string {
  const view = selected(session)
  if (view.isReadOnly) throw no('[READ-ONLY] Mailbox is read-only')
  const chosen = view.choose(set, isUid)
  if (!chosen) throw bad('Message number beyond the end')
  const there = chosen.filter((message) => view.folder.holds(message))
  const isStale = ({ modseq }: Message) => unchangedSince !== null && modseq > unchangedSince
  const stale = there.filter(isStale).map(({ uid }) => (isUid ? uid : view.seqOf(uid)))
  const meant = there.filter((message) => !isStale(message))
  const changed = view.folder.changeFlags(meant, change, keptFlags(session, flags))
  view.told(changed)
  // Told even in silence where mod-sequences matter (RFC 7162, section 3.1.3).
  const isTold = !isSilent || session.enabled.has('CONDSTORE')
  if (isTold) for (const message of isSilent ? changed : meant) tellStored(session, message, { isUid, isSilent })
  return stale.length > 0 ? `[MODIFIED ${formatSet(stale)}] Conditional store failed` : 'Stored'
}

function tellStored(session: Session, message: Message, { isUid, isSilent }: Pick<Store, 'isUid' | 'isSilent'>): void {
  const seq = selected(session).seqOf(message.uid)
  const hasUid = isUid || session.enabled.has('QRESYNC')
  if (!isSilent) session.tellFlags(seq, message, hasUid)
  else session.untagged(`${seq} FETCH (${hasUid ? `UID ${message.uid} ` : ''}MODSEQ (${message.modseq}))`)
}
