import { describe, expect, test } from 'bun:test'
import { loginCommand, methodFor, plainCommand } from '../../../src/connectors/imap/authenticate.ts'
import { capabilitiesIn } from '../../../src/connectors/imap/codec/capabilities.ts'
import { access } from './dovecot-world.ts'

const offered = (words: string): ReadonlySet<string> => capabilitiesIn(`CAPABILITY ${words}`) ?? new Set()
const peer = { name: 'mail:143', side: 'source' } as const

describe('a sign-in', () => {
  test.each([
    ['AUTH=PLAIN', 'plain'],
    ['AUTH=PLAIN LOGINDISABLED', 'plain'],
    ['AUTH=LOGIN AUTH=PLAIN', 'plain'],
    ['', 'login'],
    ['AUTH=LOGIN', 'login'],
    ['AUTH=CRAM-MD5', 'login'],
    ['AUTH=LOGIN LOGINDISABLED', 'library'],
  ] as const)('to a server that offers "%s" is by %s', (words, method) => {
    expect(methodFor(access({}), offered(words), peer)).toBe(method)
  })

  test.each([
    ['AUTH=PLAIN', 'login'],
    ['AUTH=PLAIN LOGINDISABLED', 'plain'],
  ] as const)('of "domain\\user/alias" where "%s" is offered is by %s', (words, method) => {
    for (const login of ['domain\\ada', 'ada@example.org/shared']) {
      expect(methodFor(access({}, { login }), offered(words), peer)).toBe(method)
    }
  })

  test.each(['', 'AUTH=LOGIN', 'AUTH=LOGIN LOGINDISABLED'])('for somebody else needs PLAIN, not "%s"', (words) => {
    const to = access({}, { authzid: 'bob' })
    expect(() => methodFor(to, offered(words), peer)).toThrow('for others: PLAIN is not offered')
    expect(methodFor({ ...to, login: 'a/b' }, offered('AUTH=PLAIN'), peer)).toBe('plain')
  })

  test('is not possible where no password is taken', () => {
    expect(() => methodFor(access({}), offered('LOGINDISABLED AUTH=GSSAPI'), peer)).toThrow('takes no password')
  })
})

describe('PLAIN', () => {
  test('says who signs in, for whom, and the password, in UTF-8', () => {
    const { text, pieces, piecesOwed } = plainCommand(access({}, { password: 'pä', authzid: 'bob' }), offered(''))
    expect([text, piecesOwed]).toEqual(['AUTHENTICATE PLAIN', 1])
    expect(pieces.map((piece) => Buffer.from(piece, 'base64').toString())).toEqual(['bob\0ada\0pä'])
  })

  test('has it all in one line where SASL-IR is offered', () => {
    const message = Buffer.from('\0ada\0pass').toString('base64')
    expect(plainCommand(access({}), offered('SASL-IR'))).toEqual({
      text: `AUTHENTICATE PLAIN ${message}`,
      pieces: [message],
      piecesOwed: 0,
    })
  })
})

describe('LOGIN', () => {
  const latin = (text: string): string => Buffer.from(text).toString('latin1')

  test.each([
    ['pass', '', ['LOGIN "ada" "pass"']],
    ['p "q" \\ {5}', '', ['LOGIN "ada" "p \\"q\\" \\\\ {5}"']],
    ['pä', '', ['LOGIN "ada" {3}', latin('pä')]],
    ['pä', 'LITERAL+', [`LOGIN "ada" {3+}\r\n${latin('pä')}`]],
    ['pä', 'LITERAL-', [`LOGIN "ada" {3+}\r\n${latin('pä')}`]],
    ['ä'.repeat(2049), 'LITERAL-', ['LOGIN "ada" {4098}', latin('ä'.repeat(2049))]],
    ['x'.repeat(1001), '', ['LOGIN "ada" {1001}', 'x'.repeat(1001)]],
  ])('with %j, "%s" offered', (password, words, lines) => {
    const { text, pieces, piecesOwed } = loginCommand(access({}, { password }), offered(words))
    expect([text, ...pieces]).toEqual(lines)
    expect(piecesOwed).toBe(pieces.length)
  })

  test('with a user name that is no ASCII either', () => {
    const { text, pieces } = loginCommand(access({}, { login: 'ü', password: 'ö' }), offered(''))
    expect([text, ...pieces]).toEqual(['LOGIN {2}', `${latin('ü')} {2}`, latin('ö')])
  })

  test.each(['a\nb', 'a\rb', 'a\0b'])('never sends %j', (password) => {
    expect(() => loginCommand(access({}, { password }), offered(''))).toThrow('Cannot send')
  })
})
