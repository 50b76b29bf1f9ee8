import { Buffer } from 'node:buffer'
import type { Account } from '../../src/demo/account.ts'
import { type ImapServer, type ServerOptions, startImapServer } from '../../src/demo/server.ts'
import { Store, type StoreOptions } from '../../src/demo/store.ts'
import { type Client, connectTo } from './client.ts'

export interface Fixture extends AsyncDisposable {
  readonly server: ImapServer
  /** Anna's. */
  readonly account: Account
  /** Signed in as Anna. */
  readonly client: Client
  /** One more connection of hers. */
  another(): Promise<Client>
}

interface FixtureOptions extends ServerOptions, StoreOptions {
  /** Bodies of the mail in her inbox, oldest first. */
  readonly inbox?: readonly string[]
}

export const instant = new Date('2024-05-06T07:08:09Z')

/** A server with one account, `anna` with the password `secret`, and a client that is signed in. */
export async function startFixture({ inbox = [], ...options }: FixtureOptions = {}): Promise<Fixture> {
  const store = options.store ?? new Store({ now: () => instant, uidValidityFirst: 7, ...options })
  const account = store.addAccount({ userName: 'anna', password: 'secret' })
  account.deliver('INBOX', ...inbox.map((text) => ({ body: Buffer.from(text, 'latin1') })))
  const server = await startImapServer({ ...options, store })
  const another = () => signedIn(server.port)
  const client = await another()
  return { server, account, client, another, [Symbol.asyncDispose]: () => server.close() }
}

async function signedIn(port: number): Promise<Client> {
  const client = await connectTo(port)
  await client.command('LOGIN anna secret')
  return client
}

/** The last response of an answer, the tagged one. */
export const tagged = (answer: readonly string[]): string => answer.at(-1) ?? ''

/** A message literal that is not waited for. */
export const literal = (text: string): string => `{${text.length}+}\r\n${text}`
