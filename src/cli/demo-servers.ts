import { seededRandom } from '../demo/random.ts'
import { addDemoAccounts, seedDemo } from '../demo/seed.ts'
import { type ImapServer, startImapServer } from '../demo/server.ts'
import { Store } from '../demo/store.ts'
import type { NewEndpoint } from '../operations/endpoints.ts'
import type { MigrationPlan } from './migration-plan.ts'

export interface DemoServers extends AsyncDisposable {
  readonly plan: MigrationPlan
  readonly messages: number
}

export interface DemoOptions {
  readonly mailboxes: number
  readonly messagesPerMailbox: number
  /** Mailboxes under way at a time. */
  readonly concurrency: number
  /** Holds the target back, so that one can watch. */
  readonly beforeAppend?: () => Promise<void>
}

/** Two small mail servers in this process, one full of made-up mail and one empty, and the plan that moves it. */
export async function startDemoServers(options: DemoOptions): Promise<DemoServers> {
  const { mailboxes, messagesPerMailbox, concurrency, beforeAppend } = options
  const full = new Store()
  const empty = new Store()
  const users = seedDemo(full, { mailboxes, messagesPerMailbox, random: seededRandom(1) })
  addDemoAccounts(empty, mailboxes)
  const source = await startImapServer({ store: full })
  const target = await startImapServer({
    store: empty,
    hooks: { onCommand: async ({ name }) => void (name === 'APPEND' && (await beforeAppend?.())) },
  })
  const rows = users.map(({ emailAddress, userName, password }) => [
    emailAddress,
    userName,
    password,
    userName,
    password,
  ])
  const header = 'EmailAddress,UserName,Password,TargetUserName,TargetPassword'
  return {
    plan: {
      source: endpoint('Old server', source, concurrency),
      target: endpoint('New server', target, concurrency),
      batchName: 'Demo',
      csv: new TextEncoder().encode([header, ...rows.map((row) => row.join(','))].join('\n')),
      allowsUnknownColumns: false,
      passes: 1,
      verifies: true,
      readsData: true,
    },
    messages: mailboxes * messagesPerMailbox,
    async [Symbol.asyncDispose]() {
      await Promise.all([source.close(), target.close()])
    },
  }
}

/** In clear text, which never leaves the machine. */
const endpoint = (name: string, { host, port }: ImapServer, concurrency: number): NewEndpoint => ({
  ...{ name, host, port, security: 'none' },
  concurrentMigrationsMax: concurrency,
  concurrentIncrementalSyncsMax: concurrency,
})
