import type { ImapFlow } from 'imapflow'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import { type Peer, plainText } from './faults.ts'
import {
  brokenFault,
  connectFault,
  refusedFault,
  startTlsMissing,
  tlsFault,
  trustFault,
  withoutSecret,
} from './sign-in-faults.ts'

/** What the errors of the sign-in library may carry. */
interface LibraryError {
  readonly code?: string
  readonly message?: string
  readonly tlsFailed?: boolean
  readonly authenticationFailed?: boolean
  readonly serverResponseCode?: string
  readonly responseStatus?: string
  readonly responseText?: string
  readonly throttleReset?: number
}

/** Why a connection that came about is not secured or not signed in to. `client` knows what had been reached. */
export function libraryFault(peer: Peer, access: Access, cause: unknown, client: ImapFlow): Fault {
  const error = cause as LibraryError
  const fault = security(peer, access, error) ?? refusal(peer, access, error) ?? other(peer, access, error, client)
  const { scope, retry, retryAfterMs } = fault
  // The error behind it, which may hold the command, is not kept.
  return new Fault(fault.code, withoutSecret(fault.message, access), {
    scope,
    retry,
    side: peer.side,
    ...(retryAfterMs !== null && { retryAfterMs }),
  })
}

function security(peer: Peer, { server }: Access, error: LibraryError): Fault | null {
  const distrust = trustFault(peer, error)
  if (distrust) return distrust
  if (error.tlsFailed && /STARTTLS|PREAUTH/.test(error.message ?? '') && error.code === undefined) {
    return startTlsMissing(peer)
  }
  const isTls = error.tlsFailed || /^(?:ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/.test(error.code ?? '')
  const isCut = server.security === 'ssl' && (error.code === 'ECONNRESET' || error.code === 'CONNECT_TIMEOUT')
  return isTls || isCut ? tlsFault(peer, error) : null
}

function refusal(peer: Peer, access: Access, error: LibraryError): Fault | null {
  const { authenticationFailed, throttleReset, serverResponseCode, responseText = '', responseStatus } = error
  if (throttleReset !== undefined) {
    const message = `Cannot sign in as "${plainText(access.login)}": ${peer.name} asks to wait`
    return new Fault('server.throttled', message, { side: peer.side, retryAfterMs: throttleReset })
  }
  if (!authenticationFailed || responseStatus === undefined) return null
  const code = serverResponseCode ? { name: serverResponseCode.toUpperCase(), data: '' } : null
  return refusedFault(peer, access, { status: responseStatus === 'BAD' ? 'BAD' : 'NO', code, text: responseText })
}

const byMessage: readonly (readonly [RegExp, string])[] = [
  [/Login is disabled/, 'it takes no password over this connection'],
  [/Unsupported authentication|No matching authentication/, 'it offers no usable method'],
]

function other(peer: Peer, access: Access, error: LibraryError, client: ImapFlow): Fault {
  const { name, side } = peer
  const known = byMessage.find(([pattern]) => pattern.test(error.message ?? ''))
  if (known) return new Fault('sign-in.unsupported', `Cannot sign in to ${name}: ${known[1]}`, { side })
  if (client.byeReason && client.byeReason !== 'Server closed connection') {
    // The words only: the library keeps no response code of a BYE.
    return refusedFault(peer, access, { status: 'BYE', code: null, text: client.byeReason })
  }
  return client.greeting === undefined ? connectFault(peer, error) : brokenFault(peer, error)
}
