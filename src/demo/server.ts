import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { capabilities } from './capabilities.ts'
import { converse } from './conversation.ts'
import type { Hooks } from './hooks.ts'
import { Session } from './session.ts'
import { defaultSettings, type Extension, type Settings } from './settings.ts'
import { Store } from './store.ts'
import { clearTransport, secureTransport, type Transport } from './transport.ts'

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

/** A small strict IMAP4rev1 server in memory, on the loopback only. */
export async function startImapServer(options: ServerOptions = {}): Promise<ImapServer> {
  const { store = new Store(), hooks = {}, port = 0, extensions, ...rest } = options
  const settings: Settings = { ...defaultSettings, ...rest, ...(extensions && { extensions: new Set(extensions) }) }
  const sessions = new Set<Session>()
  let sessionCount = 0
  const accept = (socket: Socket, transport: Transport) => {
    const session = new Session(++sessionCount, { store, settings, hooks }, transport)
    sessions.add(session)
    socket.setNoDelay(true)
    socket.once('close', () => sessions.delete(session))
    hooks.onConnect?.(session)
    void converse(session, greeting(session))
  }
  const server = listener(settings, accept)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const close = () => closeServer(server, sockets)
  return { host: '127.0.0.1', port: await listen(server, port), store, sessions, close, [Symbol.asyncDispose]: close }
}

/** A test may have signed the session in already. */
const greeting = (session: Session): string =>
  `${session.account ? 'PREAUTH' : 'OK'} [CAPABILITY ${capabilities(session)}] Postferry demo server ready`

type Accept = (socket: Socket, transport: Transport) => void

const listener = ({ tls, isTlsImplicit }: Settings, accept: Accept): Server =>
  tls && isTlsImplicit
    ? createTlsServer(tls, (socket) => accept(socket, secureTransport(socket)))
    : createServer((socket) => accept(socket, clearTransport(socket)))

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** Sockets and not sessions: over TLS a connection may never have come to one. */
async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const socket of sockets) socket.destroy()
  await closed
}
