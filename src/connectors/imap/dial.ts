import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import { beginTls, dial, resolveHost, type TlsRules } from '../../platform/dialer.ts'
import { cancelledFault, type Peer } from './faults.ts'
import type { ImapOptions } from './options.ts'
import { connectFault } from './sign-in-faults.ts'

/** What a probe wants to know on the way. */
export interface DialWatcher {
  onResolved?(addresses: readonly string[]): void
  onConnected?(): void
}

/** The host's addresses are resolved once and checked, and one of them is dialled. Throws a Fault. */
export async function connect(
  { server }: Access,
  peer: Peer,
  options: ImapOptions,
  signal: AbortSignal,
  watcher: DialWatcher = {},
): Promise<Socket> {
  try {
    const addresses = await resolveHost(server.host, options.policy)
    watcher.onResolved?.(addresses)
    const socket = await dial(addresses, { port: server.port, signal, timeoutMs: options.connectMs })
    // Whoever reads from it listens too; in between an error is not to end the process.
    socket.on('error', () => {})
    watcher.onConnected?.()
    return socket
  } catch (cause) {
    if (signal.aborted) throw cancelledFault(peer)
    throw cause instanceof Fault ? cause.at(peer.side) : connectFault(peer, cause)
  }
}

/** The same connection over TLS. Throws what went wrong in the handshake, the connection being cut then. */
export function secure(socket: Socket, rules: TlsRules, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      tls.off('error', fail)
      for (const end of [tls, socket]) end.off('close', cut)
      finish()
    }
    const fail = (cause: unknown): void =>
      settle(() => {
        tls.destroy()
        socket.destroy()
        reject(cause)
      })
    const cut = (): void => fail(coded('ECONNRESET', 'The connection was cut in the handshake'))
    const tls = beginTls(socket, rules, () => settle(() => resolve(tls)))
    const timer = setTimeout(() => fail(coded('UPGRADE_TIMEOUT', 'The handshake did not end')), timeoutMs)
    // More than one error may come, and none may go unheard.
    tls.on('error', () => {})
    tls.on('error', fail)
    for (const end of [tls, socket]) end.on('close', cut)
  })
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })
