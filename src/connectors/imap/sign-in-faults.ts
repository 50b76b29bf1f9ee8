import { Buffer } from 'node:buffer'
import type { ImapFlow } from 'imapflow'
import type { Access } from '../../domain/endpoint.ts'
import { Fault, type FaultCode } from '../../domain/fault.ts'
import type { ResponseCode } from './codec/status-line.ts'
import { byeFault, type Peer, plainText, refusalFault } from './faults.ts'

/** What the errors of sockets, TLS and the sign-in library may carry. */
interface ForeignError {
  readonly code?: string
  readonly message?: string
  readonly reason?: string
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } }
  readonly tlsFailed?: boolean
  readonly authenticationFailed?: boolean
  readonly serverResponseCode?: string
  readonly responseStatus?: string
  readonly responseText?: string
  readonly throttleReset?: number
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the server cut the connection',
  EPIPE: 'the server cut the connection',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'no answer came in time',
  CONNECT_TIMEOUT: 'no answer came in time',
  GREETING_TIMEOUT: 'no greeting came in time',
  ETIMEOUT: 'no answer came in time',
  UPGRADE_TIMEOUT: 'the TLS handshake did not end',
  STARTTLS_INJECTION: 'data came in clear text before the TLS handshake',
  ClosedAfterConnectTLS: 'the server closed the connection at once',
  ClosedAfterConnectText: 'the server closed the connection at once',
  NoConnection: 'the server closed the connection',
}

/** Why no connection came about. */
export function connectFault({ name, side }: Peer, cause: unknown): Fault {
  const error = cause as ForeignError
  const why = words[error.code ?? ''] ?? plainText(error.message ?? 'it failed')
  return new Fault('connect.unreachable', `Cannot connect to ${name}: ${why}`, { cause, side })
}

const untrusted: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an unknown authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  CERT_UNTRUSTED: 'its certificate is not trusted',
  CERT_REJECTED: 'its certificate is not trusted',
  HOSTNAME_MISMATCH: 'its certificate is for another host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

/** Why a connection that came about is not secured or not signed in to. `client` knows what had been reached. */
export function signInFault(peer: Peer, access: Access, cause: unknown, client: ImapFlow): Fault {
  const error = cause as ForeignError
  const fault = tlsFault(peer, access, error) ?? refusal(peer, access, error) ?? library(peer, access, error, client)
  const { scope, retry, retryAfterMs } = fault
  return new Fault(fault.code, withoutSecret(fault.message, access), {
    scope,
    retry,
    side: peer.side,
    ...(retryAfterMs !== null && { retryAfterMs }),
  })
}

function tlsFault({ name, side }: Peer, { server }: Access, error: ForeignError): Fault | null {
  const distrust = untrusted[error.code ?? '']
  if (distrust !== undefined) {
    return new Fault('tls.untrusted', `Cannot trust ${name}: ${distrust}${namesOf(error)}`, { cause: error, side })
  }
  if (error.tlsFailed && /STARTTLS|PREAUTH/.test(error.message ?? '') && error.code === undefined) {
    return new Fault('tls.starttls-missing', `Cannot secure the connection to ${name}: it offers no STARTTLS`, { side })
  }
  const isTls = error.tlsFailed || /^(?:ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/.test(error.code ?? '')
  const isCut = server.security === 'ssl' && (error.code === 'ECONNRESET' || error.code === 'CONNECT_TIMEOUT')
  if (!isTls && !isCut) return null
  const why = words[error.code ?? ''] ?? tlsWords(error.message ?? 'it failed')
  return new Fault('tls.failed', `Cannot secure the connection to ${name}: ${why}`, { cause: error, side })
}

/** OpenSSL says so of whatever does not begin like TLS: mostly a greeting in clear text. */
const tlsWords = (message: string): string =>
  /wrong.version.number/i.test(message) ? 'it does not answer in TLS' : plainText(message)

/** The names that the certificate does have help to find the right host. */
function namesOf({ cert }: ForeignError): string {
  const names = cert?.subjectaltname ?? cert?.subject?.CN
  return names ? ` (${plainText(names.replace(/\b(?:DNS|IP Address):/g, ''))})` : ''
}

function refusal(peer: Peer, access: Access, error: ForeignError): Fault | null {
  const { authenticationFailed, throttleReset, serverResponseCode, responseText = '', responseStatus } = error
  const action = `Cannot sign in as "${plainText(access.login)}"`
  if (throttleReset !== undefined) {
    return new Fault('server.throttled', `${action}: ${peer.name} asks to wait`, {
      side: peer.side,
      retryAfterMs: throttleReset,
    })
  }
  if (!authenticationFailed || responseStatus === undefined) return null
  const code: ResponseCode | null = serverResponseCode ? { name: serverResponseCode.toUpperCase(), data: '' } : null
  const status = responseStatus === 'BAD' ? 'BAD' : 'NO'
  // Before it is cut to length: a part of a secret would not be known for one.
  return refusalFault(peer, 'sign-in', action, { status, code, text: withoutSecret(responseText, access) })
}

const byMessage: readonly (readonly [RegExp, FaultCode, string])[] = [
  [/Login is disabled/, 'sign-in.unsupported', 'it takes no password over this connection'],
  [/Unsupported authentication|No matching authentication/, 'sign-in.unsupported', 'it offers no usable method'],
]

function library(peer: Peer, access: Access, error: ForeignError, client: ImapFlow): Fault {
  const { name, side } = peer
  const known = byMessage.find(([pattern]) => pattern.test(error.message ?? ''))
  if (known) return new Fault(known[1], `Cannot sign in to ${name}: ${known[2]}`, { cause: error, side })
  if (client.byeReason && client.byeReason !== 'Server closed connection') {
    return byeFault(peer, { status: 'BYE', ...byeWords(withoutSecret(client.byeReason, access)) })
  }
  const why = words[error.code ?? ''] ?? plainText(error.message ?? 'it failed')
  if (client.greeting === undefined) {
    return new Fault('connect.unreachable', `Cannot connect to ${name}: ${why}`, { cause: error, side })
  }
  const code =
    error.code === 'ETIMEOUT'
      ? 'connect.timeout'
      : error.code && words[error.code]
        ? 'connect.dropped'
        : 'server.protocol'
  return new Fault(code, `Cannot sign in to ${name}: ${why}`, { cause: error, side })
}

function byeWords(reason: string): { readonly code: ResponseCode | null; readonly text: string } {
  const [, name, data = '', text = ''] = /^\[?([A-Z-]+)(?: ([^\]]*))?\] ?(.*)$/s.exec(reason) ?? []
  return name === undefined ? { code: null, text: reason } : { code: { name, data }, text }
}

/** Some servers repeat what they were sent; the error behind it, which may hold the command, is not kept. */
const withoutSecret = (text: string, access: Access): string =>
  formsOf(access).reduce((words, form) => words.replaceAll(form, '***'), text)

/** How a password stands on the wire: as it is, quoted for LOGIN, in the base64 of PLAIN (RFC 4616) and of LOGIN's SASL. */
function formsOf({ login, authzid, password }: Access): readonly string[] {
  if (password === '') return []
  const quoted = password.replace(/["\\]/g, '\\$&')
  const plain = ['', login, authzid ?? ''].map((name) => `${name}\0${login}\0${password}`)
  return [...[...plain, password].map((text) => Buffer.from(text).toString('base64')), quoted, password]
}
