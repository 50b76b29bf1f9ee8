import type { SpecialUse } from '../domain/mail.ts'
import type { Account, Delivery } from './account.ts'
import { makeMail, pickShape } from './mail.ts'
import { type DemoUser, demoUsers } from './people.ts'
import { ownFolders, specialFolders } from './phrases.ts'
import { isLucky, type Random } from './random.ts'
import type { Store } from './store.ts'

export interface SeedOptions {
  readonly mailboxes: number
  readonly messagesPerMailbox: number
  readonly random: Random
}

/** Fills a store with people, folders and mail; the same for the same random numbers. Tells who can sign in. */
export function seedDemo(store: Store, { mailboxes, messagesPerMailbox, random }: SeedOptions): readonly DemoUser[] {
  const users = addDemoAccounts(store, mailboxes)
  for (const [index, user] of users.entries()) {
    const account = store.account(user.userName)
    const names = makeFolders(account, user)
    const serialFirst = index * messagesPerMailbox
    fill(account, names, makeMails(user, serialFirst, messagesPerMailbox, random))
  }
  return users
}

/** The same people with empty mailboxes: a migration's target. */
export function addDemoAccounts(store: Store, mailboxes: number): readonly DemoUser[] {
  const users = demoUsers(mailboxes)
  for (const user of users) store.addAccount(user)
  return users
}

/** The inbox first; the last one stays empty. */
function makeFolders(account: Account, { language }: DemoUser): readonly string[] {
  const special = Object.entries(specialFolders[language]) as [SpecialUse, string][]
  const created = [
    ...special.map(([use, name]) => account.create(account.nameOf([name]), use)),
    ...ownFolders[language].map((path) => account.create(account.nameOf(path))),
  ]
  const names = ['INBOX', ...created.map(({ name }) => name)]
  for (const name of names.slice(0, -2)) account.subscriptions.add(name)
  return names
}

/** Now and then the very same message twice: twins keep their count. */
function makeMails(user: DemoUser, serialFirst: number, count: number, random: Random): readonly Delivery[] {
  const mails: Delivery[] = []
  for (let serial = serialFirst; mails.length < count; serial++) {
    const order = { serial, to: user.emailAddress, language: user.language, random }
    const mail = makeMail(pickShape(random), order)
    mails.push(mail)
    if (mails.length < count && isLucky(0.02, random)) mails.push(mail)
  }
  return mails
}

/** Half of the mail is in the inbox, the rest goes round; in blocks, so that twins stay together. */
function fill(account: Account, names: readonly string[], mails: readonly Delivery[]): void {
  const others = names.slice(1, -1)
  const inboxCount = Math.ceil(mails.length / 2)
  account.deliver('INBOX', ...mails.slice(0, inboxCount))
  const share = Math.ceil((mails.length - inboxCount) / others.length)
  for (const [index, name] of others.entries()) {
    const from = inboxCount + index * share
    account.deliver(name, ...mails.slice(from, from + share))
  }
}
