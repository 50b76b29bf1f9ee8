import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { type Proc, postferry, startProc } from '../support/proc.ts'
import { seed } from '../support/seed.ts'
import { type TempFolder, tempFolder } from './server.ts'
import { csvFor } from './world.ts'

export const master = { name: 'postmaster', password: 'master-secret' }
export const messagesPerUser = 24

/** Two servers for many calls of `postferry migrate`. */
export interface Ferry extends AsyncDisposable {
  readonly source: DovecotServer
  readonly target: DovecotServer
  readonly folder: TempFolder
}

export async function startFerry(): Promise<Ferry> {
  const source = await startDovecot({ master, password: 'source-secret' })
  // Its messages lie in files of their own, so that one can be spoilt behind the server's back.
  const target = await startDovecot({ master, storage: 'maildir', separator: '.', prefix: 'INBOX.' })
  const folder = await tempFolder()
  const dispose = async () =>
    void (await Promise.all([source, target, folder].map((one) => one[Symbol.asyncDispose]())))
  return { source, target, folder, [Symbol.asyncDispose]: dispose }
}

export type Scheme = 'imap' | 'imaps' | 'imap+starttls'

export const url = (server: DovecotServer, scheme: Scheme = 'imap'): string =>
  `${scheme}://127.0.0.1:${scheme === 'imaps' ? server.tlsPort : server.port}`

export interface Ended {
  readonly exit: number | NodeJS.Signals
  /** Both streams. */
  readonly output: string
}

/** What one test among many has of its own: two mailboxes with mail, and a folder. */
export interface Crossing {
  readonly users: readonly [string, string]
  readonly work: string
  /** The temporary folder of what it runs. */
  readonly temp: string
  file(name: string, text: string): Promise<string>
  /** A list of both users, as it should be unless other passwords are given for the second. */
  list(passwords?: { readonly source?: string; readonly target?: string }): Promise<string>
  /** The options for both servers in clear text, and the list. */
  plain(): Promise<readonly string[]>
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Proc
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
}

let count = 0

export async function newCrossing({ source, target, folder }: Ferry): Promise<Crossing> {
  count += 1
  const users = [`ann${count}@example.org`, `bob${count}@example.org`] as const
  const work = join(folder.path, `${count}`)
  const temp = join(work, 'tmp')
  await mkdir(temp, { recursive: true })
  await seed(source, { users, messagesPerUser })
  const file: Crossing['file'] = async (name, text) => {
    await writeFile(join(work, name), text)
    return join(work, name)
  }
  const list: Crossing['list'] = async (passwords = {}) => {
    const [ann, bob] = users
    const right = csvFor([ann], source, target).trimEnd()
    const access = [passwords.source ?? 'source-secret', passwords.target ?? 'pass']
    return await file('users.csv', `${right}\r\n${[bob, bob, ...access].join(',')}\r\n`)
  }
  const start: Crossing['start'] = (args, env = {}) =>
    startProc(postferry('migrate', ...args), { env: { TMPDIR: temp, ...env } })
  return {
    users,
    work,
    temp,
    file,
    list,
    plain: async () => ['--source', url(source), '--target', url(target), '--csv', await list()],
    start,
    run: async (args, env) => {
      await using proc = start(args, env)
      return { exit: await proc.exited, output: proc.output() }
    },
  }
}
