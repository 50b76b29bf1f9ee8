import type { Endpoint, Security } from '../../src/domain/endpoint.ts'

export const securityLabel: Record<Security, string> = {
  ssl: 'TLS from the start',
  tls: 'STARTTLS',
  none: 'None (clear text)',
}

/** How the mailboxes of an endpoint are signed in to, in a phrase. */
export function signInLabel({ signIn, adminName }: Endpoint): string {
  if (signIn.usesAuthzid) return `${adminName ?? 'The administrator'}, on behalf of each user`
  return signIn.login === '{user}' ? 'Each mailbox by its own password' : `As ${signIn.login}`
}
