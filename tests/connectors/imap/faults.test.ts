import { describe, expect, test } from 'bun:test'
import { parseStatusLine } from '../../../src/connectors/imap/codec/status-line.ts'
import { type Asked, byeFault, plainText, refusalFault } from '../../../src/connectors/imap/faults.ts'
import { type FaultCode, type FaultRetry, type FaultScope, faultKinds, type Side } from '../../../src/domain/fault.ts'

const peer = (side: Side) => ({ name: 'mail.example.org:993', side })
const line = (text: string) => parseStatusLine(text)!

type Row = readonly [answer: string, asked: Asked, code: FaultCode, scope: FaultScope, retry: FaultRetry]

/** What each answer means, by what was asked. */
const table: readonly Row[] = [
  ['NO [OVERQUOTA] Quota exceeded', 'append', 'append.over-quota', 'mailbox', 'never'],
  ['NO [OVERQUOTA] Quota exceeded', 'folder', 'append.over-quota', 'mailbox', 'never'],
  ['NO Not enough disk space', 'append', 'append.over-quota', 'mailbox', 'never'],
  ['NO [TOOBIG] Message too large', 'append', 'append.too-large', 'item', 'never'],
  ['NO Message size exceeds maximum message size', 'append', 'append.too-large', 'item', 'never'],
  ['NO [LIMIT] Too many', 'append', 'server.limit', 'mailbox', 'later'],
  ['NO [LIMIT] Too many', 'sign-in', 'server.limit', 'mailbox', 'later'],
  ['NO Maximum number of connections from user+IP exceeded', 'sign-in', 'server.limit', 'mailbox', 'later'],
  ['NO [ALERT] Too many simultaneous connections. (Failure)', 'sign-in', 'server.limit', 'mailbox', 'later'],
  ['NO [UNAVAILABLE] Temporary authentication failure', 'sign-in', 'server.unavailable', 'mailbox', 'later'],
  ['NO [UNAVAILABLE] Backend down', 'other', 'server.unavailable', 'mailbox', 'later'],
  ['NO [INUSE] Mailbox in use', 'append', 'server.unavailable', 'folder', 'later'],
  ['NO [SERVERBUG] Internal error occurred', 'other', 'server.unavailable', 'mailbox', 'later'],
  ['NO Internal server error', 'other', 'server.unavailable', 'mailbox', 'later'],
  ['NO [THROTTLED] Slow down', 'other', 'server.throttled', 'mailbox', 'later'],
  ['NO Account exceeded command or bandwidth limits', 'other', 'server.throttled', 'mailbox', 'later'],
  [
    'BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds',
    'other',
    'server.throttled',
    'mailbox',
    'later',
  ],
  ['NO [NOPERM] Permission denied', 'folder', 'server.permission', 'folder', 'never'],
  ['NO [READ-ONLY] Cannot', 'append', 'server.permission', 'folder', 'never'],
  ['NO Permission denied', 'folder', 'server.permission', 'folder', 'never'],
  ['NO [TRYCREATE] No such mailbox', 'append', 'folder.missing', 'folder', 'later'],
  ['NO [NONEXISTENT] Unknown', 'folder', 'folder.missing', 'folder', 'later'],
  ['NO Mailbox does not exist', 'folder', 'folder.missing', 'folder', 'later'],
  ['NO [NONEXISTENT] Unknown user', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO [EXPIRED] Password expired', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO [AUTHENTICATIONFAILED] Invalid credentials', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO [AUTHORIZATIONFAILED] Not his admin', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO Login failed', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['BAD Login failed', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO User not found', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO [PRIVACYREQUIRED] Use TLS', 'sign-in', 'sign-in.unsupported', 'endpoint', 'never'],
  ['NO [CONTACTADMIN] Ask him', 'sign-in', 'sign-in.refused', 'mailbox', 'never'],
  ['NO [CONTACTADMIN] Ask him', 'folder', 'server.unavailable', 'mailbox', 'never'],
  ['NO [CORRUPTION] Index broken', 'other', 'server.unavailable', 'folder', 'later'],
  ['NO [ALREADYEXISTS] It is there', 'folder', 'folder.refused', 'folder', 'never'],
  ['NO [CANNOT] Bad name', 'folder', 'folder.refused', 'folder', 'never'],
  ['NO [CANNOT] Bad name', 'open', 'folder.unreadable', 'folder', 'never'],
  ['NO [CANNOT] Bad message', 'append', 'append.refused', 'item', 'never'],
  ['NO Invalid header', 'append', 'append.refused', 'item', 'never'],
  ['NO What', 'folder', 'folder.refused', 'folder', 'never'],
  ['NO What', 'other', 'server.unavailable', 'folder', 'later'],
  ['NO What', 'open', 'server.unavailable', 'folder', 'later'],
  ['NO [NONEXISTENT] Unknown', 'open', 'folder.missing', 'folder', 'later'],
  ['NO [X-UNKNOWN-CODE] What', 'append', 'append.refused', 'item', 'never'],
  ['NO [constructor] What', 'append', 'append.refused', 'item', 'never'],
  ['BAD What', 'append', 'server.protocol', 'mailbox', 'later'],
  ['BAD [CLIENTBUG] What', 'other', 'server.protocol', 'mailbox', 'later'],
]

describe('a refusal', () => {
  test.each(table)('%s of %s is %s', (answer, asked, code, scope, retry) => {
    for (const side of ['source', 'target'] as const) {
      const fault = refusalFault(peer(side), asked, 'Cannot do it', line(answer))
      expect(fault).toMatchObject({ code, scope, retry, side })
      expect(fault.message).toStartWith('Cannot do it: mail.example.org:993 says "')
      expect(faultKinds[fault.code].remedy).not.toBe('')
    }
  })

  test.each([
    ['NO Request is throttled. Suggested Backoff Time: 92415 milliseconds', 92_415],
    ['NO [UNAVAILABLE] Backoff Time 5', 5],
    ['NO Throttled', null],
  ])('%s asks to wait %p ms', (answer, waitMs) => {
    expect(refusalFault(peer('source'), 'other', 'Cannot', line(answer)).retryAfterMs).toBe(waitMs)
  })
})

describe('a BYE', () => {
  test.each([
    ['BYE Autologout; idle for too long', 'connect.dropped'],
    ['BYE [UNAVAILABLE] Shutting down', 'server.unavailable'],
    ['BYE Too many connections', 'server.limit'],
    ['BYE [INUSE] Other session', 'server.unavailable'],
    ['BYE', 'connect.dropped'],
  ])('%s reaches the mailbox at least, and is tried again', (text, code) => {
    const fault = byeFault(peer('target'), line(text))
    expect(fault).toMatchObject({ code, scope: 'mailbox', retry: 'later', side: 'target' })
  })
})

describe('foreign text', () => {
  test.each([
    ['plain', 'plain'],
    [' a\r\nb\0c\x1b[31m ', 'a b c [31m'],
    ['a\u202eb\u2028c', 'a b c'],
    ['x'.repeat(500), `${'x'.repeat(199)}…`],
    ['<script>', '<script>'],
  ])('%j is shown as %j', (text, shown) => expect(plainText(text)).toBe(shown))

  test('of a server is read as UTF-8', () => {
    const words = Buffer.from('NO Größe überschritten').toString('latin1')
    expect(refusalFault(peer('source'), 'append', 'Cannot', line(words)).message).toContain('Größe überschritten')
  })
})
