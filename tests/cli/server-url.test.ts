import { describe, expect, test } from 'bun:test'
import { formatServerUrl, parseLogin, parseServerUrl } from '../../src/cli/server-url.ts'

test.each([
  ['imaps://imap.example', { host: 'imap.example', port: 993, security: 'ssl' }],
  ['imap://127.0.0.1:1143', { host: '127.0.0.1', port: 1143, security: 'none' }],
  ['imap+starttls://IMAP.Example/', { host: 'imap.example', port: 143, security: 'tls' }],
  ['imaps://[::1]:9993', { host: '::1', port: 9993, security: 'ssl' }],
] as const)('%s is understood, and written back', (text, url) => {
  expect(parseServerUrl(text)).toEqual(url)
  expect(parseServerUrl(formatServerUrl(url))).toEqual(url)
})

test.each([
  '',
  'imap.example',
  'pop3://imap.example',
  'imaps://',
  'imaps://host:0',
  'imaps://host:70000',
  'imaps://host/INBOX',
  'imaps://host?x=1',
  'imaps:host',
])('"%s" is refused with the forms that are known', (text) =>
  expect(() => parseServerUrl(text)).toThrow('imap+starttls://HOST'),
)

describe('an address with a password', () => {
  test.each(['imaps://bob:hunter2@imap.example', 'imaps://bob:hunter2@', 'imaps://a@b:hunter2 /@x'])(
    'is refused without being repeated: %s',
    (text) => {
      const refuse = () => parseServerUrl(text)
      expect(refuse).toThrow('Refused an address')
      expect(refuse).not.toThrow('hunter2')
    },
  )
})

test.each([
  ['user', { login: '{user}', usesAuthzid: false }],
  ['authzid', { login: '{user}', usesAuthzid: true }],
  ['{user}*{admin}', { login: '{user}*{admin}', usesAuthzid: false }],
] as const)('the login %s is understood', (text, login) => expect(parseLogin(text)).toEqual(login))

test.each(['', 'admin', '{admin}', 'USER'])('the login "%s" is refused', (text) =>
  expect(() => parseLogin(text)).toThrow('Cannot sign in as'),
)
