import type { Socket } from 'node:net'
import { ImapFlow, type ImapFlowOptions, type NamespacesObject } from 'imapflow'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import { beginTls, dial, resolveHost } from '../../platform/dialer.ts'
import { latin1 } from './codec/cursor.ts'
import { cancelledFault, type Peer } from './faults.ts'
import type { ImapOptions } from './options.ts'
import { connectFault, signInFault } from './sign-in-faults.ts'

/** What the names of some folders begin with, its delimiter included, as NAMESPACE tells it (RFC 2342). */
export interface Namespace {
  readonly prefix: string
  readonly delimiter: string | null
}

export interface Namespaces {
  /** Mostly one, with an empty prefix; none where the server would not tell. */
  readonly personal: readonly Namespace[]
  /** Of other people, and shared. */
  readonly foreign: readonly Namespace[]
}

/** A connection that has been secured and signed in to, ready for our own wire. */
export interface SignedIn {
  readonly socket: Socket
  /** In capitals; those with a value as `NAME=VALUE` too. */
  readonly capabilities: ReadonlySet<string>
  /** APPENDLIMIT (RFC 7889), or null. */
  readonly appendBytesMax: number | null
  readonly namespaces: Namespaces
}

/** What a probe wants to know on the way. With STARTTLS the greeting comes before the security. */
export interface SignInWatcher {
  onResolved?(addresses: readonly string[]): void
  onConnected?(): void
  onSecure?(protocol: string, isTrusted: boolean): void
  onGreeting?(): void
  /** As told before the sign-in. */
  onCapabilities?(capabilities: readonly string[]): void
}

const greetingLengthMax = 16 * 1024

/**
 * Dials, secures and signs in. The host's addresses are resolved once and checked, and one of them is dialled; STARTTLS
 * never falls back to clear text. Throws a Fault.
 */
