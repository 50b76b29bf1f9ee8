import { type AddressPolicy, defaultPolicy } from '../../platform/address-policy.ts'
import type { LinesAhead } from './lines-ahead.ts'
import type { LiteralDrops } from './literal-drops.ts'

/** How patient the connector is, and where it may go. */
export interface ImapOptions {
  readonly policy: AddressPolicy
  /** For a TCP connection, to each address of the host; and for what makes it of use: the TLS handshake, the greeting. */
  readonly connectMs: number
  /** For each step of the sign-in. */
  readonly signInMs: number
  /** Without any progress on a connection that waits for its server. */
  readonly stallMs: number
  /** An open batch is closed when no message comes for so long. */
  readonly batchIdleMs: number
  /** Of the process, so that a sign-in finds the connection that was opened for it. */
  readonly ahead?: LinesAhead
  /** Of the process, so that the next session is more careful. */
  readonly drops?: LiteralDrops
}

export const defaultImapOptions: ImapOptions = {
  policy: defaultPolicy,
  connectMs: 20_000,
  signInMs: 60_000,
  stallMs: 60_000,
  batchIdleMs: 250,
}
