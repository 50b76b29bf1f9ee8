import { defaultPort, type Security } from '../domain/endpoint.ts'
import { Failure } from './failure.ts'

export interface ServerUrl {
  readonly host: string
  readonly port: number
  readonly security: Security
}

const schemes: Record<string, Security> = { 'imaps:': 'ssl', 'imap:': 'none', 'imap+starttls:': 'tls' }

/** `imaps://HOST[:PORT]`, `imap+starttls://HOST[:PORT]` or, in clear text, `imap://HOST[:PORT]`. */
export function parseServerUrl(text: string): ServerUrl {
  // Such an address may hold a password, so no error repeats it.
  if (text.includes('@')) {
    throw new Failure(
      'usage',
      'Refused an address with a user name or a password in it: other users of this machine can read the command line; ' +
        'give imaps://HOST[:PORT], names in the CSV file, and passwords there, in a file or in the environment',
    )
  }
  const url = URL.canParse(text) ? new URL(text) : null
  const security = url && schemes[url.protocol]
  if (!url || !security || !url.hostname || !/^\/?$/.test(url.pathname) || url.search || url.hash || url.port === '0') {
    throw new Failure(
      'usage',
      `Cannot use the address "${text}": give imaps://HOST[:PORT], imap+starttls://HOST[:PORT] or imap://HOST[:PORT]`,
    )
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    port: url.port ? Number(url.port) : defaultPort[security],
    security,
  }
}

export function formatServerUrl({ host, port, security }: ServerUrl): string {
  const scheme = Object.keys(schemes).find((name) => schemes[name] === security)
  return `${scheme}//${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** How to sign in, from `user`, `authzid` or a pattern such as `{user}*{admin}`. */
export function parseLogin(text: string): { readonly login: string; readonly usesAuthzid: boolean } {
  if (text === 'user') return { login: '{user}', usesAuthzid: false }
  if (text === 'authzid') return { login: '{user}', usesAuthzid: true }
  if (text.includes('{user}')) return { login: text, usesAuthzid: false }
  throw new Failure(
    'usage',
    `Cannot sign in as "${text}": give user, authzid or a pattern with {user}, such as {user}*{admin}`,
  )
}
