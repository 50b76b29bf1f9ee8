import { describe, expect, test } from 'bun:test'
import { accessTo, mailboxName, pairOf } from '../../src/domain/access.ts'
import { type Endpoint, endpointLimitDefaults } from '../../src/domain/endpoint.ts'
import { noCaps } from '../../src/domain/endpoint-caps.ts'

const endpoint = (login: string, changes: Partial<Endpoint> & { usesAuthzid?: boolean } = {}): Endpoint => ({
  id: 1,
  name: 'Old',
  protocol: 'imap',
  server: { host: 'IMAP.Example.org', port: 993, security: 'ssl', acceptsUntrustedCertificates: false, ca: null },
  signIn: { login, usesAuthzid: changes.usesAuthzid ?? false },
  adminName: null,
  hasAdminPassword: false,
  isHome: false,
  limits: endpointLimitDefaults,
  caps: noCaps,
  createdAt: 0,
  ...changes,
})
const own = { userName: 'bob', password: 'own', userRoot: null }
const noPassword = { ...own, password: null }

describe('a mailbox is signed in to', () => {
  test.each([
    ['by its user', endpoint('{user}'), own, null, ['bob', 'own', null]],
    ['by its user in the pattern', endpoint('{user}@old.example'), own, null, ['bob@old.example', 'own', null]],
    [
      'by the master user',
      endpoint('{user}*{admin}', { adminName: 'root' }),
      noPassword,
      'secret',
      ['bob*root', 'secret', null],
    ],
    [
      'by authorization identity',
      endpoint('{user}', { adminName: 'root', usesAuthzid: true }),
      noPassword,
      'secret',
      ['root', 'secret', 'bob'],
    ],
    [
      'by its own password though there is a master user',
      endpoint('{user}*{admin}', { adminName: 'root' }),
      own,
      'secret',
      ['bob', 'own', null],
    ],
    [
      'by its own password though there is an authorization identity',
      endpoint('{user}', { adminName: 'root', usesAuthzid: true }),
      own,
      'secret',
      ['bob', 'own', null],
    ],
    [
      'with dollars that mean nothing',
      endpoint('{user}*{admin}', { adminName: '$&' }),
      { ...noPassword, userName: '$1{admin}' },
      'secret',
      ['$1{admin}*$&', 'secret', null],
    ],
  ] as const)('%s', (_, at, mailbox, adminPassword, [login, password, authzid]) => {
    expect(accessTo(at, mailbox, adminPassword)).toMatchObject({ login, password, authzid })
  })

  test('not at all without any password', () => {
    expect(accessTo(endpoint('{user}'), noPassword, null)).toBeNull()
  })

  test('with the root of the row', () => {
    expect(accessTo(endpoint('{user}'), { ...own, userRoot: '/users/bob' }, null)?.userRoot).toBe('/users/bob')
  })
})

test('a mailbox has one name however it is written', () => {
  expect(mailboxName(endpoint('{user}'), { userName: 'Bob', userRoot: null })).toBe('imap.example.org:993/bob')
})

test('many mailboxes behind one login are told apart by their root', () => {
  const name = (userRoot: string) => mailboxName(endpoint('{user}'), { userName: 'admin', userRoot })
  expect(name('/users/a')).not.toBe(name('/users/b'))
})

test('the pair of a user does not depend on who signs in', () => {
  const user = { sourceUserName: 'bob', targetUserName: 'bob@new.example', userRoot: null }
  const plain = pairOf(endpoint('{user}'), endpoint('{user}'), user)
  expect(pairOf(endpoint('{user}*{admin}', { adminName: 'root' }), endpoint('{user}'), user)).toEqual(plain)
})
