import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { describeWith } from '../../support/need.ts'
import { faultOf } from '../conformance.ts'
import { certificate } from './certificates.ts'
import { access } from './dovecot-world.ts'
import { honestly, type Line, startTalk, type TalkServer } from './talk-server.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ connectMs: 300, signInMs: 300, stallMs: 300 })
const { signal } = new AbortController()
const greeting = '* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN STARTTLS] hi'
const honest = honestly({ asked: 'IMAP4rev1 AUTH=PLAIN' })
const open = (to: Access) => connector.openSource(to, signal)
const overTls = ({ access }: TalkServer, ca: string | null = null): Access => ({
  ...access,
  server: { ...access.server, security: 'tls', ca, acceptsUntrustedCertificates: ca === null },
})

const secrets = ['a secret', Buffer.from('\0ada\0a secret').toString('base64'), 'AUTHENTICATE', 'LOGIN']

describeWith('openssl')('no password goes out in clear text where TLS is wanted, whatever a server', () => {
  const tls = certificate('IP:127.0.0.1')
  const toStartTls =
    (answer: (line: Line) => string | null) =>
    (line: Line): string | null =>
      line.text === 'STARTTLS' ? answer(line) : honest(line)

  test.each<readonly [string, string, (line: Line) => string | null, string]>([
    ['does not offer it', '* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi', honest, 'tls.starttls-missing'],
    ['does not offer it when asked', '* OK hi', honest, 'tls.starttls-missing'],
    ['says NO to it', greeting, toStartTls(({ tag }) => `${tag} NO not today\r\n`), 'tls.starttls-missing'],
    ['says BAD to it', greeting, toStartTls(({ tag }) => `${tag} BAD what\r\n`), 'tls.starttls-missing'],
    ['says BYE to it', greeting, toStartTls(() => '* BYE Autologout\r\n'), 'connect.dropped'],
    ['says + to it', greeting, toStartTls(() => '+ go on\r\n'), 'server.protocol'],
    ['says nothing to it', greeting, toStartTls(() => null), 'connect.timeout'],
    ['answers another command', greeting, toStartTls(() => 's9 OK go\r\n'), 'server.protocol'],
    ['has let somebody in', '* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi', honest, 'tls.starttls-missing'],
    [
      'says more behind its OK',
      greeting,
      toStartTls(({ tag }) => `${tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n`),
      'tls.failed',
    ],
    ['says one byte more behind its OK', greeting, toStartTls(({ tag }) => `${tag} OK go\r\n `), 'tls.failed'],
  ])('%s', async (_, hello, answer, code) => {
    await using server = await startTalk({ greeting: hello, answer, tls })
    expect(await faultOf(open(overTls(server)))).toMatchObject({ code, side: 'source' })
    for (const secret of secrets) expect(server.clear()).not.toContain(secret)
  })

  test.each([
    [
      'goes on in clear text',
      (socket: Socket) => void socket.write('* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\ns2 OK done\r\n'),
    ],
    ['says nothing', () => {}],
    ['hangs up', (socket: Socket) => void socket.end()],
    ['cuts the connection', (socket: Socket) => void socket.resetAndDestroy()],
  ])('%s where the handshake belongs', async (_, act) => {
    let clear = ''
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(`${greeting}\r\n`)
      socket.on('data', (chunk: Uint8Array) => {
        clear += Buffer.from(chunk).toString('latin1')
        if (clear === 's1 STARTTLS\r\n') socket.write('s1 OK go\r\n', () => setTimeout(() => act(socket), 20))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const to = access({ port, security: 'tls', acceptsUntrustedCertificates: true }, { password: 'a secret' })
    expect(await faultOf(open(to))).toMatchObject({ code: 'tls.failed', side: 'source' })
    for (const secret of [...secrets, 'CAPABILITY']) expect(clear).not.toContain(secret)
    server.close()
  })

  test('has a certificate that nobody knows', async () => {
    await using server = await startTalk({ greeting, answer: honest, tls })
    const to = overTls(server, certificate('IP:127.0.0.1').cert)
    expect(await faultOf(open(to))).toMatchObject({ code: 'tls.untrusted' })
    expect(server.flights).toEqual([['s1 STARTTLS']])
  })
})

describe('a server that', () => {
  const said =
    (pattern: RegExp, text: string) =>
    (line: Line): string | null =>
      pattern.test(line.text) ? text.replaceAll('TAG', line.tag) : honest(line)

  test.each([
    ['greets with BYE', '* BYE Too many connections', 'server.limit'],
    ['greets with BYE and a code', '* BYE [UNAVAILABLE] Later', 'server.unavailable'],
    [
      'greets with BYE and asks to wait',
      '* BYE Request is throttled. Suggested Backoff Time: 5000 ms',
      'server.throttled',
    ],
    ['greets with BYE and nothing more', '* BYE', 'connect.dropped'],
    ['greets with NO', '* NO', 'sign-in.refused'],
    ['speaks another language', '220 mail.example.org ESMTP', 'connect.unreachable'],
    ['greets with an answer', 's1 OK hi', 'connect.unreachable'],
    ['greets with an empty line', '\r\n* OK hi', 'connect.unreachable'],
    ['does not greet', '', 'connect.unreachable'],
    ['greets without an end', `* OK ${'x'.repeat(100_000)}`, 'connect.unreachable'],
    ['has let somebody in', '* PREAUTH hi', 'sign-in.unsupported'],
  ])('%s is left', async (_, hello, code) => {
    await using server = await startTalk({ greeting: hello, answer: honest })
    expect(await faultOf(open(server.access))).toMatchObject({ code, side: 'source' })
    expect(server.flights).toEqual([])
  })

  test.each([
    ['asks for more than PLAIN has', '+ \r\n+ \r\n+ \r\n', 'server.protocol'],
    ['answers with a tag that was never sent', 's7 OK in\r\n', 'server.protocol'],
    ['answers with a word that is none', 'TAG MAYBE in\r\n', 'server.protocol'],
    ['answers with PREAUTH', 'TAG PREAUTH in\r\n', 'server.protocol'],
    ['answers with no words at all', '\r\n', 'server.protocol'],
    ['talks without an end', `* OK ${'still here '.repeat(100)}\r\n`.repeat(100), 'server.protocol'],
    ['says a line without an end', 'x'.repeat(70_000), 'server.protocol'],
    ['says nothing', '', 'connect.timeout'],
    ['asks to wait', 'TAG BAD Request is throttled. Suggested Backoff Time: 9000 milliseconds\r\n', 'server.throttled'],
    ['has too many connections', 'TAG NO Maximum number of connections from user+IP exceeded\r\n', 'server.limit'],
    ['refuses with NO', 'TAG NO Wrong\r\n', 'sign-in.refused'],
    ['refuses with BAD', 'TAG BAD Wrong\r\n', 'sign-in.refused'],
  ])('%s is left', async (_, answer, code) => {
    await using server = await startTalk({ greeting, answer: said(/^AUTHENTICATE/, answer) })
    expect(await faultOf(open(server.access))).toMatchObject({ code, side: 'source' })
  })

  test('keeps saying something now and then is given up all the same', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write(`${greeting}\r\n`)
      const timer = setInterval(() => socket.write('* OK Still here\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await faultOf(open(access({ port })))).toMatchObject({ code: 'connect.timeout' })
    server.close()
  })

  test('lets somebody in before it was told who, is not believed', async () => {
    const hello = '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi'
    await using server = await startTalk({ greeting: hello, answer: said(/^AUTHENTICATE/, 'TAG OK in\r\n') })
    expect(await faultOf(open(server.access))).toMatchObject({ code: 'sign-in.unsupported' })
    await using other = await startTalk({
      greeting: '* OK [CAPABILITY IMAP4rev1] x',
      answer: said(/^LOGIN/, 'TAG OK in\r\n'),
    })
    expect(await faultOf(open({ ...other.access, password: 'ü' }))).toMatchObject({ code: 'sign-in.unsupported' })
  })

  test('offers SASL-IR and asks all the same is answered', async () => {
    const answer = (line: Line): string | null => (/^AUTHENTICATE/.test(line.text) ? '+ \r\n' : honest(line))
    await using server = await startTalk({ greeting, answer })
    await using source = await open(server.access)
    expect(await source.listFolders()).toHaveLength(1)
  })

  test('repeats what it was sent, in any form, tells it to nobody', async () => {
    const password = `q "é" \\ ${'x'.repeat(30)}`
    const forms = [
      Buffer.from(`\0ada\0${password}`).toString('base64'),
      Buffer.from(password).toString('latin1'),
      Buffer.from(password.replace(/["\\]/g, '\\$&')).toString('latin1'),
    ]
    for (const form of forms) {
      for (const answer of [
        `TAG NO ${form}\r\n`,
        `TAG BAD [${form}] x\r\n`,
        `* BYE ${form}\r\n`,
        `* BYE [${form}] x\r\n`,
      ]) {
        await using server = await startTalk({ greeting, answer: said(/^AUTHENTICATE/, answer) })
        const fault = await faultOf(open({ ...server.access, password }))
        const told = Bun.inspect(fault)
        for (const secret of [...forms.map((text) => text.slice(0, 12)), password.slice(-20)])
          expect(told).not.toContain(secret)
      }
    }
  })

  test('says something behind its OK has it read by whoever comes next', async () => {
    const hello = '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi'
    const answer = said(/^AUTHENTICATE/, 'TAG OK [CAPABILITY IMAP4rev1] in\r\n* BYE [UNAVAILABLE] Not any more\r\n')
    await using server = await startTalk({ greeting: hello, answer })
    await using source = await open(server.access)
    expect(await faultOf(source.listFolders())).toMatchObject({ code: 'server.unavailable' })
  })
})
