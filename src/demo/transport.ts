import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { TlsKeys } from './settings.ts'

/** What a session talks over. */
export interface Transport {
  readonly stream: Duplex
  readonly isSecure: boolean
  /** The same connection over TLS, from the next byte on; null where it is so already. */
  readonly startTls: ((keys: TlsKeys) => Transport) | null
}

export const secureTransport = (socket: TLSSocket): Transport => ({ stream: socket, isSecure: true, startTls: null })

export const clearTransport = (socket: Socket): Transport => ({
  stream: socket,
  isSecure: false,
  startTls: (keys) => secureTransport(new TLSSocket(socket, { isServer: true, ...keys })),
})
