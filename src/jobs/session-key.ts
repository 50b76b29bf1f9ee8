import { createHmac } from 'node:crypto'
import type { Access } from '../domain/endpoint.ts'
import type { Side } from '../domain/fault.ts'

/** Everything that decides who is signed in where, and as what. */
export interface Identity {
  readonly side: Side
  readonly endpointId: number
  readonly access: Access
}

/** A name for it that tells nothing of it: the password is in the digest, and the digest's key is in this process alone. */
export const sessionKeys =
  (secret: Uint8Array) =>
  ({ side, endpointId, access }: Identity): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify([side, endpointId, access]))
      .digest('base64url')
