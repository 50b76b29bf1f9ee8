import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Input } from '../../src/demo/input.ts'
import { literal } from './fixture.ts'
import { converseWith } from './memory-session.ts'

const script = [
  'a LOGIN {4}\r\nanna "secret"',
  'b CREATE &AMk-t&AOk-',
  `c APPEND &AMk-t&AOk- (\\Seen Work) "17-Jul-1996 02:44:25 -0700" ${literal('Subject: x\r\n\r\n{3+}\r\n')} ${literal('y')}`,
  'd SELECT "&AMk-t&AOk-" (CONDSTORE)',
  'e UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (Subject "X-\\"Y")])',
  `f APPEND INBOX (\\Bogus) ${literal('g NOOP\r\n')}`,
  'h STORE 1:2 -FLAGS.SILENT (\\Seen)',
  `i LIST "" ${literal('*')}`,
  'j SEARCH RETURN (ALL) OR SEEN SUBJECT x',
  'k ID ("name" NIL)',
  'l NOOP\nm IDLE\r\nDONE',
  'n LOGOUT',
  '',
].join('\r\n')

describe('a conversation', () => {
  test('is the same wherever the bytes are torn apart', async () => {
    const whole = await converseWith([script])
    expect(whole).toContain('n OK Logged out')
    expect(whole).toContain('g OK Nothing done')
    expect(await converseWith([...script])).toBe(whole)
    for (let at = 1; at < script.length; at++) {
      expect(await converseWith([script.slice(0, at), script.slice(at)])).toBe(whole)
    }
  })

  const words = [
    'a',
    ' ',
    '\r\n',
    '\n',
    '\r',
    '(',
    ')',
    '"',
    '\\',
    '{',
    '}',
    '+',
    '*',
    '%',
    ':',
    ',',
    '1',
    '99',
    '{3+}\r\n',
    '{9}\r\n',
    '<0.9>',
    'BODY[',
    ']',
    'INBOX',
    '\\Seen',
    'NIL',
    '&',
    '\0',
    '\xff',
    '"17-Jul-1996 02:44:25 -0700"',
    'HEADER.FIELDS',
    'UID',
    'NOT',
    'RETURN',
    'STATUS',
    '(QRESYNC (',
    'CHANGEDSINCE',
  ]
  const names = [
    'LOGIN anna secret',
    'SELECT INBOX',
    'APPEND INBOX',
    'FETCH',
    'UID FETCH',
    'STORE',
    'SEARCH',
    'LIST',
    'CREATE',
    'RENAME',
    'STATUS',
    'COPY',
    'IDLE',
    'AUTHENTICATE PLAIN',
    'ID',
    'ENABLE',
    'DELETE',
    'GETQUOTA',
    'EXPUNGE',
  ]
  const garbage = fc
    .array(
      fc.oneof(
        fc.constantFrom(...words),
        fc.string({ unit: 'binary', maxLength: 5 }).map((text) => text.replace(/[^\x00-\xff]/g, '?')),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''))
  const lines = fc.array(
    fc.tuple(fc.constantFrom(...names), garbage).map(([name, rest]) => `t ${name} ${rest}\r\n`),
    { maxLength: 8 },
  )

  test('with any bytes ends when the client hangs up, and every answer is a response', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), lines, async (isSignedIn, sent) => {
        const login = isSignedIn ? 'l LOGIN anna secret\r\ns SELECT INBOX\r\n' : ''
        const answer = await converseWith([login + sent.join('')], { badCommandsMax: 1000 })
        expect(answer).toMatch(/^(?:[*+] [^\r\n]*\r\n|\S+ (?:OK|NO|BAD) [^\r\n]+\r\n)+$/)
      }),
      { numRuns: 500 },
    )
  })

  test('takes no memory for a literal that was only promised', async () => {
    const arrayBytes = () => process.memoryUsage().arrayBuffers
    let grownBytes = 0
    function* pieces() {
      yield 'a LOGIN anna secret\r\n'
      const before = arrayBytes()
      yield 'b APPEND INBOX {200000000+}\r\nabc'
      grownBytes = arrayBytes() - before
    }
    expect(await converseWith(pieces())).toEndWith('Logged in\r\n')
    expect(grownBytes).toBeLessThan(1_000_000)
  })

  test.each([
    ['a name', `CREATE {40000+}\r\n${'x'.repeat(40_000)}`, 'NO [TOOBIG]'],
    ['a password', `LOGIN anna {40000+}\r\n${'x'.repeat(40_000)}`, 'NO [TOOBIG]'],
    ['a search string', `SEARCH TEXT {40000+}\r\n${'x'.repeat(40_000)}`, 'NO [TOOBIG]'],
  ])('refuses a literal too long for %s, and goes on behind it', async (_, command, answer) => {
    const before = command.startsWith('LOGIN') ? '' : 'l LOGIN anna secret\r\ns SELECT INBOX\r\n'
    const text = await converseWith([`${before}a ${command}\r\nb NOOP\r\n`])
    expect(text).toContain(`a ${answer}`)
    expect(text).toEndWith('b OK Nothing done\r\n')
  })
})

describe('an input', () => {
  test('holds its sender back above a megabyte, and lets it go on below', async () => {
    const input = new Input(100)
    const held: boolean[] = []
    input.hold = (isHeld) => held.push(isHeld)
    for (let count = 0; count < 17; count++) input.push(new Uint8Array(64 * 1024))
    expect(held).toEqual([true])
    await input.bytes(17 * 64 * 1024)
    expect(held).toEqual([true, false])
  })

  test('gives lines and bytes as they were sent, however they came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.array(fc.nat(50)), async (bytes, cuts) => {
        const input = new Input(1000)
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length]
        for (const [index, from] of places.entries()) input.push(bytes.slice(from, places[index + 1] ?? bytes.length))
        input.end()
        expect(Buffer.from((await input.bytes(bytes.length)) ?? [])).toEqual(Buffer.from(bytes))
        expect(await input.line()).toBeNull()
      }),
    )
  })
})
