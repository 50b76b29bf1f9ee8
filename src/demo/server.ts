import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { capabilities } from './capabilities.ts'
import { converse } from './conversation.ts'
import type { Hooks } from './hooks.ts'
import { Session } from './session.ts'
import { defaultSettings, type Extension, type Settings } from './settings.ts'
import { Store } from './store.ts'

export interface ServerOptions extends Partial<Omit<Settings, 'extensions'>> {
  readonly store?: Store
  readonly extensions?: Iterable<Extension>
  readonly hooks?: Hooks
  /** 0 takes a free one. */
  readonly port?: number
}

export interface ImapServer extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly store: Store
  /** The connections that are open now. */
  readonly sessions: ReadonlySet<Session>
  /** Cuts all connections. */
  close(): Promise<void>
}

/** Unread bytes at which a client is held back. */
const pendingBytesMax = 1024 * 1024

/** A small strict IMAP4rev1 server in memory, on the loopback only. */
export async function startImapServer(options: ServerOptions = {}): Promise<ImapServer> {
  const { store = new Store(), hooks = {}, port = 0, extensions, ...rest } = options
  const settings: Settings = { ...defaultSettings, ...rest, ...(extensions && { extensions: new Set(extensions) }) }
  const sessions = new Set<Session>()
  let sessionCount = 0
  const accept = (socket: Socket) => {
    const session = new Session(++sessionCount, { store, settings, hooks }, socket, settings.isTlsImplicit)
    sessions.add(session)
    socket.once('close', () => sessions.delete(session))
    attach(session)
    hooks.onConnect?.(session)
    void converse(session, `OK [CAPABILITY ${capabilities(session)}] Postferry demo server ready`)
  }
  const server = settings.isTlsImplicit && settings.tls ? createTlsServer(settings.tls, accept) : createServer(accept)
  const close = () => closeServer(server, sessions)
  return { host: '127.0.0.1', port: await listen(server, port), store, sessions, close, [Symbol.asyncDispose]: close }
}

/** Feeds what arrives on the session's socket into it. */
export function attach(session: Session): void {
  const { socket, input } = session
  socket.setNoDelay(true)
  socket.on('data', (chunk: Uint8Array) => {
    session.receive(chunk)
    if (input.pendingBytes > pendingBytesMax) socket.pause()
  })
  socket.on('end', () => input.end())
  socket.on('close', () => input.end())
  // A reset is followed by close, which ends the session.
  socket.on('error', () => {})
  input.onRead = () => {
    if (socket.isPaused() && input.pendingBytes <= pendingBytesMax) socket.resume()
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

async function closeServer(server: Server, sessions: ReadonlySet<Session>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const session of sessions) session.drop()
  await closed
}
