import { access, chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { run } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { readMailbox, type Snapshot } from '../support/snapshot.ts'
import { startDelayProxy } from './delay-proxy.ts'
import type { MailPlan } from './mail.ts'
import type { Profile } from './profiles.ts'
import { seedMailbox } from './seeding.ts'

/** Two servers with the mail of a profile at the source, and a folder for what the tools keep. */
export interface Stage extends AsyncDisposable {
  readonly profile: Profile
  readonly source: DovecotServer
  readonly target: DovecotServer
  /** Where the tools connect: the servers' ports, or those of what delays them. */
  readonly sourcePort: number
  readonly targetPort: number
  /** Open to the user that owns the mail. */
  readonly folder: string
  /** The mailbox of the profile. */
  readonly mailbox: Mailbox
}

/** A mailbox at the source. */
export interface Mailbox {
  readonly user: string
  readonly messages: number
  /** What is in it, as a witness sees it. */
  readonly content: Snapshot
}

/** Where the mail of all profiles lies, unless they want a disk: in memory where the system has such a place. */
export async function memoryFolder(): Promise<string> {
  const folder = '/dev/shm'
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  return isThere ? folder : tmpdir()
}

export async function openStage(profile: Profile, diskFolder: string): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const inMemory = await memoryFolder()
  const folder = stack.use(await workFolder(profile.isOnDisk ? diskFolder : inMemory)).path
  const source = stack.use(await startDovecot({ parentFolder: inMemory, waitsForDisk: true }))
  const target = stack.use(await startTarget(profile, profile.isOnDisk ? diskFolder : inMemory))
  const [sourcePort, targetPort] = await Promise.all(
    [source, target].map(async ({ port }) => {
      if (profile.rttMs === undefined) return port
      return stack.use(await startDelayProxy(port, profile.rttMs)).port
    }),
  )
  const mailbox = await fillMailbox(source, 'original', profile.mail)
  const open = stack.move()
  const ports = { sourcePort: sourcePort ?? 0, targetPort: targetPort ?? 0 }
  return { profile, source, target, ...ports, folder, mailbox, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

export async function fillMailbox(source: DovecotServer, user: string, plan: MailPlan): Promise<Mailbox> {
  await seedMailbox(source, user, plan)
  return { user, messages: plan.messages, content: await readMailbox(source, user) }
}

/** A folder below that one, gone when disposed of. */
export async function workFolder(parent: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(parent, 'postferry-bench-'))
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

async function startTarget({ targetLacks }: Profile, parentFolder: string): Promise<DovecotServer> {
  const options = { parentFolder, waitsForDisk: true }
  if (targetLacks === undefined) return startDovecot(options)
  await using whole = await startDovecot(options)
  const capability = (await capabilities(whole)).filter((name) => name !== targetLacks)
  return startDovecot({ ...options, capability: capability.join(' ') })
}

async function capabilities(server: DovecotServer): Promise<readonly string[]> {
  await using imap = await ImapWire.connect(server.access('nobody'))
  const { lines } = await run(imap, 'CAPABILITY')
  return lines.flatMap(({ text }) => text.replace(/^\* CAPABILITY /, '').split(' '))
}

/** A target mailbox that was used is not needed any more, and the memory it takes is. */
export const emptyTarget = ({ target }: Stage, user: string): Promise<void> =>
  rm(join(target.folder, 'mail', user), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
