import type { Access, ProbeReport, ProbeStep } from '../../domain/endpoint.ts'
import { type Fault, faultKinds, isFault } from '../../domain/fault.ts'
import type { Folder } from '../../domain/mail.ts'
import { plainText } from './faults.ts'
import { Folders } from './folders.ts'
import type { ImapOptions } from './options.ts'
import { askQuota } from './quota.ts'
import { Session } from './session.ts'
import type { SignInWatcher } from './sign-in-library.ts'

type Step = ProbeStep['step']

/** The rungs up to the sign-in, in the order in which each security mode climbs them. */
const order: Record<Access['server']['security'], readonly Step[]> = {
  none: ['resolve', 'connect', 'greeting', 'capability', 'sign-in'],
  ssl: ['resolve', 'connect', 'tls', 'greeting', 'capability', 'sign-in'],
  tls: ['resolve', 'connect', 'greeting', 'capability', 'tls', 'sign-in'],
}

/**
 * Climbs the ladder up to its first failure, and without a login up to where a sign-in would begin.
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
    ladder.fail(error)
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
  ladder.pass('folders', folderCounts(await folders.list()))
  ladder.next = 'quota'
  const quota = await askQuota(session)
  ladder.pass('quota', quota ? `${quota.usedBytes} of ${quota.limitBytes} bytes used` : 'The server tells no quota')
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
      onResolved: (addresses) => this.pass('resolve', `${host} is ${addresses.join(', ')}`),
      onConnected: () => this.pass('connect', `Port ${port} takes connections`),
      onSecure: (protocol, isTrusted) =>
        this.pass(
          'tls',
          isTrusted ? `${protocol}, the certificate is trusted` : `${protocol}, the certificate is not trusted`,
        ),
      onGreeting: () => this.pass('greeting', 'The server greets'),
      onCapabilities: (capabilities) => {
        this.#capabilities = capabilities
        this.pass('capability', plainText(capabilities.join(' ')))
      },
    }
  }

  pass(step: Step, detail: string): void {
    this.#steps.push({ step, isOk: true, elapsedMs: this.#elapsed(), detail, code: null, remedy: null })
  }

  fail(fault: Fault): void {
    const { code, message } = fault
    const { remedy } = faultKinds[code]
    const step = this.#failed(fault)
    if (step === 'sign-in' && this.#access.login === '') return
    this.#steps.push({
      step,
      isOk: false,
      elapsedMs: this.#elapsed(),
      detail: message,
      code,
      remedy,
    })
  }

  report(session: Session | null): ProbeReport {
    const capabilities = session ? [...session.capabilities] : this.#capabilities
    return { isOk: this.#steps.every(({ isOk }) => isOk), steps: this.#steps, capabilities }
  }

  #failed({ code }: Fault): Step {
    if (this.next) return this.next
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
