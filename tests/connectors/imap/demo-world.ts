import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { ImapOptions } from '../../../src/connectors/imap/options.ts'
import type { Account } from '../../../src/demo/account.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import { type ImapServer, type ServerOptions, startImapServer } from '../../../src/demo/server.ts'
import { Store, type StoreOptions } from '../../../src/demo/store.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import type { Outside, World } from '../world.ts'
import { access } from './dovecot-world.ts'

/** One demo server with a mailbox of Ada's, and all that it was sent. */
export interface DemoSide extends AsyncDisposable {
  readonly server: ImapServer
  readonly account: Account
  readonly commands: readonly SeenCommand[]
  readonly access: Access
}

export async function startDemo(
  options: Omit<ServerOptions, 'store'> = {},
  layout: StoreOptions = {},
): Promise<DemoSide> {
  const store = new Store(layout)
  const account = store.addAccount({ userName: 'ada', password: 'pass' })
  const commands: SeenCommand[] = []
  const server = await startImapServer({
    ...options,
    store,
    hooks: {
      ...options.hooks,
      onCommand: (command, session) => {
        commands.push(command)
        return options.hooks?.onCommand?.(command, session)
      },
    },
  })
  return {
    server,
    account,
    commands,
    access: access({ port: server.port }),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

export interface DemoWorld extends World {
  readonly sourceSide: DemoSide
  readonly targetSide: DemoSide
}

export async function startDemos(
  options: Omit<ServerOptions, 'store'> = {},
  layout: StoreOptions = {},
  imap: Partial<ImapOptions> = {},
): Promise<DemoWorld> {
  const [sourceSide, targetSide] = await Promise.all([startDemo(options, layout), startDemo(options, layout)])
  const connector = createImapConnector(imap)
  return {
    sourceSide,
    targetSide,
    source: outside(sourceSide.account),
    target: outside(targetSide.account),
    openSource: (signal = new AbortController().signal) => connector.openSource(sourceSide.access, signal),
    openTarget: (signal = new AbortController().signal) => connector.openTarget(targetSide.access, signal),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([sourceSide[Symbol.asyncDispose](), targetSide[Symbol.asyncDispose]()])
    },
  }
}

const outside = (account: Account): Outside => ({
  async deliver(path, ...mails) {
    const name = account.nameOf(path)
    if (!account.folder(name)) account.create(name)
    const deliveries = mails.map(({ body, flags = [], receivedAt = '01-Jan-2026 10:00:00 +0000' }) => ({
      body: typeof body === 'string' ? Buffer.from(body) : body,
      flags,
      internalDate: receivedAt,
    }))
    account.deliver(name, ...deliveries)
  },
  async addFlag(path, uid, flag) {
    const folder = account.demand(account.nameOf(path))
    folder.changeFlags(
      folder.messages.filter((message) => message.uid === uid),
      'add',
      [flag],
    )
  },
  async expunge(path, uid) {
    const folder = account.demand(account.nameOf(path))
    folder.expunge(folder.messages.filter((message) => message.uid === uid))
  },
})
