import type { EndpointCaps } from './endpoint-caps.ts'
import type { FaultCode } from './fault.ts'

/** None is clear text, ssl is TLS from the first byte, tls is STARTTLS: the model's three words. */
export type Security = 'none' | 'ssl' | 'tls'

/** How the mailboxes of one endpoint are signed in to. */
export interface SignIn {
  /**
   * The login name as a pattern: `{user}` is the row's user name, `{admin}` the administrator's name.
   * `{user}` alone is the plain case; `{user}*{admin}` is Dovecot's master user.
   */
  readonly login: string
  /** True: SASL PLAIN with the user as authorization identity and the administrator as authentication identity. */
  readonly usesAuthzid: boolean
}

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly security: Security
  readonly acceptsUntrustedCertificates: boolean
  /** PEM of further certificate authorities to trust, or null. */
  readonly ca: string | null
}

export interface EndpointLimits {
  readonly concurrentMigrationsMax: number
  readonly concurrentIncrementalSyncsMax: number
  readonly connectionsMax: number
  /** A message above is not read into anything: one literal's greatest length. */
  readonly literalBytesMax: number
}

export interface Endpoint {
  readonly id: number
  readonly name: string
  readonly protocol: 'imap'
  readonly server: ServerAddress
  readonly signIn: SignIn
  /** The administrator's name for `{admin}` and authzid; the password is sealed and never leaves the vault with it. */
  readonly adminName: string | null
  readonly hasAdminPassword: boolean
  /** What Exchange Online is in the model: a batch that names only the other endpoint moves into or out of this one. */
  readonly isHome: boolean
  readonly limits: EndpointLimits
  readonly caps: EndpointCaps
  readonly createdAt: number
}

export const endpointLimitDefaults: EndpointLimits = {
  concurrentMigrationsMax: 20,
  concurrentIncrementalSyncsMax: 10,
  connectionsMax: 40,
  literalBytesMax: 256 * 1024 * 1024,
}

export const defaultPort: Record<Security, number> = { none: 143, tls: 143, ssl: 993 }

/** All that is needed to open one mailbox. Lives in memory only: it holds a password. */
export interface Access {
  readonly server: ServerAddress
  readonly literalBytesMax: number
  /** Name to authenticate as. */
  readonly login: string
  readonly password: string
  /** SASL authorization identity, or null for the login's own mailbox. */
  readonly authzid: string | null
  /** Folder below which the mailbox begins on servers with a virtual shared tree, or null. */
  readonly userRoot: string | null
}

/** One rung of the test ladder. */
export interface ProbeStep {
  readonly step:
    | 'resolve'
    | 'policy'
    | 'connect'
    | 'tls'
    | 'greeting'
    | 'capability'
    | 'mechanisms'
    | 'sign-in'
    | 'namespace'
    | 'folders'
    | 'quota'
    | 'append-limit'
    | 'fetch'
    | 'pace'
  readonly isOk: boolean
  readonly elapsedMs: number
  readonly detail: string
  /** What else there is to know, each a sentence. */
  readonly notes?: readonly string[]
  readonly code: FaultCode | null
  readonly remedy: string | null
}

/** The ladder up to its first failure. `isOk` is true when every rung held. */
export interface ProbeReport {
  readonly isOk: boolean
  readonly steps: readonly ProbeStep[]
  readonly capabilities: readonly string[]
}
