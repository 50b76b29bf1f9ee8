import { describe, expect, test } from 'bun:test'
import { lazyBody } from '../../src/demo/body.ts'
import { extensionsWithout } from '../../src/demo/settings.ts'
import { startFixture, tagged } from './fixture.ts'

const mail = 'Subject: Hello\r\nFrom: "A, B" <a@example.org>\r\nX-Fold: one\r\n two\r\n\r\nBody\r\n'
const header = mail.slice(0, -6)

async function opened(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture({ inbox: [mail, 'second', 'third'], ...options })
  await fixture.client.command('SELECT INBOX')
  return fixture
}

describe('FETCH', () => {
  test.each([
    ['UID', 'UID 1'],
    ['INTERNALDATE', 'INTERNALDATE "06-May-2024 07:08:09 +0000"'],
    ['RFC822.SIZE', `RFC822.SIZE ${mail.length}`],
    ['FLAGS', 'FLAGS (\\Recent)'],
    ['(UID FLAGS)', 'UID 1 FLAGS (\\Recent)'],
    ['FAST', `FLAGS (\\Recent) INTERNALDATE "06-May-2024 07:08:09 +0000" RFC822.SIZE ${mail.length}`],
    ['BODY.PEEK[]', `BODY[] {${mail.length}}\r\n${mail}`],
    ['BODY.PEEK[HEADER]', `BODY[HEADER] {${header.length}}\r\n${header}`],
    ['RFC822.HEADER', `RFC822.HEADER {${header.length}}\r\n${header}`],
    ['BODY.PEEK[TEXT]', 'BODY[TEXT] {6}\r\nBody\r\n'],
    ['BODY.PEEK[]<0.7>', 'BODY[]<0> {7}\r\nSubject'],
    ['BODY.PEEK[TEXT]<2.100>', 'BODY[TEXT]<2> {4}\r\ndy\r\n'],
    ['BODY.PEEK[]<9999.5>', 'BODY[]<9999> {0}\r\n'],
    [
      'BODY.PEEK[HEADER.FIELDS (x-fold "Nope")]',
      'BODY[HEADER.FIELDS (x-fold Nope)] {21}\r\nX-Fold: one\r\n two\r\n\r\n',
    ],
    [
      'BODY.PEEK[HEADER.FIELDS.NOT (From X-Fold)]',
      'BODY[HEADER.FIELDS.NOT (From X-Fold)] {18}\r\nSubject: Hello\r\n\r\n',
    ],
    ['body.peek[header.fields (from)]', 'BODY[HEADER.FIELDS (from)] {32}\r\nFrom: "A, B" <a@example.org>\r\n\r\n'],
    ['MODSEQ', 'MODSEQ (2)'],
    ['EMAILID', 'EMAILID (id2)'],
    ['THREADID', 'THREADID NIL'],
  ])('of %s', async (items, answer) => {
    await using fixture = await opened()
    expect(await fixture.client.command(`FETCH 1 ${items}`)).toEqual([`* 1 FETCH (${answer})`, 'OK Fetched'])
  })

  test('of ENVELOPE takes From for Sender and Reply-To', async () => {
    await using fixture = await opened()
    const person = '(("A, B" NIL "a" "example.org"))'
    const envelope = `(NIL "Hello" ${person} ${person} ${person} NIL NIL NIL NIL NIL)`
    expect((await fixture.client.command('FETCH 1 ENVELOPE'))[0]).toBe(`* 1 FETCH (ENVELOPE ${envelope})`)
  })

  test.each(['BODY[]', 'RFC822', 'RFC822.TEXT', 'BODY[HEADER]'])('of %s marks the message as read', async (item) => {
    await using fixture = await opened()
    expect((await fixture.client.command(`FETCH 2 ${item}`))[0]).toEndWith(' FLAGS (\\Seen \\Recent))')
    expect(fixture.account.demand('INBOX').messages[1]?.flags.has('\\Seen')).toBeTrue()
    expect((await fixture.client.command(`FETCH 2 ${item}`))[0]).not.toContain('FLAGS')
  })

  test('marks nothing as read in an examined folder, nor with PEEK', async () => {
    await using fixture = await opened()
    await fixture.client.command('FETCH 1:* BODY.PEEK[]')
    await fixture.client.command('EXAMINE INBOX')
    await fixture.client.command('FETCH 1:* BODY[]')
    expect(fixture.account.demand('INBOX').messages.some(({ flags }) => flags.has('\\Seen'))).toBeFalse()
  })

  test.each([
    ['FETCH 1:2 UID', [1, 2]],
    ['FETCH 3,1 UID', [1, 3]],
    ['FETCH 2:1 UID', [1, 2]],
    ['FETCH *:2 UID', [2, 3]],
    ['FETCH 1,1:2,2 UID', [1, 2]],
    ['UID FETCH 2:900 UID', [2, 3]],
    ['UID FETCH 900:* UID', [3]],
    ['UID FETCH 900 UID', []],
    ['UID FETCH 900:901 UID', []],
  ])('%s answers each message once, in order', async (command, uids) => {
    await using fixture = await opened()
    const answer = await fixture.client.command(command)
    expect(answer.slice(0, -1)).toEqual(uids.map((uid) => `* ${uid} FETCH (UID ${uid})`))
    expect(tagged(answer)).toBe('OK Fetched')
  })

  test.each([
    'FETCH 4 UID',
    'FETCH 1:4 UID',
    'FETCH 9:* UID',
    'FETCH 0 UID',
    'FETCH 1: UID',
    'FETCH 1,,2 UID',
    'FETCH 1:2:3 UID',
    'FETCH -1 UID',
    'FETCH 4294967296 UID',
    'FETCH 1',
    'FETCH 1 ()',
    'FETCH 1 (UID',
    'FETCH 1 UID)',
    'FETCH 1 (UID  FLAGS)',
    'FETCH 1 UID ',
    'FETCH 1 BOGUS',
    'FETCH 1 BODY.PEEK',
    'FETCH 1 BODY[BOGUS]',
    'FETCH 1 BODY[HEADER.FIELDS]',
    'FETCH 1 BODY[HEADER.FIELDS ()]',
    'FETCH 1 BODY[',
    'FETCH 1 BODY[]<1>',
    'FETCH 1 BODY[]<1.0>',
    'FETCH 1 (FAST UID)',
    'FETCH 1 UID (BOGUS 1)',
    'FETCH 1 UID (CHANGEDSINCE x)',
  ])('%s is BAD', async (command) => {
    await using fixture = await opened()
    const answer = await fixture.client.command(command)
    expect(answer).toHaveLength(1)
    expect(tagged(answer)).toStartWith('BAD')
  })

  test('* is BAD in an empty folder, while no UID is', async () => {
    await using fixture = await opened({ inbox: [] })
    expect(tagged(await fixture.client.command('FETCH 1:* UID'))).toStartWith('BAD')
    expect(await fixture.client.command('UID FETCH 1:* UID')).toEqual(['OK Fetched'])
  })

  test('UID FETCH tells the UID unasked, and in front', async () => {
    await using fixture = await opened()
    expect((await fixture.client.command('UID FETCH 2 FLAGS'))[0]).toBe('* 2 FETCH (UID 2 FLAGS (\\Recent))')
  })

  test('may send contents first', async () => {
    await using fixture = await opened({ sendsBodyFirst: true })
    const [row] = await fixture.client.command('UID FETCH 2 (UID BODY.PEEK[])')
    expect(row).toBe('* 2 FETCH (BODY[] {6}\r\nsecond UID 2)')
  })

  test.each([
    ['CONDSTORE', 'MODSEQ'],
    ['OBJECTID', 'EMAILID'],
  ] as const)('without %s knows no %s', async (extension, item) => {
    await using fixture = await opened({ extensions: extensionsWithout(extension) })
    expect(tagged(await fixture.client.command(`FETCH 1 ${item}`))).toBe(`BAD Unknown FETCH item ${item}`)
  })

  test('of a message that another session expunged passes a UID over, and says NO to its number', async () => {
    await using fixture = await opened()
    const inbox = fixture.account.demand('INBOX')
    inbox.expunge(inbox.messages.slice(1, 2))
    const [row, done] = await fixture.client.command('FETCH 1:3 UID')
    expect([row, done]).toEqual(['* 1 FETCH (UID 1)', '* 3 FETCH (UID 3)'])
    expect(tagged(await fixture.client.command('FETCH 2 UID'))).toStartWith('NO [EXPUNGEISSUED]')
    expect(await fixture.client.command('UID FETCH 2:3 UID')).toEqual([
      '* 3 FETCH (UID 3)',
      '* 2 EXPUNGE',
      'OK Fetched',
    ])
  })

  test.each([
    ['Subject: a\n\nb', 12, 'bare line feeds'],
    ['\r\nonly a body', 2, 'no header'],
    ['Subject: only', 13, 'no body'],
    ['Subject: a\r\n\r\n', 14, 'an empty body'],
  ])('finds the header of %j: %i bytes (%s)', async (text, length) => {
    await using fixture = await opened({ inbox: [text] })
    expect((await fixture.client.command('FETCH 1 BODY.PEEK[HEADER]'))[0]).toStartWith(
      `* 1 FETCH (BODY[HEADER] {${length}}`,
    )
  })

  test('makes a large body as it is read, and waits for a client that does not read', async () => {
    await using fixture = await startFixture()
    const { account, client } = fixture
    const piece = new Uint8Array(64 * 1024).fill(65)
    let made = 0
    const body = lazyBody(512 * piece.length, function* chunks() {
      for (let count = 0; count < 512; count++) {
        made++
        yield piece
      }
    })
    account.deliver('INBOX', { body })
    await client.command('SELECT INBOX')
    client.socket.pause()
    client.send('a FETCH 1 BODY.PEEK[]\r\nb NOOP\r\n')
    // A second session is served meanwhile; its answers pass the time that the first one needs to fill the socket.
    const other = await fixture.another()
    let before = -1
    while (made !== before) {
      before = made
      for (let turn = 0; turn < 20; turn++) await other.command('NOOP')
    }
    expect(made).toBeLessThan(256)
    let bytes = 0
    client.socket.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
    })
    client.socket.resume()
    await client.answer('b')
    expect(made).toBe(512)
    expect(bytes).toBeGreaterThan(body.sizeBytes)
  })
})
