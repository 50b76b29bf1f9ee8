import type { Body } from '../body.ts'
import { type Command, type CommandTable, selectedOnly } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import { type FetchItem, fetchItems, textItem } from '../fetch-item.ts'
import type { Message } from '../folder.ts'
import { sequenceSet } from '../grammar.ts'
import { bad, no } from '../refusal.ts'
import { resolveSet, type SequenceSet, setHas } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { selected } from './account.ts'

export const fetchCommands: CommandTable = { FETCH: fetchCommand(false), 'UID FETCH': fetchCommand(true) }

interface Request {
  readonly set: SequenceSet
  readonly isUid: boolean
  readonly items: readonly FetchItem[]
  readonly changedSince: number | null
  readonly isVanishedAsked: boolean
}

function fetchCommand(isUid: boolean): Command {
  return {
    states: selectedOnly,
    mayExpunge: isUid,
    *parse(cursor, session) {
      cursor.space()
      const set = sequenceSet(cursor)
      cursor.space()
      const asked = yield* fetchItems(cursor, session)
      const modifiers = cursor.skips(' ') ? fetchModifiers(cursor, session, isUid) : noModifiers
      cursor.end()
      const items = completed(asked, { isUid, ...modifiers }, session)
      return () => fetch(session, { set, isUid, items, ...modifiers })
    },
  }
}

interface Modifiers {
  readonly changedSince: number | null
  readonly isVanishedAsked: boolean
}

const noModifiers: Modifiers = { changedSince: null, isVanishedAsked: false }

/** `(CHANGEDSINCE modseq [VANISHED])` (RFC 7162, sections 3.1.4 and 3.2.6). */
function fetchModifiers(cursor: Cursor, session: Session, isUid: boolean): Modifiers {
  if (!session.has('CONDSTORE')) throw bad('FETCH takes no modifiers here')
  cursor.expect('(')
  if (cursor.keyword() !== 'CHANGEDSINCE') throw bad('Unknown FETCH modifier')
  cursor.space()
  const changedSince = cursor.modseq()
  const isVanishedAsked = cursor.skips(' ')
  if (isVanishedAsked && cursor.keyword() !== 'VANISHED') throw bad('Unknown FETCH modifier')
  if (isVanishedAsked && !(isUid && session.enabled.has('QRESYNC'))) throw bad('VANISHED needs QRESYNC and UID FETCH')
  cursor.expect(')')
  session.enabled.add('CONDSTORE')
  return { changedSince, isVanishedAsked }
}

/** With UID in every UID FETCH (RFC 3501, section 6.4.8), MODSEQ in every CHANGEDSINCE (RFC 7162, section 3.1.4). */
function completed(
  asked: readonly FetchItem[],
  { isUid, changedSince }: Modifiers & { isUid: boolean },
  session: Session,
) {
  const has = (label: string) => asked.some((item) => item.label === label)
  if (has('MODSEQ')) session.enabled.add('CONDSTORE')
  const first = isUid && !has('UID') ? [textItem('UID', session)] : []
  const last = changedSince !== null && !has('MODSEQ') ? [textItem('MODSEQ', session)] : []
  const items = [...first, ...asked, ...last]
  if (!session.context.settings.sendsBodyFirst) return items
  return [...items.filter((item) => 'body' in item), ...items.filter((item) => 'text' in item)]
}

async function fetch(session: Session, { set, isUid, items, changedSince, isVanishedAsked }: Request): Promise<string> {
  const view = selected(session)
  const chosen = view.choose(set, isUid)
  if (!chosen) throw bad('Message number beyond the end')
  if (isVanishedAsked) tellVanished(session, set, changedSince ?? 0)
  let isAnyGone = false
  for (const message of chosen) {
    if (changedSince !== null && message.modseq <= changedSince) continue
    if (view.folder.holds(message)) await tellMessage(session, message, items)
    else isAnyGone = true
    if (session.isGone) break
  }
  // A UID that is gone is passed over (RFC 3501, section 6.4.8).
  if (isAnyGone && !isUid) throw no('[EXPUNGEISSUED] Some messages were expunged')
  return 'Fetched'
}

function tellVanished(session: Session, set: SequenceSet, changedSince: number): void {
  const view = selected(session)
  const asked = resolveSet(set, view.folder.uidNext - 1)
  const vanished = view.vanishedSince(changedSince, (uid) => setHas(asked, uid))
  if (vanished !== '') session.untagged(`VANISHED (EARLIER) ${vanished}`)
}

async function tellMessage(session: Session, message: Message, items: readonly FetchItem[]): Promise<void> {
  const view = selected(session)
  const told = [...items, ...setSeen(session, message, items)]
  if (told.some(({ label }) => label === 'FLAGS')) view.told([message])
  let text = `* ${view.seqOf(message.uid)} FETCH (`
  for (const [index, item] of told.entries()) {
    text += `${index > 0 ? ' ' : ''}${item.label} `
    const body = 'body' in item ? item.body(message) : null
    if ('text' in item) text += item.text(message, view)
    else if (!body) text += 'NIL'
    else {
      session.text(`${text}{${body.sizeBytes}}\r\n`)
      await sendBody(session, body)
      text = ''
    }
  }
  session.text(`${text})\r\n`)
}

/** Reading a body marks it read; the client is told so in the same answer (RFC 3501, section 6.4.5). */
function setSeen(session: Session, message: Message, items: readonly FetchItem[]): readonly FetchItem[] {
  const view = selected(session)
  const isRead = items.some((item) => 'body' in item && item.setsSeen)
  if (!isRead || view.isReadOnly || message.flags.has('\\Seen')) return []
  view.told(view.folder.changeFlags([message], 'add', ['\\Seen']))
  return items.some(({ label }) => label === 'FLAGS') ? [] : [textItem('FLAGS', session)]
}

const sliceBytes = 256 * 1024

/** Piece by piece, each once the client has read what was sent before. */
async function sendBody({ output }: Session, body: Body): Promise<void> {
  for (const chunk of body.chunks()) {
    for (let from = 0; from < chunk.length; from += sliceBytes) {
      output.bytes(chunk.subarray(from, from + sliceBytes))
      if (output.isFull) await output.drained()
    }
  }
}