export async function signIn(
  access: Access,
  peer: Peer,
  options: ImapOptions,
  signal: AbortSignal,
  watcher: SignInWatcher = {},
): Promise<SignedIn> {
  refuseUnsendable(access, peer)
  const socket = await connect(access, peer, options, signal, watcher)
  const client = new ImapFlow(flowOptions(access, options, socket, watcher))
  // What follows a failed connect() needs a listener, but has nothing to say any more.
  client.on('error', () => {})
  const cut = (): void => client.close()
  signal.addEventListener('abort', cut, { once: true })
  try {
    await client.connect()
    return handOver(client, access, peer)
  } catch (cause) {
    client.close()
    socket.destroy()
    if (cause instanceof Fault) throw cause
    throw signal.aborted ? cancelledFault(peer) : signInFault(peer, access, cause, client)
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/** A NUL would move the borders between the fields of PLAIN (RFC 4616, section 2). */
function refuseUnsendable({ login, password, authzid }: Access, { side, name }: Peer): void {
  if ([login, password, authzid ?? ''].some((text) => /[\0\r\n]/.test(text))) {
    const message = `Cannot sign in to ${name}: the user name or password holds a control character`
    throw new Fault('sign-in.refused', message, { side })
  }
}

async function connect(
  { server }: Access,
  peer: Peer,
  options: ImapOptions,
  signal: AbortSignal,
  watcher: SignInWatcher,
): Promise<Socket> {
  try {
    const addresses = await resolveHost(server.host, options.policy)
    watcher.onResolved?.(addresses)
    const socket = await dial(addresses, { port: server.port, signal, timeoutMs: options.connectMs })
    watcher.onConnected?.()
    return socket
  } catch (cause) {
    if (signal.aborted) throw cancelledFault(peer)
    throw cause instanceof Fault ? cause.at(peer.side) : connectFault(peer, cause)
  }
}

type Transport = NonNullable<ImapFlowOptions['transport']>

function flowOptions(access: Access, options: ImapOptions, socket: Socket, watcher: SignInWatcher): ImapFlowOptions {
  const { server, login, password, authzid } = access
  return {
    host: server.host,
    port: server.port,
    secure: server.security === 'ssl',
    doSTARTTLS: server.security === 'tls',
    // Without a method PLAIN is given up silently where it is not offered, and the authorization identity with it.
    auth: { user: login, pass: password, ...(authzid !== null && { authzid, loginMethod: 'AUTH=PLAIN' }) },
    transport: transportOver(socket, server, watcher),
    logger: false,
    disableCompression: true,
    disableAutoIdle: true,
    disableAutoEnable: true,
    clientInfo: { name: 'Postferry', version: false, vendor: false, 'support-url': false },
    connectionTimeout: options.connectMs,
    greetingTimeout: options.signInMs,
    socketTimeout: options.signInMs,
    // Nothing but greetings, capabilities and namespaces comes before our own wire takes over.
    maxLineLength: 64 * 1024,
    maxLiteralSize: 64 * 1024,
    maxResponseSize: 256 * 1024,
    maxResponseTokens: 10_000,
  }
}

/** Lets the library speak over the connection that we dialled, so that no name is resolved again. */
function transportOver(dialled: Socket, server: Access['server'], watcher: SignInWatcher): Transport {
  const secure = (socket: Socket, onSecure: () => void) => {
    const tls = beginTls(socket, server, () => {
      watcher.onSecure?.(tls.getProtocol() ?? 'TLS', tls.authorized)
      onSecure()
    })
    return tls
  }
  return {
    connect: ({ secure: isSecure }, onConnect) => {
      const begin = (socket: Socket): void => {
        onConnect()
        watchGreeting(socket, watcher)
      }
      if (isSecure) {
        const tls = secure(dialled, () => begin(tls))
        return tls
      }
      setImmediate(() => begin(dialled))
      return dialled
    },
    upgrade: (socket, _, onSecure) => secure(socket as Socket, onSecure),
  }
}

/** Looks on while the library reads. */
function watchGreeting(socket: Socket, watcher: SignInWatcher): void {
  if (!watcher.onGreeting && !watcher.onCapabilities) return
  let text = ''
  const look = (chunk: Uint8Array): void => {
    if (text === '') watcher.onGreeting?.()
    text = `${text}${latin1(chunk)}`.slice(-greetingLengthMax)
    const words = /\bCAPABILITY ([^\]\r\n]*)[\]\r\n]/i.exec(text)?.[1]
    if (words === undefined) return
    socket.off('data', look)
    watcher.onCapabilities?.(words.toUpperCase().split(' '))
  }
  socket.on('data', look)
}

function handOver(client: ImapFlow, access: Access, peer: Peer): SignedIn {
  refuseWrongIdentity(client, access, peer)
  const capabilities = new Set([...client.capabilities.keys()].map((name) => name.toUpperCase()))
  const limit = client.capabilities.get('APPENDLIMIT')
  const { personal = [], other, shared } = client.namespaces ?? {}
  const namespaces = { personal: spaces(personal), foreign: [...spaces(other), ...spaces(shared)] }
  const { socket } = client.unbind()
  const appendBytesMax = typeof limit === 'number' && limit > 0 ? limit : null
  return { socket: socket as Socket, capabilities, appendBytesMax, namespaces }
}

const spaces = (list: NamespacesObject['other'] | undefined): readonly Namespace[] =>
  (list || []).map(({ prefix, delimiter }) => ({ prefix, delimiter: delimiter || null }))

/** A PREAUTH greeting, or a method without an authorization identity, would open another mailbox than the wanted one. */
function refuseWrongIdentity(client: ImapFlow, { authzid }: Access, { name, side }: Peer): void {
  // The library keeps the words of an OK greeting only.
  if (client.greeting === undefined) {
    const message = `Cannot sign in to ${name}: the connection belongs to somebody already`
    throw new Fault('sign-in.unsupported', message, { side })
  }
  // Where no method is offered it falls back to LOGIN, which knows no authorization identity. True is the method that
  // it took; not in its types.
  const { authCapabilities } = client as unknown as { readonly authCapabilities?: ReadonlyMap<string, boolean> }
  if (authzid !== null && authCapabilities?.get('AUTH=PLAIN') !== true) {
    throw new Fault('sign-in.unsupported', `Cannot sign in to ${name} for others: PLAIN is not offered`, { side })
  }
}
