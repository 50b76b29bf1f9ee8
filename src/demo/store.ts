import { Account, type Layout } from './account.ts'

export interface StoreOptions {
  readonly separator?: string
  readonly personalPrefix?: string
  readonly folderKey?: (name: string) => string
  /** The first folder's UIDVALIDITY; each later one is greater. */
  readonly uidValidityFirst?: number
  readonly now?: () => Date
  /** Administrators who may open any mailbox, with their passwords. */
  readonly masters?: Readonly<Record<string, string>>
}

export interface NewAccount {
  readonly userName: string
  readonly password: string
  readonly quotaBytesMax?: number
}

export interface Credentials {
  /** A user name, or `user*admin`. */
  readonly login: string
  readonly password: string
  /** SASL authorization identity; null where none was given. */
  readonly authzid: string | null
}

/** All accounts of one server, in memory. Tests change it directly, as other clients and mail delivery would. */
export class Store {
  readonly layout: Layout
  readonly accounts = new Map<string, Account>()
  readonly #masters: ReadonlyMap<string, string>

  constructor(options: StoreOptions = {}) {
    let uidValidity = options.uidValidityFirst ?? 1_000_000
    let id = 0
    this.layout = {
      separator: options.separator ?? '/',
      personalPrefix: options.personalPrefix ?? '',
      folderKey: options.folderKey ?? ((name) => name),
      now: options.now ?? (() => new Date()),
      nextUidValidity: () => uidValidity++,
      nextId: () => `id${(++id).toString(36)}`,
    }
    this.#masters = new Map(Object.entries(options.masters ?? {}))
  }

  addAccount({ userName, password, quotaBytesMax }: NewAccount): Account {
    const account = new Account(userName, password, this.layout, quotaBytesMax ?? null)
    this.accounts.set(userName, account)
    return account
  }

  account(userName: string): Account {
    const account = this.accounts.get(userName)
    if (!account) throw new Error(`Cannot find account "${userName}"`)
    return account
  }

  /** The mailbox that the credentials open, or null. */
  signIn({ login, password, authzid }: Credentials): Account | null {
    const [user = '', admin] = login.split('*')
    const owner = authzid !== null && authzid !== '' ? authzid : user
    const master = admin ?? (owner === login ? null : login)
    const account = this.accounts.get(owner) ?? null
    return (master === null ? account?.password : this.#masters.get(master)) === password ? account : null
  }
}
