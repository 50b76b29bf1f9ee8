import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Certificate, makeCertificate } from './certificate.ts'
import { type DovecotOptions, type DovecotPlace, dovecotConfig } from './dovecot-config.ts'
import { ImapWire } from './imap-wire.ts'
import type { MailServer } from './mail-server.ts'
import { findProgram } from './need.ts'
import { freePorts } from './ports.ts'
import { type Proc, startProc } from './proc.ts'

/** A Dovecot of one test's own, on loopback, gone with its folder when disposed of. */
export interface DovecotServer extends MailServer, AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly tlsPort: number
  readonly pid: number
  /** Self-signed, so that it is its own authority. */
  readonly certificate: Certificate
  readonly folder: string
  /** What Dovecot logged so far. */
  log(): Promise<string>
  /** All lines that clients sent after sign-in, literals included; needs `keepsWire`. */
  received(): Promise<readonly string[]>
}

const readyMsMax = 10_000
const isRoot = process.getuid?.() === 0

/** Starts one instance; it answers when this returns. */
export async function startDovecot(options: DovecotOptions = {}, triesLeft = 2): Promise<DovecotServer> {
  try {
    return await launch(options)
  } catch (cause) {
    // Somebody else took the free port first.
    const isPortTaken = cause instanceof Error && cause.message.includes('Address already in use')
    if (isPortTaken && triesLeft > 0) return startDovecot(options, triesLeft - 1)
    throw cause
  }
}

async function launch(options: DovecotOptions): Promise<DovecotServer> {
  const folder = await makeFolder(options)
  const certificate = makeCertificate(folder)
  const [port = 0, tlsPort = 0] = await freePorts(2)
  const configFile = join(folder, 'dovecot.conf')
  await writeFile(configFile, dovecotConfig(options, { folder, port, tlsPort, ids: ids() }))
  const proc = startProc([findProgram('dovecot') ?? 'dovecot', '-F', '-c', configFile], {
    env: { TZ: options.timeZone ?? 'UTC' },
  })
  const server: DovecotServer = {
    host: '127.0.0.1',
    port,
    tlsPort,
    pid: proc.pid,
    certificate,
    folder,
    separator: options.separator ?? '/',
    prefix: options.prefix ?? '',
    access: (user) => ({ host: '127.0.0.1', port, user, password: passwordOf(options, user) }),
    log: () => readFile(join(folder, 'dovecot.log'), 'utf8').catch(() => ''),
    received: () => readWire(join(folder, 'wire')),
    [Symbol.asyncDispose]: () => stop(proc, folder),
  }
  await untilReady(server, proc)
  return server
}

/** Under root another user owns the mail, so the folders must let it pass. */
async function makeFolder(options: DovecotOptions): Promise<string> {
  const folder = await mkdtemp(join(options.parentFolder ?? tmpdir(), 'postferry-dovecot-'))
  await chmod(folder, 0o755)
  for (const name of ['run', 'mail', 'wire']) {
    await mkdir(join(folder, name))
    if (isRoot && name !== 'run') execFileSync('chown', ['mail:mail', join(folder, name)])
  }
  const { name, password } = options.master ?? {}
  await writeFile(join(folder, 'users'), passwords(options.users ?? {}))
  await writeFile(join(folder, 'masters'), passwords(name === undefined ? {} : { [name]: password ?? '' }))
  return folder
}

/** In Base64, since a colon ends a field of this file. */
function passwords(users: Readonly<Record<string, string>>): string {
  const line = ([user, password]: [string, string]) =>
    `${user}:{PLAIN.b64}${Buffer.from(password).toString('base64')}::::::\n`
  return Object.entries(users).map(line).join('')
}

function passwordOf(options: DovecotOptions, user: string): string {
  return options.users?.[user] ?? options.password ?? 'pass'
}

function ids(): DovecotPlace['ids'] {
  if (isRoot) {
    return { internal: 'dovecot', internalGroup: 'dovecot', login: 'dovenull', mail: 'mail', mailGroup: 'mail' }
  }
  const { username, uid, gid } = userInfo()
  const group = execFileSync('id', ['-gn']).toString().trim()
  return { internal: username, internalGroup: group, login: username, mail: `${uid}`, mailGroup: `${gid}` }
}

/** Tries to connect until a greeting comes; a Dovecot that ends or stays silent is stopped and its log shown. */
async function untilReady(server: DovecotServer, proc: Proc): Promise<void> {
  const giveUp = AbortSignal.timeout(readyMsMax)
  let ended = false
  void proc.exited.then(() => {
    ended = true
  })
  while (!ended && !giveUp.aborted) {
    const wire = await ImapWire.greet(server).catch(() => null)
    if (wire !== null) return wire[Symbol.asyncDispose]()
    await Bun.sleep(10)
  }
  const log = `${proc.output()}${await server.log()}`
  await server[Symbol.asyncDispose]()
  throw new Error(`Cannot start Dovecot: ${log}`)
}

/** Ends the master by its id; with a signal that lets it end its workers first. */
async function stop(proc: Proc, folder: string): Promise<void> {
  let ended = false
  const gone = proc.kill('SIGTERM').then(() => {
    ended = true
  })
  // With only its log writer left the master sleeps on for a second, which no test needs to wait for.
  while (!ended && countChildren(proc.pid) > 1) await Bun.sleep(5)
  await Promise.all([gone, proc.kill('SIGKILL')])
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/** Without /proc as many as can be, so that one waits for the end itself. */
function countChildren(pid: number): number {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

async function readWire(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.in')).sort()
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')))
  return texts.flatMap((text) => text.split(/\r?\n/)).filter((line) => line !== '')
}
