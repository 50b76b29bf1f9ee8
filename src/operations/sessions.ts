import type { Clock } from '../platform/clock.ts'

/** Someone who is signed in to the pages. */
export interface Session {
  readonly createdAt: number
  /** When it ends if nothing is asked for any more, milliseconds UTC. */
  readonly expiresAt: number
}

/** Sign-in links and sessions of this process. Only hashes of what was given out are kept. */
export interface Sessions {
  /** A token for one sign-in within 30 minutes, 256 bits, base64url. */
  createLink(): string
  /** Trades a link's token for a session id; null when it is unknown, used or too old. */
  redeem(linkToken: string): string | null
  /** The session of an id, its idle time begun anew; null when there is none. */
  find(sessionId: string): Session | null
  end(sessionId: string): void
}

/** `random` gives that many random bytes. */
export declare function createSessions(options: {
  readonly clock: Clock
  readonly random?: (bytes: number) => Uint8Array
}): Sessions

/** Whether an `Authorization` header carries the command line's token; in constant time. */
export declare function isBearer(authorization: string | null | undefined, token: string): boolean
