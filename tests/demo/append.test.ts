import { describe, expect, test } from 'bun:test'
import { readBody } from '../../src/demo/body.ts'
import { extensionsWithout } from '../../src/demo/settings.ts'
import { literal, startFixture, tagged } from './fixture.ts'

const commands = 'x1 CREATE owned\r\nx2 NOOP\r\n'

describe('APPEND', () => {
  test('stores bytes, flags and date as they were given, and tells the UID', async () => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    const body = 'Subject: x\r\n\r\n\xe4\xff\r\n'
    const answer = await client.command(`APPEND INBOX (\\seen $Label1) " 7-jul-1996 02:44:25 -0700" ${literal(body)}`)
    expect(tagged(answer)).toBe('OK [APPENDUID 7 1] Appended')
    const [message] = account.demand('INBOX').messages
    expect(message).toMatchObject({ uid: 1, internalDate: '07-Jul-1996 02:44:25 -0700' })
    expect([...(message?.flags ?? [])]).toEqual(['\\Seen', '$Label1'])
    expect(Buffer.from(readBody(message!.body)).toString('latin1')).toBe(body)
  })

  test('takes the present time where no date is given', async () => {
    await using fixture = await startFixture()
    await fixture.client.command(`APPEND INBOX ${literal('a')}`)
    expect(fixture.account.demand('INBOX').messages[0]?.internalDate).toBe('06-May-2024 07:08:09 +0000')
  })

  test('asks for a synchronizing literal only when it will take it', async () => {
    await using fixture = await startFixture()
    const { client } = fixture
    client.send('a APPEND INBOX {3}\r\n')
    expect(await client.response()).toStartWith('+ ')
    client.send('abc\r\n')
    expect(await client.answer('a')).toEqual(['OK [APPENDUID 7 1] Appended'])
    client.send('b APPEND nowhere {3}\r\n')
    expect(await client.answer('b')).toEqual(['NO [TRYCREATE] No such mailbox'])
    expect(tagged(await client.command('NOOP'))).toBe('OK Nothing done')
  })

  test('lands nothing before its last line end', async () => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    client.send('a APPEND INBOX {3+}\r\nabc')
    client.socket.end()
    await client.rest()
    expect(account.demand('INBOX').messages).toBeEmpty()
  })

  test.each([
    ['a bad system flag', 'APPEND INBOX (\\Bogus) '],
    ['\\Recent', 'APPEND INBOX (\\Recent) '],
    ['a quote in a keyword', 'APPEND INBOX (a"b) '],
    ['a parenthesis in a keyword', 'APPEND INBOX (a(b) '],
    ['8-bit text in a keyword', 'APPEND INBOX (gr\xfcn) '],
    ['a second space', 'APPEND INBOX  '],
    ['a date that is none', 'APPEND INBOX "yesterday" '],
    ['the 31st of February', 'APPEND INBOX "31-Feb-2020 00:00:00 +0000" '],
    ['a date with one digit and no space', 'APPEND INBOX "1-Feb-2020 00:00:00 +0000" '],
    ['no zone', 'APPEND INBOX "01-Feb-2020 00:00:00" '],
    ['a name in 8-bit', 'APPEND gr\xfcn '],
  ])('answers BAD to %s, and then runs the mail as commands, as Dovecot does', async (_, head) => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    expect(tagged(await client.command(head + literal(commands)))).toStartWith('BAD ')
    await client.command('NOOP')
    expect(account.folder('owned')).not.toBeNull()
    expect(account.demand('INBOX').messages).toBeEmpty()
  })

  test('runs no mail as commands where the option says so, nor that of later literals', async () => {
    await using fixture = await startFixture({ executesLiteralAfterBad: false })
    const { client, account } = fixture
    const batch = `APPEND INBOX (\\Bogus) ${literal(commands)} (\\Seen) ${literal(commands)}`
    expect(await client.command(batch)).toEqual(['BAD Invalid system flag \\Bogus'])
    expect(await client.command('NOOP')).toEqual(['OK Nothing done'])
    expect(account.folder('owned')).toBeNull()
  })

  test.each([
    ['a broken name', 'APPEND "bro&ken" '],
    ['a missing folder', 'APPEND nowhere '],
  ])('throws the literal away when it says NO to %s', async (_, head) => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    const answer = await client.command(`${head}${literal(commands)} (\\Seen) ${literal(commands)}`)
    expect(answer).toHaveLength(1)
    expect(tagged(answer)).toStartWith('NO ')
    expect(await client.command('NOOP')).toEqual(['OK Nothing done'])
    expect(account.folder('owned')).toBeNull()
  })

  test.each([
    ['empty mail', literal(''), 'NO Empty message'],
    ['mail with a NUL', literal('a\0b'), 'NO Message holds a NUL'],
    ['more than APPENDLIMIT', literal('123456'), 'NO [TOOBIG] Message too large'],
  ])('refuses %s', async (_, mail, refusal) => {
    await using fixture = await startFixture({ appendBytesMax: 5 })
    expect(await fixture.client.command(`APPEND INBOX ${mail}`)).toEqual([refusal])
    expect(tagged(await fixture.client.command('CAPABILITY'))).toStartWith('OK')
  })

  test('tells APPENDLIMIT', async () => {
    await using fixture = await startFixture({ appendBytesMax: 5 })
    expect((await fixture.client.command('CAPABILITY'))[0]).toContain(' APPENDLIMIT=5')
  })

  test('without UIDPLUS tells no UID', async () => {
    await using fixture = await startFixture({ extensions: extensionsWithout('UIDPLUS') })
    expect(await fixture.client.command(`APPEND INBOX ${literal('a')}`)).toEqual(['OK Appended'])
  })

  test('drops keywords that PERMANENTFLAGS leaves out, and keeps the others', async () => {
    await using fixture = await startFixture({ keywords: ['Work'] })
    await fixture.client.command(`APPEND INBOX (\\Seen work Play) ${literal('a')}`)
    expect([...fixture.account.demand('INBOX').messages[0]!.flags]).toEqual(['\\Seen', 'work'])
  })
})

