import type { Delivery } from '../account.ts'
import { type CommandTable, signedIn } from '../command.ts'
import type { Cursor, Parsing } from '../cursor.ts'
import type { Folder } from '../folder.ts'
import { flagList, internalDate, mailbox } from '../grammar.ts'
import { keptFlags } from '../permanent-flags.ts'
import { bad, no, type Refusal } from '../refusal.ts'
import { formatSet } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { account } from './account.ts'

/** Held in memory at most until a batch is whole, where the settings name no APPENDLIMIT. */
const batchBytesMax = 256 * 1024 * 1024

export const appendCommands: CommandTable = {
  APPEND: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      const batch: Batch = { name, bytes: 0, refusal: missing(session, name) }
      const mails = [yield* appendMessage(cursor, session, batch)]
      while (cursor.isBefore(' ')) {
        if (!session.has('MULTIAPPEND')) throw bad('MULTIAPPEND is not offered')
        mails.push(yield* appendMessage(cursor, session, batch))
      }
      cursor.end()
      return () => append(session, batch, mails)
    },
  },
}

interface Batch {
  readonly name: string
  bytes: number
  /** Why the whole batch will be refused: it is atomic (RFC 3502, section 6.3.11). */
  refusal: Refusal | null
}

/** ` (flags) "date" {n}` and the message itself. */
function* appendMessage(cursor: Cursor, session: Session, batch: Batch): Parsing<Delivery> {
  cursor.space()
  const flags = cursor.isBefore('(') ? flagList(cursor) : null
  if (flags) cursor.space()
  const date = cursor.isBefore('"') ? internalDate(cursor) : null
  if (date !== null) cursor.space()
  const body = yield* cursor.literal(batchBytesMax, (sizeBytes) => admit(session, batch, sizeBytes))
  batch.refusal ??= refuseMessage(session, body)
  return { body, flags: keptFlags(session, flags ?? []), ...(date !== null && { internalDate: date }) }
}

function missing(session: Session, name: string): Refusal | null {
  return account(session).folder(name) ? null : no('[TRYCREATE] No such mailbox')
}

/** Decided by the announced size, before the client sends the bytes. */
function admit(session: Session, batch: Batch, sizeBytes: number): Refusal | null {
  const { appendBytesMax } = session.context.settings
  const { quotaBytesMax, usedBytes } = account(session)
  batch.bytes += sizeBytes
  if (appendBytesMax !== null && sizeBytes > appendBytesMax) batch.refusal ??= no('[TOOBIG] Message too large')
  if (batch.bytes > batchBytesMax) batch.refusal ??= no('[LIMIT] Batch too large')
  if (quotaBytesMax !== null && usedBytes + batch.bytes > quotaBytesMax) {
    batch.refusal ??= no('[OVERQUOTA] Quota exceeded')
  }
  return batch.refusal
}

function refuseMessage(session: Session, body: Uint8Array): Refusal | null {
  const reason = session.context.settings.refuseMessage(body)
  return reason === null ? null : no(reason)
}

function append(session: Session, { name, refusal }: Batch, mails: readonly Delivery[]): string {
  if (refusal) throw refusal
  const folder = account(session).demand(name, 'TRYCREATE')
  const added = account(session).deliver(name, ...mails)
  return session.has('UIDPLUS') ? `${appendUid(folder, added)} Appended` : 'Appended'
}

const appendUid = (folder: Folder, added: readonly { readonly uid: number }[]): string =>
  `[APPENDUID ${folder.uidValidity} ${formatSet(added.map(({ uid }) => uid))}]`
