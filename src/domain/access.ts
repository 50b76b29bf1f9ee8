import type { Access, Endpoint } from './endpoint.ts'
import type { PairKey } from './sync-state.ts'

/** One side of a user: which mailbox, and the password of its own where the list gave one. */
export interface Mailbox {
  readonly userName: string
  readonly password: string | null
  readonly userRoot: string | null
}

type SignInRules = Pick<Endpoint, 'signIn' | 'adminName'>

/** Whether the endpoint's administrator is who signs in when a user has no password of its own. */
const isAdminSignIn = ({ signIn, adminName }: SignInRules): boolean =>
  adminName !== null && (signIn.usesAuthzid || signIn.login.includes('{admin}'))

/**
 * How to open a mailbox, or null when there is no password for it.
 * A password of the user's own signs in as the user; else the administrator's does, in the endpoint's manner.
 */
export function accessTo(endpoint: Endpoint, mailbox: Mailbox, adminPassword: string | null): Access | null {
  const password = mailbox.password ?? adminPassword
  if (password === null) return null
  const { server, limits } = endpoint
  const identity = mailbox.password === null ? adminIdentity(endpoint, mailbox) : ownIdentity(endpoint, mailbox)
  return { server, literalBytesMax: limits.literalBytesMax, ...identity, password, userRoot: mailbox.userRoot }
}

type Identity = Pick<Access, 'login' | 'authzid'>

function adminIdentity(endpoint: Endpoint, { userName }: Mailbox): Identity {
  const { signIn, adminName } = endpoint
  // RFC 4616, section 2: the administrator is the authentication identity, the user the authorization identity.
  if (signIn.usesAuthzid && adminName !== null) return { login: adminName, authzid: userName }
  return { login: fill(signIn.login, userName, adminName ?? ''), authzid: null }
}

/** The master user's pattern is of no use to someone who signs in as themselves. */
const ownIdentity = (endpoint: Endpoint, { userName }: Mailbox): Identity => ({
  login: isAdminSignIn(endpoint) ? userName : fill(endpoint.signIn.login, userName, endpoint.adminName ?? ''),
  authzid: null,
})

// A function as replacement: `$` in a name means nothing.
const fill = (pattern: string, user: string, admin: string): string =>
  pattern.replace(/\{(user|admin)\}/g, (_, word) => (word === 'user' ? user : admin))

/** `host:port`: what is learnt of a server is kept by it. */
export const serverName = ({ server }: Pick<Endpoint, 'server'>): string =>
  `${server.host.toLowerCase()}:${server.port}`

/** `host:port/user`, and the root where one login opens many mailboxes. Names the mailbox whoever signs in to it. */
export function mailboxName(endpoint: Pick<Endpoint, 'server'>, mailbox: Omit<Mailbox, 'password'>): string {
  const root = mailbox.userRoot === null ? '' : `#${mailbox.userRoot}`
  return `${serverName(endpoint)}/${mailbox.userName.toLowerCase()}${root}`
}

export interface PairedUser {
  readonly sourceUserName: string
  readonly targetUserName: string
  readonly userRoot: string | null
}

/** By what the ledger keeps a user of a batch. */
export const pairOf = (source: Endpoint, target: Endpoint, user: PairedUser): PairKey => ({
  source: mailboxName(source, { userName: user.sourceUserName, userRoot: user.userRoot }),
  target: mailboxName(target, { userName: user.targetUserName, userRoot: null }),
})
