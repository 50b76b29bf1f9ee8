import { TLSSocket } from 'node:tls'
import { attach } from './server.ts'
import type { Session } from './session.ts'
import type { TlsKeys } from './settings.ts'

/** Goes on over TLS. What came in clear text behind the command is thrown away (RFC 3501, section 6.2.1). */
export function startTls(session: Session, tls: TlsKeys): void {
  session.output.flush()
  session.input.clear()
  session.socket.removeAllListeners('data')
  session.socket = new TLSSocket(session.socket, { isServer: true, ...tls })
  session.isSecure = true
  session.output.moveTo(session.socket)
  attach(session)
}
