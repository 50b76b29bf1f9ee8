import { createImapConnector } from '../../src/connectors/imap/connector.ts'
import type { Hooks, SeenCommand } from '../../src/demo/hooks.ts'
import { type ServerOptions, startImapServer } from '../../src/demo/server.ts'
import { Store } from '../../src/demo/store.ts'
import type { Access } from '../../src/domain/endpoint.ts'
import type { ItemIssue } from '../../src/domain/sync-state.ts'
import { defaultRules, type MailboxPair, type PassReport } from '../../src/engine/pass.ts'
import { syncUser } from '../../src/engine/sync-user.ts'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import type { NewMessage } from '../support/imap-client.ts'
import type { MailServer } from '../support/mail-server.ts'
import { createMemoryStores } from '../support/memory-stores.ts'
import { type SentCommand, sentCommands } from './commands.ts'

export const user = 'ada'

/** A message of these words. */
export const note = (words: string): NewMessage => ({
  bytes: Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`),
  flags: ['\\Seen', 'Note'],
  receivedAt: '05-May-2015 10:20:30 +0000',
})

/** What stood behind each command of that name. */
export const all = (commands: readonly SentCommand[], name: string): readonly string[] =>
  commands.filter((command) => command.name === name).map((command) => command.arguments)

/** One end of a migration. */
export interface End extends AsyncDisposable {
  /** How the product gets there: what the server lacks, it lacks here. */
  readonly access: Access
  /** How the tests get there, who need not know what it lacks. */
  readonly outside: MailServer
  /** All that the product sent so far. */
  sent(): Promise<readonly SentCommand[]>
}

export type DemoOptions = Omit<ServerOptions, 'store' | 'port'>

/** A server of ours that lacks what `options` leave out, and one without that before the same mail. */
export async function demoEnd(options: DemoOptions = {}): Promise<End & { readonly refused: readonly SeenCommand[] }> {
  const store = new Store()
  store.addAccount({ userName: user, password: 'pass' })
  const commands: SeenCommand[] = []
  const hooks: Hooks = {
    ...options.hooks,
    onCommand(command, session) {
      commands.push(command)
      return options.hooks?.onCommand?.(command, session)
    },
  }
  const lacking = await startImapServer({ ...options, store, hooks })
  const whole = await startImapServer({ store, refuseMessage: () => null })
  return {
    access: accessTo(lacking.port),
    outside: { separator: '/', prefix: '', access: () => ({ host, port: whole.port, user, password: 'pass' }) },
    sent: async () => commands.map(({ name, line }) => ({ name, arguments: line.split(`${name} `)[1] ?? '' })),
    get refused() {
      return commands.filter(({ refusal }) => refusal !== null)
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([lacking.close(), whole.close()])),
  }
}

/** A Dovecot that hides what is not among these capabilities; it would still do it for whoever asks. */
export async function dovecotEnd(capability?: string): Promise<End> {
  const server: DovecotServer = await startDovecot({ keepsWire: true, ...(capability && { capability }) })
  return {
    access: accessTo(server.port),
    outside: server,
    sent: () => sentCommands(server),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const host = '127.0.0.1'

const accessTo = (port: number): Access => ({
  server: { host, port, security: 'none', acceptsUntrustedCertificates: false, ca: null },
  literalBytesMax: 256 * 1024 * 1024,
  login: user,
  password: 'pass',
  authzid: null,
  userRoot: null,
})

/** The passes between two ends, one after the other, each over connections of its own. */
export interface Migration {
  /** Throws what ends the pass. */
  pass(): Promise<PassReport>
  issues(): Promise<readonly ItemIssue[]>
}

export async function migration(source: End, target: End): Promise<Migration> {
  const connector = createImapConnector({ batchIdleMs: 50, stallMs: 5_000 })
  const { sync: store, holdJob } = createMemoryStores()
  const fence = await holdJob()
  const { signal } = new AbortController()
  const address = ({ access: { server } }: End) => `${server.host}:${server.port}`
  const key = { source: `${address(source)}/${user}`, target: `${address(target)}/${user}` }

  const open = async (opened: MailboxPair[]): Promise<MailboxPair> => {
    const pair = {
      source: await connector.openSource(source.access, signal),
      target: await connector.openTarget(target.access, signal),
    }
    opened.push(pair)
    return pair
  }
  return {
    async pass() {
      const opened: MailboxPair[] = []
      try {
        return await syncUser({
          ...(await open(opened)),
          pair: key,
          pass: 'incremental',
          fence,
          openPair: async () => (opened.length < 2 ? await open(opened) : null),
          targetEndpoint: address(target),
          store,
          // So that a small mailbox is worth a second pair.
          rules: { ...defaultRules, itemsPerPairMin: 40 },
          mayCommit: () => true,
          signal,
          onProgress: () => {},
          sleep: async () => {},
        })
      } finally {
        for (const { source, target } of opened) {
          source.destroy()
          target.destroy()
        }
      }
    },
    issues: () => store.issues(key),
  }
}
