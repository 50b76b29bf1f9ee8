import type { Account } from '../account.ts'
import { bad } from '../refusal.ts'
import type { Selected } from '../selected.ts'
import type { Session } from '../session.ts'

/** The account of a session that is signed in; the table of commands lets no other come here. */
export function account(session: Session): Account {
  if (!session.account) throw bad('Not signed in')
  return session.account
}

/** The folder of a session that has one open. */
export function selected(session: Session): Selected {
  if (!session.selected) throw bad('No mailbox selected')
  return session.selected
}
