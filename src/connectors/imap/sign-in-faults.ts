import { Buffer } from 'node:buffer'
import type { Access } from '../../domain/endpoint.ts'
import { Fault } from '../../domain/fault.ts'
import type { StatusLine } from './codec/status-line.ts'
import { byeFault, type Peer, plainText, refusalFault } from './faults.ts'

/** What the errors of sockets and of TLS may carry. */
interface SocketError {
  readonly code?: string
  readonly message?: string
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the server cut the connection',
  EPIPE: 'the server cut the connection',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'no answer came in time',
  CONNECT_TIMEOUT: 'no answer came in time',
  GREETING_TIMEOUT: 'no greeting came in time, as from a port that wants TLS at once',
  ETIMEOUT: 'no answer came in time',
  UPGRADE_TIMEOUT: 'the TLS handshake did not end',
  STARTTLS_INJECTION: 'data came in clear text before the TLS handshake',
  ClosedAfterConnectTLS: 'the server closed the connection at once',
  ClosedAfterConnectText: 'the server closed the connection at once',
  NoConnection: 'the server closed the connection',
}

const whyOf = ({ code, message }: SocketError, read = plainText): string =>
  words[code ?? ''] ?? read(message ?? 'it failed')

/** Why no connection came about, or no greeting. */
export function connectFault({ name, side }: Peer, cause: unknown): Fault {
  return new Fault('connect.unreachable', `Cannot connect to ${name}: ${whyOf(cause as SocketError)}`, { cause, side })
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

/** A certificate that is not believed, or null. */
export function trustFault({ name, side }: Peer, cause: unknown): Fault | null {
  const error = cause as SocketError
  const distrust = untrusted[error.code ?? '']
  if (distrust === undefined) return null
  return new Fault('tls.untrusted', `Cannot trust ${name}: ${distrust}${namesOf(error)}`, { cause, side })
}

/** The names that the certificate does have help to find the right host. */
function namesOf({ cert }: SocketError): string {
  const names = cert?.subjectaltname ?? cert?.subject?.CN
  return names ? ` (${plainText(names.replace(/\b(?:DNS|IP Address):/g, ''))})` : ''
}

/** Why a connection that came about is not secured. */
export function tlsFault(peer: Peer, cause: unknown): Fault {
  const { name, side } = peer
  const why = whyOf(cause as SocketError, tlsWords)
  return (
    trustFault(peer, cause) ??
    new Fault('tls.failed', `Cannot secure the connection to ${name}: ${why}`, { cause, side })
  )
}

/** OpenSSL says so of whatever does not begin like TLS: mostly a greeting in clear text. */
const tlsWords = (message: string): string =>
  /wrong.version.number/i.test(message) ? 'it does not answer in TLS' : plainText(message)

export const startTlsMissing = ({ name, side }: Peer): Fault =>
  new Fault('tls.starttls-missing', `Cannot secure the connection to ${name}: it offers no STARTTLS`, { side })

/** Something came between the answer to STARTTLS and the handshake: somebody else may have said it (CVE-2011-0411). */
export const startTlsInjected = (peer: Peer): Fault =>
  tlsFault(peer, Object.assign(new Error('Data before the handshake'), { code: 'STARTTLS_INJECTION' }))

/** A connection that came about belongs to somebody, and nobody can tell to whom. */
export const takenFault = ({ name, side }: Peer): Fault =>
  new Fault('sign-in.unsupported', `Cannot sign in to ${name}: the connection belongs to somebody already`, { side })

/** What a NO, BAD or BYE to a sign-in means. Nothing of the secret is in it, whatever the server repeats. */
export function refusedFault(peer: Peer, access: Access, line: StatusLine): Fault {
  // Before it is cut to length: a part of a secret would not be known for one.
  const text = withoutSecret(line.text, access)
  // A code that is no plain word says nothing to us, and may repeat what was sent.
  const code = line.code && /^[A-Z-]+$/.test(line.code.name) ? line.code : null
  const shown: StatusLine = { status: line.status, code, text }
  if (line.status === 'BYE') return byeFault(peer, shown)
  return refusalFault(peer, 'sign-in', `Cannot sign in as "${withoutSecret(plainText(access.login), access)}"`, shown)
}

/** Why the talk broke off between the greeting and the end of the sign-in. */
export function brokenFault({ name, side }: Peer, cause: unknown): Fault {
  const error = cause as SocketError
  const known = words[error.code ?? ''] === undefined ? 'server.protocol' : 'connect.dropped'
  const code = error.code === 'ETIMEOUT' ? 'connect.timeout' : known
  return new Fault(code, `Cannot sign in to ${name}: ${whyOf(error)}`, { cause, side })
}

/** Some servers repeat what they were sent. */
export const withoutSecret = (text: string, access: Access): string =>
  formsOf(access).reduce((rest, form) => rest.replaceAll(form, '***'), text)

/** How a password stands on the wire: as it is, quoted for LOGIN, in the base64 of PLAIN (RFC 4616) and of LOGIN's SASL. */
function formsOf({ login, authzid, password }: Access): readonly string[] {
  if (password === '') return []
  const quoted = password.replace(/["\\]/g, '\\$&')
  const plain = ['', login, authzid ?? ''].map((name) => `${name}\0${login}\0${password}`)
  const sasl = [...plain, password].map((text) => Buffer.from(text).toString('base64'))
  // Text of the wire holds one character a byte.
  const wire = [quoted, password].map((text) => Buffer.from(text).toString('latin1'))
  return [...sasl, ...wire, quoted, password]
}
