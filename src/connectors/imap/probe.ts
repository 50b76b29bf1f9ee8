import type { PeerCertificate } from 'node:tls'
import type { Access, ProbeReport, ProbeStep } from '../../domain/endpoint.ts'
import { type Fault, faultKinds, isFault } from '../../domain/fault.ts'
import type { Folder } from '../../domain/mail.ts'
import { askAppendLimit } from './append-limit.ts'
import { certificateNotes, untrustedCertificate } from './certificate.ts'
import { mechanisms, whatTheyBring } from './extensions.ts'
import { plainText } from './faults.ts'
import { Folders } from './folders.ts'
import { mailReader } from './mail-reader.ts'
import type { ImapOptions } from './options.ts'
import { measurePace, readOne, sampleOf } from './probe-mail.ts'
import { askQuota } from './quota.ts'
import { Session } from './session.ts'
import type { SignInWatcher } from './sign-in-library.ts'

type Step = ProbeStep['step']

/** The rungs up to the sign-in, in the order in which each security mode climbs them. */
const order: Record<Access['server']['security'], readonly Step[]> = {
  none: ['resolve', 'policy', 'connect', 'greeting', 'capability', 'mechanisms', 'sign-in'],
  ssl: ['resolve', 'policy', 'connect', 'tls', 'greeting', 'capability', 'mechanisms', 'sign-in'],
  tls: ['resolve', 'policy', 'connect', 'greeting', 'capability', 'tls', 'mechanisms', 'sign-in'],
}

/**
 * Climbs the ladder up to its first failure, and without a login up to where a sign-in would begin. Reads only.
 * Throws only what is no answer of the world.
 */
export async function probe(access: Access, options: ImapOptions, signal: AbortSignal): Promise<ProbeReport> {
  // A process that copies and never probes does without the library.
  const { signInByLibrary } = await import('./sign-in-library.ts')
  const ladder = new Ladder(access)
  let session: Session | null = null
  try {
    session = await Session.open(access, 'source', options, signal, (...entry) =>
      signInByLibrary(...entry, ladder.watcher),
    )
    ladder.pass('sign-in', `Signed in as ${plainText(access.authzid ?? access.login)}`)
    await climb(session, ladder)
  } catch (error) {
    if (!isFault(error) || error.code === 'cancelled') throw error
    const peer = { name: `${access.server.host}:${access.server.port}`, side: 'source' } as const
    const isDistrusted = error.code === 'tls.untrusted'
    ladder.fail(error, isDistrusted ? await untrustedCertificate(access, peer, options, signal) : [])
  } finally {
    await session?.close()
  }
  return ladder.report(session)
}

async function climb(session: Session, ladder: Ladder): Promise<void> {
  const folders = new Folders(session)
  ladder.next = 'namespace'
  const { prefix, delimiter } = await folders.layout()
  ladder.pass('namespace', `Separator ${quote(delimiter ?? '')}, prefix ${quote(prefix)}`)
  ladder.next = 'folders'
  const list = await folders.list()
  ladder.pass('folders', folderCounts(list))
  ladder.next = 'quota'
  const quota = await askQuota(session)
  ladder.pass('quota', quota ? `${quota.usedBytes} of ${quota.limitBytes} bytes used` : 'The server tells no quota')
  ladder.next = 'append-limit'
  const inbox = list.find(({ path: [first, second] }) => first === 'INBOX' && second === undefined) ?? list[0]
  const bytesMax = inbox ? await askAppendLimit(session, inbox) : session.appendBytesMax
  ladder.pass('append-limit', bytesMax ? `Takes messages of up to ${bytesMax} bytes` : 'The server tells no limit')
  await readSome(session, ladder, folders, list)
}

async function readSome(session: Session, ladder: Ladder, folders: Folders, list: readonly Folder[]): Promise<void> {
  const reader = mailReader(session, folders)
  ladder.next = 'fetch'
  const sample = await sampleOf(reader, list)
  ladder.pass('fetch', sample ? await readOne(reader, sample) : 'The mailbox has no message to read')
  ladder.next = 'pace'
  ladder.pass('pace', await measurePace(session, reader, sample))
}

function folderCounts(folders: readonly Folder[]): string {
  const messages = folders.reduce((sum, { status }) => sum + (status?.messages ?? 0), 0)
  return `${folders.length} folders, ${messages} messages`
}

const quote = (text: string): string => `"${plainText(text)}"`

class Ladder {
  /** The rung that is being tried. */
  next: Step | null = null
  readonly #steps: ProbeStep[] = []
  readonly #access: Access
  #since = performance.now()
  #capabilities: readonly string[] = []

  constructor(access: Access) {
    this.#access = access
  }

  get watcher(): SignInWatcher {
    const { host, port } = this.#access.server
    return {
      onResolved: (addresses) => {
        this.pass('resolve', `${host} is ${addresses.join(', ')}`)
        this.pass('policy', 'The address may be used')
      },
      onConnected: () => this.pass('connect', `Port ${port} takes connections`),
      onSecure: (protocol, isTrusted, certificate: PeerCertificate | null) =>
        this.pass(
          'tls',
          isTrusted ? `${protocol}, the certificate is trusted` : `${protocol}, the certificate is not trusted`,
          certificateNotes(certificate),
        ),
      onGreeting: () => this.pass('greeting', 'The server greets'),
      onCapabilities: (capabilities) => {
        const isFirst = this.#capabilities.length === 0
        this.#capabilities = capabilities
        if (isFirst) this.pass('capability', plainText(capabilities.join(' ')))
        // Before STARTTLS a server may hide how one signs in.
        if (!isFirst || this.#access.server.security !== 'tls')
          this.pass('mechanisms', plainText(mechanisms(new Set(capabilities))))
      },
    }
  }

  pass(step: Step, detail: string, notes: readonly string[] = []): void {
    this.#steps.push({ step, isOk: true, elapsedMs: this.#elapsed(), detail, notes, code: null, remedy: null })
  }

  fail(fault: Fault, notes: readonly string[]): void {
    const { code, message } = fault
    const { remedy } = faultKinds[code]
    const step = this.#failed(fault)
    if (step === 'sign-in' && this.#access.login === '') return
    if (step === 'policy') this.pass('resolve', `${this.#access.server.host} has an address`)
    this.#steps.push({ step, isOk: false, elapsedMs: this.#elapsed(), detail: message, notes, code, remedy })
  }

  /** A server may tell all that it can only to whom it knows. */
  report(session: Session | null): ProbeReport {
    const capabilities = session ? [...session.capabilities] : this.#capabilities
    const brought = whatTheyBring(new Set(capabilities))
    const steps = this.#steps.map((step) => (step.step === 'capability' ? { ...step, notes: brought } : step))
    return { isOk: steps.every(({ isOk }) => isOk), steps, capabilities }
  }

  #failed({ code }: Fault): Step {
    if (this.next) return this.next
    if (code === 'connect.refused-by-policy') return 'policy'
    if (code.startsWith('tls.')) return 'tls'
    if (code.startsWith('sign-in.')) return 'sign-in'
    const passed = new Set(this.#steps.map(({ step }) => step))
    return order[this.#access.server.security].find((step) => !passed.has(step)) ?? 'sign-in'
  }

  #elapsed(): number {
    const now = performance.now()
    const elapsedMs = Math.round(now - this.#since)
    this.#since = now
    return elapsedMs
  }
}
