import type { SpecialUse } from '../../domain/mail.ts'
import { isInbox } from '../account.ts'
import { type Command, type CommandTable, signedIn } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import { list, mailbox } from '../grammar.ts'
import { bad, no } from '../refusal.ts'
import type { Session } from '../session.ts'
import { specialUseOf } from '../special-use.ts'
import { account } from './account.ts'

export const folderCommands: CommandTable = {
  CREATE: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      const specialUse = cursor.skips(' ') ? useParameter(cursor, session) : null
      cursor.end()
      return () => create(session, name, specialUse)
    },
  },
  DELETE: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.end()
      return () => {
        const folder = account(session).folder(name)
        // A folder that we delete ourselves is deselected; others that have it open lose their connection.
        if (folder && folder === session.selected?.folder) session.unselect()
        account(session).delete(name)
        return 'Deleted'
      }
    },
  },
  RENAME: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const from = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.space()
      const to = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.end()
      return () => {
        account(session).rename(from, newName(session, to))
        return 'Renamed'
      }
    },
  },
  SUBSCRIBE: subscription((session, name) => void account(session).subscriptions.add(name)),
  UNSUBSCRIBE: subscription((session, name) => void account(session).subscriptions.delete(name)),
}

function subscription(change: (session: Session, name: string) => void): Command {
  return {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, null)
      cursor.end()
      return () => {
        change(session, name)
        return 'Done'
      }
    },
  }
}

/** RFC 6154, section 3: `(USE (\Sent))`. */
function useParameter(cursor: Cursor, session: Session): SpecialUse | null {
  if (!session.has('CREATE-SPECIAL-USE')) throw bad('CREATE-SPECIAL-USE is not offered')
  cursor.expect('(')
  if (cursor.keyword() !== 'USE') throw bad('Unknown CREATE parameter')
  cursor.space()
  const uses = list(cursor, () => cursor.take(/\\[A-Za-z]+/y, 'a special use'), 'mayBeEmpty').map(specialUseOf)
  cursor.expect(')')
  if (uses.length > 1 || uses.includes(null)) throw no('[USEATTR] Special use not supported')
  return uses[0] ?? null
}

function create(session: Session, name: string, specialUse: SpecialUse | null): string {
  const folder = account(session).create(newName(session, name), specialUse)
  return session.has('OBJECTID') ? `[MAILBOXID (${folder.id})] Created` : 'Created'
}

/** The name that a new folder gets, or a refusal. */
function newName(session: Session, asked: string): string {
  const { separator, personalPrefix } = account(session).layout
  // A separator at the end only announces children (RFC 3501, section 6.3.3).
  const name = asked.endsWith(separator) ? asked.slice(0, -separator.length) : asked
  if (name.split(separator).includes('')) throw no('[CANNOT] Mailbox name has an empty part')
  if (/[\x00-\x1f\x7f]/.test(name)) throw no('[CANNOT] Mailbox name holds a control character')
  if (name.length > session.context.settings.nameBytesMax) throw no('[CANNOT] Mailbox name too long')
  if (!isInbox(name) && !name.startsWith(personalPrefix)) throw no(`[CANNOT] Names begin with ${personalPrefix}`)
  return name
}
