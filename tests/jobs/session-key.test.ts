import { describe, expect, test } from 'bun:test'
import type { Access } from '../../src/domain/endpoint.ts'
import { type Identity, sessionKeys } from '../../src/jobs/session-key.ts'

const access: Access = {
  server: { host: 'x.example', port: 993, security: 'ssl', acceptsUntrustedCertificates: false, ca: null },
  literalBytesMax: 1000,
  login: 'ann',
  password: 'canary',
  authzid: null,
  userRoot: null,
}
const identity: Identity = { side: 'source', endpointId: 1, access }
const secret = new Uint8Array(32)

describe('the key of a session', () => {
  const keyOf = sessionKeys(secret)

  test('is the same for the same sign-in', () => {
    expect(keyOf({ ...identity, access: { ...access } })).toBe(keyOf(identity))
  })

  const others: readonly (readonly [string, Partial<Identity>])[] = [
    ['side', { side: 'target' }],
    ['endpoint', { endpointId: 2 }],
    ['port', { access: { ...access, server: { ...access.server, port: 143 } } }],
    ['trust', { access: { ...access, server: { ...access.server, acceptsUntrustedCertificates: true } } }],
    ['login', { access: { ...access, login: 'bob' } }],
    ['password', { access: { ...access, password: 'other' } }],
    ['authorization identity', { access: { ...access, authzid: 'bob' } }],
    ['root', { access: { ...access, userRoot: 'user/ann' } }],
  ]

  test.each(others)('is another one with another %s', (_, change) => {
    expect(keyOf({ ...identity, ...change })).not.toBe(keyOf(identity))
  })

  test('means nothing to whoever has not the key of its digest', () => {
    expect(sessionKeys(new Uint8Array(32).fill(1))(identity)).not.toBe(keyOf(identity))
    expect(keyOf(identity)).toMatch(/^[\w-]{43}$/)
  })
})
