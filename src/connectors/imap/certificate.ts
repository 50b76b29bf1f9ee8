import type { PeerCertificate } from 'node:tls'
import type { Access } from '../../domain/endpoint.ts'
import { type Peer, plainText } from './faults.ts'
import type { ImapOptions } from './options.ts'
import { signInByLibrary } from './sign-in-library.ts'

/** What a certificate says of itself, each a sentence; foreign text in it is plain. */
export function certificateNotes(certificate: PeerCertificate | null): readonly string[] {
  if (!certificate?.valid_to) return []
  const { subjectaltname, subject, issuer, valid_from, valid_to } = certificate
  const names = (subjectaltname ?? '').replace(/\b(?:DNS|IP Address):/g, '') || String(subject?.CN ?? '')
  return [
    `The certificate is for ${names === '' ? 'no name' : plainText(names)}`,
    `It is valid from ${plainText(valid_from)} to ${plainText(valid_to)}`,
    `It comes from ${plainText(String(issuer?.O ?? issuer?.CN ?? 'nobody named'))}`,
  ]
}

/**
 * What the certificate of a server says that was not trusted: connects once more as far as the handshake, and says
 * nothing there. Empty where that does not come about.
 */
export async function untrustedCertificate(
  access: Access,
  peer: Peer,
  options: ImapOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const over = new AbortController()
  let notes: readonly string[] = []
  const nobody = {
    ...access,
    ...{ login: '', password: '', authzid: null },
    server: { ...access.server, acceptsUntrustedCertificates: true },
  }
  const onSecure = (_protocol: string, _isTrusted: boolean, certificate: PeerCertificate | null): void => {
    notes = certificateNotes(certificate)
    over.abort()
  }
  try {
    const { socket } = await signInByLibrary(nobody, peer, options, AbortSignal.any([signal, over.signal]), {
      onSecure,
    })
    socket.destroy()
  } catch {
    // It was cut on purpose, or told no more than the first time.
  }
  return notes
}
