import type { Socket } from 'node:net'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import type { Capabilities } from './codec/capabilities.ts'
import { connect, secure } from './dial.ts'
import { Dialogue } from './dialogue.ts'
import { cancelledFault, type Peer } from './faults.ts'
import type { ImapOptions } from './options.ts'
import {
  brokenFault,
  connectFault,
  refusedFault,
  startTlsInjected,
  startTlsMissing,
  takenFault,
  tlsFault,
} from './sign-in-faults.ts'

/** Everything that a sign-in needs to know. */
export interface Entry {
  readonly access: Access
  readonly peer: Peer
  readonly options: ImapOptions
}

/** A connection on which a password may be said. */
export interface OpenLine {
  readonly socket: Socket
  readonly dialogue: Dialogue
  /** As the greeting told them, or null. */
  readonly capabilities: Capabilities | null
}

/** Dials, secures, and waits for the greeting. STARTTLS never falls back to clear text. Throws a Fault. */
export async function openLine(entry: Entry, signal: AbortSignal): Promise<OpenLine> {
  const { access, peer, options } = entry
  const line: Line = { socket: await connect(access, peer, options, signal) }
  return guarded(line, entry, signal, async () => {
    const opened = await openers[access.server.security](line, entry)
    return { ...opened, socket: line.socket }
  })
}

/** The connection as it stands: another socket once it is encrypted. */
interface Line {
  socket: Socket
}

/** Does something on a connection, which is cut when that fails or the signal aborts. Throws a Fault. */
export async function guarded<T>(
  line: Readonly<Line>,
  { peer }: Entry,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const cut = (): void => void line.socket.destroy()
  signal.addEventListener('abort', cut, { once: true })
  try {
    return await work()
  } catch (cause) {
    cut()
    if (signal.aborted) throw cancelledFault(peer)
    throw cause instanceof Fault ? cause : brokenFault(peer, cause)
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

type Opened = Omit<OpenLine, 'socket'>

type Opener = (line: Line, entry: Entry) => Promise<Opened>

const openers: Readonly<Record<Access['server']['security'], Opener>> = {
  none: greeted,
  async ssl(line, entry) {
    await encrypt(line, entry)
    return greeted(line, entry)
  },
  async tls(line, entry) {
    const { dialogue, capabilities } = await greeted(line, entry, startTlsMissing)
    await startTls(dialogue, capabilities ?? (await askCapabilities(dialogue, entry)), entry)
    await encrypt(line, entry)
    // Whatever was said in clear text, anybody may have said (RFC 3501, section 6.2.1): it is forgotten.
    return { dialogue: new Dialogue(line.socket, entry.options.signInMs), capabilities: null }
  },
}

/** A PREAUTH greeting would open another mailbox than the wanted one. */
async function greeted(line: Line, { access, peer, options }: Entry, taken = takenFault): Promise<Opened> {
  const dialogue = new Dialogue(line.socket, options.signInMs)
  const greeting = await dialogue.greeting(options.connectMs).catch((cause: unknown) => {
    throw connectFault(peer, cause)
  })
  if (greeting.status === 'PREAUTH') throw taken(peer)
  if (greeting.status !== 'OK') throw ofWholeServer(refusedFault(peer, access, greeting))
  return { dialogue, capabilities: greeting.capabilities }
}

/** Who asks to wait before it knows who comes means everybody. */
function ofWholeServer(fault: Fault): Fault {
  if (fault.code !== 'server.throttled') return fault
  const { code, message, side, retryAfterMs } = fault
  return new Fault(code, message, {
    scope: 'endpoint',
    ...(side && { side }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  })
}

async function startTls(dialogue: Dialogue, offered: Capabilities, { access, peer }: Entry): Promise<void> {
  if (!offered.has('STARTTLS')) throw startTlsMissing(peer)
  const answer = await dialogue.command('STARTTLS')
  if (answer.status === 'BYE') throw refusedFault(peer, access, answer)
  if (answer.status !== 'OK') throw startTlsMissing(peer)
  if (dialogue.leave().length > 0) throw startTlsInjected(peer)
}

async function encrypt(line: Line, { access, peer, options }: Entry): Promise<void> {
  line.socket = await secure(line.socket, access.server, options.connectMs).catch((cause: unknown) => {
    throw tlsFault(peer, cause)
  })
}

export async function askCapabilities(dialogue: Dialogue, { access, peer }: Entry): Promise<Capabilities> {
  const answer = await dialogue.command('CAPABILITY')
  if (answer.status !== 'OK') throw refusedFault(peer, access, answer)
  return answer.capabilities ?? new Set()
}