describe('MULTIAPPEND', () => {
  const three = `(\\Seen) ${literal('a')} "17-Jul-1996 02:44:25 -0700" ${literal('b')} ${literal('c')}`

  test('stores a batch in order and tells one set of UIDs', async () => {
    await using fixture = await startFixture({ inbox: ['old'] })
    expect(await fixture.client.command(`APPEND INBOX ${three}`)).toEqual(['OK [APPENDUID 7 2:4] Appended'])
    const texts = fixture.account.demand('INBOX').messages.map(({ body }) => Buffer.from(readBody(body)).toString())
    expect(texts).toEqual(['old', 'a', 'b', 'c'])
  })

  test.each([
    ['one is empty', `${three} ${literal('')}`, 'NO'],
    ['one has a bad flag', `${three} (\\Bogus) {1}`, 'BAD'],
    ['the quota does not hold them', `${three} ${literal('x'.repeat(99))}`, 'NO [OVERQUOTA]'],
  ])('is atomic: nothing is stored when %s', async (_, batch, refusal) => {
    await using fixture = await startFixture()
    fixture.account.quotaBytesMax = 50
    expect(tagged(await fixture.client.command(`APPEND INBOX ${batch}`))).toStartWith(refusal)
    expect(fixture.account.demand('INBOX').messages).toBeEmpty()
  })

  test('is unknown where it is not offered', async () => {
    await using fixture = await startFixture({ extensions: extensionsWithout('MULTIAPPEND') })
    const { client, account } = fixture
    expect(tagged(await client.command(`APPEND INBOX ${literal('a')} (\\Seen) {1}`))).toBe(
      'BAD MULTIAPPEND is not offered',
    )
    expect(account.demand('INBOX').messages).toBeEmpty()
  })
})

describe('literals', () => {
  test('without LITERAL+ and LITERAL- are not taken unasked', async () => {
    await using fixture = await startFixture({ extensions: extensionsWithout('LITERAL+') })
    const { client, account } = fixture
    expect(tagged(await client.command('APPEND INBOX {1+}'))).toBe('BAD LITERAL+ is not offered')
    client.send('a APPEND INBOX {1}\r\n')
    expect(await client.response()).toStartWith('+ ')
    client.send('x\r\n')
    expect(tagged(await client.answer('a'))).toStartWith('OK')
    expect(account.demand('INBOX').messages).toHaveLength(1)
  })

  test('with LITERAL- are taken unasked up to 4096 bytes (RFC 7888, section 5)', async () => {
    await using fixture = await startFixture({ extensions: [...extensionsWithout('LITERAL+'), 'LITERAL-'] })
    const { client, account } = fixture
    expect(tagged(await client.command(`APPEND INBOX ${literal('x'.repeat(4096))}`))).toStartWith('OK')
    expect(tagged(await client.command(`APPEND INBOX ${literal('x'.repeat(4097))}`))).toStartWith('BAD [TOOBIG]')
    expect(tagged(await client.command('NOOP'))).toBe('OK Nothing done')
    expect(account.demand('INBOX').messages).toHaveLength(1)
  })

  test.each(['{-1}', '{1', '{x+}', '{1++}', '{ 1}', '{99999999999}', '{}'])('%s is no literal', async (text) => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(`APPEND INBOX ${text}`))).toStartWith('BAD')
  })

  test('a promise of more than can be thrown away ends the connection', async () => {
    await using fixture = await startFixture()
    fixture.client.send('a APPEND INBOX {4294967295+}\r\n')
    expect(await fixture.client.rest()).toBe('* BYE [TOOBIG] Literal too long\r\n')
  })

  test('may stand for any string', async () => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(`CREATE ${literal('a b')}`))).toStartWith('OK')
    expect(fixture.account.folder('a b')).not.toBeNull()
  })
})
