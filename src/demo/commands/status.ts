import { type CommandTable, signedIn } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import type { Folder } from '../folder.ts'
import { formatMailbox, list, mailbox } from '../grammar.ts'
import { bad } from '../refusal.ts'
import type { Session } from '../session.ts'
import type { Extension } from '../settings.ts'
import { account } from './account.ts'

interface StatusItem {
  readonly extension?: Extension
  readonly value: (folder: Folder) => string | number
}

const statusItems: Readonly<Record<string, StatusItem>> = {
  MESSAGES: { value: (folder) => folder.messages.length },
  RECENT: { value: (folder) => folder.messages.filter(({ uid }) => uid >= folder.recentFrom).length },
  UIDNEXT: { value: (folder) => folder.uidNext },
  UIDVALIDITY: { value: (folder) => folder.uidValidity },
  UNSEEN: { value: (folder) => folder.messages.filter(({ flags }) => !flags.has('\\Seen')).length },
  HIGHESTMODSEQ: { extension: 'CONDSTORE', value: (folder) => folder.highestModseq },
  MAILBOXID: { extension: 'OBJECTID', value: (folder) => `(${folder.id})` },
}

export const statusCommands: CommandTable = {
  STATUS: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.space()
      const items = statusItemList(cursor, session)
      cursor.end()
      return () => {
        tellStatus(session, account(session).demand(name), items)
        return 'Status completed'
      }
    },
  },
}

/** `(MESSAGES UIDNEXT)`: the names of items that this server knows. */
export function statusItemList(cursor: Cursor, session: Session): readonly string[] {
  return list(cursor, () => {
    const name = cursor.keyword('a status item')
    const item = statusItems[name]
    if (!item || (item.extension && !session.has(item.extension))) throw bad(`Unknown status item ${name}`)
    return name
  })
}

export function tellStatus(session: Session, folder: Folder, items: readonly string[]): void {
  // RFC 7162, section 3.1: asking for a mod-sequence enables CONDSTORE.
  if (items.includes('HIGHESTMODSEQ')) session.enabled.add('CONDSTORE')
  const values = items.map((name) => `${name} ${statusItems[name]?.value(folder)}`)
  session.untagged(`STATUS ${formatMailbox(folder.name)} (${values.join(' ')})`)
}
