import { type CommandTable, signedIn } from '../command.ts'
import { formatMailbox, mailbox } from '../grammar.ts'
import { no } from '../refusal.ts'
import type { Session } from '../session.ts'
import { account } from './account.ts'

/** The one root of an account that has a quota (RFC 2087). */
const root = 'User quota'

export const quotaCommands: CommandTable = {
  GETQUOTAROOT: {
    states: signedIn,
    extension: 'QUOTA',
    *parse(cursor, session) {
      cursor.space()
      const name = yield* mailbox(cursor, session.context.settings.brokenNameAnswer)
      cursor.end()
      return () => {
        const folder = account(session).demand(name)
        const hasQuota = account(session).quotaBytesMax !== null
        session.untagged(`QUOTAROOT ${formatMailbox(folder.name)}${hasQuota ? ` "${root}"` : ''}`)
        if (hasQuota) tellQuota(session)
        return 'Quota roots told'
      }
    },
  },
  GETQUOTA: {
    states: signedIn,
    extension: 'QUOTA',
    *parse(cursor, session) {
      cursor.space()
      const name = yield* cursor.astring()
      cursor.end()
      return () => {
        if (name !== root || account(session).quotaBytesMax === null) throw no('[NONEXISTENT] No such quota root')
        tellQuota(session)
        return 'Quota told'
      }
    },
  },
}

/** STORAGE counts in units of 1024 bytes (RFC 2087, section 3). */
function tellQuota(session: Session): void {
  const { usedBytes, quotaBytesMax } = account(session)
  const units = [usedBytes, quotaBytesMax ?? 0].map((bytes) => Math.ceil(bytes / 1024))
  session.untagged(`QUOTA "${root}" (STORAGE ${units.join(' ')})`)
}
