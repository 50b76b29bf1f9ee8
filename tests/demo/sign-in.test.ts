import { afterAll, describe, expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { startImapServer } from '../../src/demo/server.ts'
import { Store } from '../../src/demo/store.ts'
import { makeCertificate } from '../support/certificate.ts'
import { describeWith } from '../support/need.ts'
import { Client, connectTo } from './client.ts'
import { startFixture, tagged } from './fixture.ts'

async function stranger(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture({ masters: { admin: 'master' }, ...options })
  return { fixture, client: await connectTo(fixture.server.port), [Symbol.asyncDispose]: () => fixture.server.close() }
}

const plain = (...parts: readonly string[]): string => Buffer.from(parts.join('\0')).toString('base64')

describe('LOGIN', () => {
  test.each([
    ['anna secret', 'OK [CAPABILITY IMAP4rev1'],
    ['"anna" "secret"', 'OK'],
    ['{4+}\r\nanna {6+}\r\nsecret', 'OK'],
    ['anna wrong', 'NO [AUTHENTICATIONFAILED]'],
    ['nobody secret', 'NO [AUTHENTICATIONFAILED]'],
    ['anna*admin master', 'OK'],
    ['anna*admin secret', 'NO [AUTHENTICATIONFAILED]'],
    ['nobody*admin master', 'NO [AUTHENTICATIONFAILED]'],
    ['anna*nobody master', 'NO [AUTHENTICATIONFAILED]'],
    ['admin master', 'NO [AUTHENTICATIONFAILED]'],
    ['anna', 'BAD'],
    ['anna secret x', 'BAD'],
    ['anna "sec\r\nret"', 'BAD'],
  ])('%j is answered with %s', async (credentials, answer) => {
    await using session = await stranger()
    // An asterisk stands in no atom.
    const quoted = credentials.replace(/^(\S+\*\S+)/, '"$1"')
    expect(tagged(await session.client.command(`LOGIN ${quoted}`))).toStartWith(answer)
  })

  test('takes names and passwords in UTF-8', async () => {
    await using session = await stranger()
    session.fixture.server.store.addAccount({ userName: 'zoë', password: 'grün' })
    const [name, password] = ['zoë', 'grün'].map((text) => Buffer.from(text).toString('latin1'))
    const line = `LOGIN {${name?.length}+}\r\n${name} {${password?.length}+}\r\n${password}`
    expect(tagged(await session.client.command(line))).toStartWith('OK')
  })
})

describe('AUTHENTICATE PLAIN', () => {
  test.each([
    [['', 'anna', 'secret'], 'OK'],
    [['anna', 'anna', 'secret'], 'OK'],
    [['anna', 'admin', 'master'], 'OK'],
    [['anna', 'admin', 'secret'], 'NO [AUTHENTICATIONFAILED]'],
    [['anna', 'nobody', 'master'], 'NO [AUTHENTICATIONFAILED]'],
    [['nobody', 'admin', 'master'], 'NO [AUTHENTICATIONFAILED]'],
    [['', 'anna'], 'BAD'],
    [['', 'anna', 'secret', 'x'], 'BAD'],
  ])('with %j is answered with %s, with and without SASL-IR', async (parts, answer) => {
    await using session = await stranger()
    expect(tagged(await session.client.command(`AUTHENTICATE PLAIN ${plain(...parts)}`))).toStartWith(answer)
    const other = await connectTo(session.fixture.server.port)
    other.send('a AUTHENTICATE plain\r\n')
    expect(await other.response()).toBe('+ ')
    other.send(`${plain(...parts)}\r\n`)
    expect(tagged(await other.answer('a'))).toStartWith(answer)
  })

  test('can be cancelled', async () => {
    await using session = await stranger()
    session.client.send('a AUTHENTICATE PLAIN\r\n*\r\nb NOOP\r\n')
    expect(await session.client.response()).toBe('+ ')
    expect(await session.client.response()).toBe('a BAD Authentication cancelled')
    expect(await session.client.response()).toBe('b OK Nothing done')
  })

  test.each([
    ['AUTHENTICATE PLAIN !!!', 'BAD'],
    ['AUTHENTICATE PLAIN =', 'BAD'],
    ['AUTHENTICATE PLAIN AGFubmEAc2VjcmV0YQ', 'BAD'],
    ['AUTHENTICATE PLAIN AGFubmEAc2VjcmV0', 'OK'],
    ['AUTHENTICATE CRAM-MD5', 'NO'],
  ])('%s is %s', async (command, status) => {
    await using session = await stranger()
    expect(tagged(await session.client.command(command))).toStartWith(status)
  })

  test('takes no initial response without SASL-IR', async () => {
    await using session = await stranger({ extensions: [] })
    const answer = await session.client.command(`AUTHENTICATE PLAIN ${plain('', 'anna', 'secret')}`)
    expect(tagged(answer)).toBe('BAD SASL-IR is not offered')
  })
})

describe('LOGINDISABLED', () => {
  test('is told and kept', async () => {
    await using session = await stranger({ isLoginDisabled: true })
    expect((await session.client.command('CAPABILITY'))[0]).toEndWith(' LOGINDISABLED')
    expect(tagged(await session.client.command('LOGIN anna secret'))).toStartWith('NO [PRIVACYREQUIRED]')
    const answer = await session.client.command(`AUTHENTICATE PLAIN ${plain('', 'anna', 'secret')}`)
    expect(tagged(answer)).toStartWith('NO [PRIVACYREQUIRED]')
  })
})

describeWith('openssl')('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postferry-demo-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const { pem, keyFile } = makeCertificate(folder)
  const tls = { key: readFileSync(keyFile, 'utf8'), cert: pem }
  const trust = { ca: pem, servername: 'localhost' }

  test('from the first byte lifts LOGINDISABLED and offers no STARTTLS', async () => {
    const store = new Store()
    store.addAccount({ userName: 'anna', password: 'secret' })
    await using server = await startImapServer({ store, tls, isTlsImplicit: true, isLoginDisabled: true })
    const client = new Client(connectTls({ host: '127.0.0.1', port: server.port, ...trust }))
    expect(await client.response()).toContain('AUTH=PLAIN]')
    expect(tagged(await client.command('LOGIN anna secret'))).toStartWith('OK')
    expect(tagged(await client.command('LOGOUT'))).toStartWith('OK')
  })

  test('begins with STARTTLS; what was sent behind it in clear text is not obeyed', async () => {
    await using session = await stranger({ tls, isLoginDisabled: true })
    const { client, fixture } = session
    expect((await client.command('CAPABILITY'))[0]).toEndWith(' STARTTLS LOGINDISABLED')
    client.send('a STARTTLS\r\nb NOOP\r\n')
    expect(await client.answer('a')).toEqual(['OK Begin TLS negotiation now'])
    client.socket.removeAllListeners('data')
    const secure = new Client(connectTls({ socket: client.socket, ...trust }))
    expect((await secure.command('CAPABILITY'))[0]).toEndWith(' AUTH=PLAIN')
    expect(tagged(await secure.command('STARTTLS'))).toBe('BAD STARTTLS is not offered')
    expect(tagged(await secure.command('LOGIN anna secret'))).toStartWith('OK')
    fixture.account.deliver('INBOX', { body: new Uint8Array(3_000_000).fill(65) })
    await secure.command('EXAMINE INBOX')
    expect((await secure.command('FETCH 1 BODY[]'))[0]).toHaveLength(
      '* 1 FETCH (BODY[] {3000000}\r\n)'.length + 3_000_000,
    )
  })

  test('is not offered without keys', async () => {
    await using session = await stranger()
    expect(tagged(await session.client.command('STARTTLS'))).toBe('BAD STARTTLS is not offered')
  })

  test('lets a server close while a handshake hangs', async () => {
    const server = await startImapServer({ tls, isTlsImplicit: true })
    const waiting = connectTo(server.port)
    await server.close()
    expect((await (await waiting).rest()).length).toBe(0)
  })
})
