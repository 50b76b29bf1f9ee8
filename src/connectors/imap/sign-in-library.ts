import type { Socket } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { ImapFlow, type ImapFlowOptions } from 'imapflow'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import { beginTls } from '../../platform/dialer.ts'
import { refuseUnsendable } from './authenticate.ts'
import type { Capabilities } from './codec/capabilities.ts'
import { latin1 } from './codec/cursor.ts'
import { connect, type DialWatcher } from './dial.ts'
import { cancelledFault, type Peer } from './faults.ts'
import { libraryFault } from './library-faults.ts'
import type { ImapOptions } from './options.ts'
import type { SignedIn } from './sign-in.ts'
import { takenFault } from './sign-in-faults.ts'

/** What a probe wants to know on the way. With STARTTLS the greeting comes before the security. */
export interface SignInWatcher extends DialWatcher {
  onSecure?(protocol: string, isTrusted: boolean, certificate: PeerCertificate | null): void
  onGreeting?(): void
  /** As told before the sign-in; with STARTTLS once more behind it, where they may be others. */
  onCapabilities?(capabilities: readonly string[]): void
}

const greetingLengthMax = 16 * 1024

/** Signs in as a mail program of the world does, whatever a server needs for it: for probes, and where our own wire cannot. */
export async function signInByLibrary(
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
    throw signal.aborted ? cancelledFault(peer) : libraryFault(peer, access, cause, client)
  } finally {
    signal.removeEventListener('abort', cut)
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
      watcher.onSecure?.(tls.getProtocol() ?? 'TLS', tls.authorized, tls.getPeerCertificate() ?? null)
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
    upgrade: (socket, _, onSecure) => {
      const { onCapabilities } = watcher
      const tls = secure(socket as Socket, () => {
        onSecure()
        watchGreeting(tls, { ...(onCapabilities && { onCapabilities }) })
      })
      return tls
    },
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
  const capabilities = capabilitiesOf(client)
  const { socket } = client.unbind()
  return { socket: socket as Socket, unread: new Uint8Array(), capabilities }
}

/** The library takes the value off APPENDLIMIT only. */
const capabilitiesOf = ({ capabilities }: ImapFlow): Capabilities =>
  new Set(
    [...capabilities].map(([name, value]) => (typeof value === 'number' ? `${name}=${value}` : name).toUpperCase()),
  )

/** A PREAUTH greeting, or a method without an authorization identity, would open another mailbox than the wanted one. */
function refuseWrongIdentity(client: ImapFlow, { authzid }: Access, peer: Peer): void {
  // The library keeps the words of an OK greeting only.
  if (client.greeting === undefined) throw takenFault(peer)
  // Where no method is offered it falls back to LOGIN, which knows no authorization identity. True is the method that
  // it took; not in its types.
  const { authCapabilities } = client as unknown as { readonly authCapabilities?: ReadonlyMap<string, boolean> }
  if (authzid !== null && authCapabilities?.get('AUTH=PLAIN') !== true) {
    const message = `Cannot sign in to ${peer.name} for others: PLAIN is not offered`
    throw new Fault('sign-in.unsupported', message, { side: peer.side })
  }
}
