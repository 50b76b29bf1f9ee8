import { describe, expect, test } from 'bun:test'
import { allExtensions } from '../../src/demo/settings.ts'
import { connectTo } from './client.ts'
import { startFixture, tagged } from './fixture.ts'

describe('CAPABILITY', () => {
  test('tells before the sign-in only what helps to sign in', async () => {
    await using fixture = await startFixture()
    const client = await connectTo(fixture.server.port)
    expect((await client.command('CAPABILITY'))[0]).toBe(
      '* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ENABLE ID IDLE AUTH=PLAIN',
    )
  })

  test('tells everything afterwards', async () => {
    await using fixture = await startFixture()
    expect((await fixture.client.command('CAPABILITY'))[0]).toBe(`* CAPABILITY IMAP4rev1 ${allExtensions.join(' ')}`)
  })

  test('is only IMAP4rev1 where every extension is off', async () => {
    await using fixture = await startFixture({ extensions: [] })
    expect((await fixture.client.command('CAPABILITY'))[0]).toBe('* CAPABILITY IMAP4rev1')
  })
})

describe('every command of an extension', () => {
  test.each([
    ['ID', 'ID NIL'],
    ['ENABLE', 'ENABLE X'],
    ['IDLE', 'IDLE\r\nDONE'],
    ['NAMESPACE', 'NAMESPACE'],
    ['UNSELECT', 'UNSELECT'],
    ['QUOTA', 'GETQUOTAROOT INBOX'],
    ['QUOTA', 'GETQUOTA ""'],
    ['UIDPLUS', 'UID EXPUNGE 1'],
    ['MOVE', 'MOVE 1 INBOX'],
    ['MOVE', 'UID MOVE 1 INBOX'],
    ['ESEARCH', 'SEARCH RETURN () ALL'],
    ['CONDSTORE', 'SEARCH MODSEQ 1'],
    ['CONDSTORE', 'EXAMINE INBOX (CONDSTORE)'],
    ['CONDSTORE', 'STATUS INBOX (HIGHESTMODSEQ)'],
    ['CONDSTORE', 'FETCH 1 UID (CHANGEDSINCE 1)'],
    ['CONDSTORE', 'STORE 1 (UNCHANGEDSINCE 1) FLAGS ()'],
    ['LIST-EXTENDED', 'LIST (SUBSCRIBED) "" "*"'],
    ['LIST-EXTENDED', 'LIST "" "*" RETURN (CHILDREN)'],
    ['LIST-STATUS', 'LIST "" "*" RETURN (STATUS (MESSAGES))'],
    ['CREATE-SPECIAL-USE', 'CREATE x (USE (\\Sent))'],
    ['OBJECTID', 'STATUS INBOX (MAILBOXID)'],
  ] as const)('of %s: %j is BAD without it', async (extension, command) => {
    const others = allExtensions.filter((name) => name !== extension)
    await using fixture = await startFixture({ extensions: others, inbox: ['a'] })
    await fixture.client.command('SELECT INBOX')
    expect(tagged(await fixture.client.command(command))).toStartWith('BAD')
    await using full = await startFixture({ inbox: ['a'] })
    await full.client.command('SELECT INBOX')
    expect(tagged(await full.client.command(command))).not.toStartWith('BAD')
  })
})

describe('a command', () => {
  test.each([
    ['', 'BAD'],
    ['BOGUS', 'BAD'],
    ['UID NOOP', 'BAD'],
    ['UID', 'BAD'],
    ['NOOP x', 'BAD'],
    ['NOOP ', 'BAD'],
    [' NOOP', 'BAD'],
    ['noop', 'OK'],
    ['CHECK', 'BAD'],
    ['FETCH 1 UID', 'BAD'],
    ['LOGIN anna secret', 'BAD'],
    ['STARTTLS', 'BAD'],
  ])('%j in a session without a folder is %s', async (command, status) => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(command))).toStartWith(status)
  })

  test.each([
    'SELECT INBOX',
    'LIST "" "*"',
    'STATUS INBOX (MESSAGES)',
    'APPEND INBOX {1}',
    'CREATE x',
    'EXAMINE INBOX',
  ])('%s is BAD before the sign-in', async (command) => {
    await using fixture = await startFixture()
    const client = await connectTo(fixture.server.port)
    expect(tagged(await client.command(command))).toStartWith('BAD')
  })

  test.each(['+a NOOP', '(a NOOP', '"a" NOOP', '\xe4 NOOP', ' NOOP'])(
    'without a good tag (%s) is BAD without one',
    async (line) => {
      await using fixture = await startFixture()
      fixture.client.send(`${line}\r\n`)
      expect(await fixture.client.response()).toBe('* BAD Expected a tag at column 1')
    },
  )

  test('that ends in a bare line feed is BAD, and the next one is read behind it', async () => {
    await using fixture = await startFixture()
    fixture.client.send('a NOOP\nb NOOP\r\n')
    expect(await fixture.client.response()).toBe('a BAD Line ends without CR LF')
    expect(await fixture.client.response()).toBe('b OK Nothing done')
  })

  test('in a line without end is cut off', async () => {
    await using fixture = await startFixture({ lineBytesMax: 1000 })
    fixture.client.send(`a NOOP ${'x'.repeat(2000)}`)
    expect(await fixture.client.rest()).toBe('* BYE [TOOBIG] Line too long\r\n')
  })

  test('too often BAD ends the connection; a good one between starts the count anew', async () => {
    await using fixture = await startFixture({ badCommandsMax: 3 })
    const { client } = fixture
    for (const line of ['X', 'X', 'NOOP', 'X', 'X']) await client.command(line)
    client.send('a X\r\nb NOOP\r\n')
    expect(await client.rest()).toBe('a BAD Unknown command\r\n* BYE Too many invalid commands\r\n')
  })

  test('may be sent before the last one was answered', async () => {
    await using fixture = await startFixture()
    const { client } = fixture
    client.send('a CREATE x\r\nb SELECT x\r\nc APPEND x {1+}\r\ny\r\nd UID FETCH 1:* UID\r\n')
    expect(tagged(await client.answer('c'))).toStartWith('OK [APPENDUID')
    expect(await client.answer('d')).toEqual(['* 1 FETCH (UID 1)', 'OK Fetched'])
  })
})

describe('LOGOUT', () => {
  test('says BYE and hangs up', async () => {
    await using fixture = await startFixture()
    expect(await fixture.client.command('LOGOUT')).toEqual(['* BYE Logging out', 'OK Logged out'])
    expect(await fixture.client.rest()).toBe('')
  })
})

describe('ID', () => {
  test.each([
    ['NIL', 'OK'],
    ['()', 'OK'],
    ['("name" "x" "version" NIL)', 'OK'],
    ['("name")', 'BAD'],
    ['name', 'BAD'],
  ])('%s is %s', async (parameters, status) => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(`ID ${parameters}`))).toStartWith(status)
  })
})

describe('ENABLE', () => {
  test('of nothing is BAD', async () => {
    await using fixture = await startFixture()
    expect(await fixture.client.command('ENABLE')).toEqual(['BAD Expected a capability'])
  })

  test.each([
    ['QRESYNC', '* ENABLED QRESYNC'],
    ['CONDSTORE X-FOO', '* ENABLED CONDSTORE'],
    ['X-FOO', '* ENABLED'],
  ])('%s is answered with what is known', async (words, answer) => {
    await using fixture = await startFixture()
    expect(await fixture.client.command(`ENABLE ${words}`)).toEqual([answer, 'OK Enabled'])
  })
})
