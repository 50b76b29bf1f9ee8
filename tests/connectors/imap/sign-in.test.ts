import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import { extensionsWithout, type TlsKeys } from '../../../src/demo/settings.ts'
import type { Access, ServerAddress } from '../../../src/domain/endpoint.ts'
import { describeWith, findProgram } from '../../support/need.ts'
import { appendAll, collect, faultOf, inboxOf } from '../conformance.ts'
import { startDemo } from './demo-world.ts'
import { access } from './dovecot-world.ts'
import { startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ signInMs: 1_000 })
const { signal } = new AbortController()

/** A self-signed certificate with these subject alternative names, valid for so many days. */
function certificate(names: string, days = 30): TlsKeys {
  const folder = mkdtempSync(join(tmpdir(), 'postferry-tls-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
    const subject = ['-subj', '/CN=mail', '-addext', `subjectAltName=${names}`, '-out', certFile]
    const validity =
      days > 0 ? ['-days', `${days}`] : ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z']
    execFileSync(findProgram('openssl') ?? 'openssl', ['req', '-x509', ...key, ...subject, ...validity], {
      stdio: 'ignore',
    })
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const withServer = (side: Access, server: Partial<ServerAddress>): Access => ({
  ...side,
  server: { ...side.server, ...server },
})
const answered = (_: unknown): true => true
const opened = async (to: Access): Promise<string> => {
  await using source = await connector.openSource(to, signal)
  return (await source.listFolders()).map(({ path }) => path.join('/')).join()
}

describeWith('openssl')('security', () => {
  const good = certificate('DNS:localhost,IP:127.0.0.1')
  const other = certificate('DNS:mail.example.org,DNS:imap.example.org')

  test.each([
    ['ssl', true],
    ['tls', false],
  ] as const)('%s lets in where the certificate is trusted', async (security, isTlsImplicit) => {
    await using side = await startDemo({ tls: good, isTlsImplicit, isLoginDisabled: true })
    for (const host of ['localhost', '127.0.0.1']) {
      expect(await opened(withServer(side.access, { host, security, ca: good.cert }))).toBe('INBOX')
    }
  })

  test.each([
    ['ssl', true],
    ['tls', false],
  ] as const)(
    '%s refuses a certificate that is not trusted, unless told to take it',
    async (security, isTlsImplicit) => {
      await using side = await startDemo({ tls: good, isTlsImplicit })
      const to = withServer(side.access, { security })
      const fault = await faultOf(opened(to))
      expect(fault).toMatchObject({ code: 'tls.untrusted', scope: 'endpoint', retry: 'never', side: 'source' })
      expect(fault.message).toContain('self-signed')
      expect(side.commands.map(({ name }) => name)).not.toContain('AUTHENTICATE')
      expect(await opened(withServer(to, { acceptsUntrustedCertificates: true }))).toBe('INBOX')
    },
  )

  test.each([
    ['ssl', true],
    ['tls', false],
  ] as const)(
    '%s refuses a certificate for another host, and names those it is for',
    async (security, isTlsImplicit) => {
      await using side = await startDemo({ tls: other, isTlsImplicit })
      for (const host of ['localhost', '127.0.0.1']) {
        const fault = await faultOf(opened(withServer(side.access, { host, security, ca: other.cert })))
        expect(fault).toMatchObject({ code: 'tls.untrusted' })
        expect(fault.message).toContain('mail.example.org, imap.example.org')
      }
    },
  )

  test('ssl to a port that speaks clear text fails', async () => {
    await using side = await startDemo()
    expect(await faultOf(opened(withServer(side.access, { security: 'ssl' })))).toMatchObject({
      code: 'tls.failed',
      scope: 'endpoint',
    })
  })

  test('STARTTLS that is not offered is never done without', async () => {
    await using side = await startDemo()
    expect(await faultOf(opened(withServer(side.access, { security: 'tls' })))).toMatchObject({
      code: 'tls.starttls-missing',
      scope: 'endpoint',
    })
    expect(side.commands.map(({ name }) => name)).not.toContain('AUTHENTICATE')
  })

  test('STARTTLS that is refused is never done without', async () => {
    await using server = await startScript(
      ({ text, end }) => text === 'STARTTLS' && answered(end('NO Not today')),
      '* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] x',
    )
    expect(await faultOf(opened(withServer(server.access, { security: 'tls' })))).toMatchObject({
      code: 'tls.starttls-missing',
    })
    expect(server.lines.join()).not.toContain('AUTHENTICATE')
  })

  test('STARTTLS with something behind its OK is refused', async () => {
    await using server = await startScript(
      ({ text, tag, send }) =>
        text === 'STARTTLS' && answered(send(`${tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n`)),
      '* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] x',
    )
    expect(await faultOf(opened(withServer(server.access, { security: 'tls' })))).toMatchObject({ code: 'tls.failed' })
  })

  test('STARTTLS behind a PREAUTH greeting is refused, and so is PREAUTH itself', async () => {
    await using server = await startScript(() => false, '* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] Welcome')
    expect(await faultOf(opened(withServer(server.access, { security: 'tls' })))).toMatchObject({
      code: 'tls.starttls-missing',
    })
    expect(await faultOf(opened(server.access))).toMatchObject({ code: 'sign-in.unsupported' })
  })

  test('none stays in clear text although STARTTLS is offered', async () => {
    await using side = await startDemo({ tls: good })
    expect(await opened(side.access)).toBe('INBOX')
    expect(side.commands.map(({ name }) => name)).not.toContain('STARTTLS')
  })

  test('a handshake that is cut fails', async () => {
    const server = createServer((socket: Socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await faultOf(opened(access({ port, security: 'ssl' })))).toMatchObject({
      code: 'tls.failed',
      scope: 'endpoint',
    })
    server.close()
  })

  test.each([
    ['ssl', true],
    ['tls', false],
  ] as const)('a message of megabytes goes over %s as it is, in both directions', async (security, isTlsImplicit) => {
    await using side = await startDemo({ tls: good, isTlsImplicit })
    const to = withServer(side.access, { security, ca: good.cert })
    const large = {
      body: Buffer.from(
        Array.from({ length: 5_000_000 }, (_, at) => (at % 100 === 98 ? 13 : at % 100 === 99 ? 10 : 33 + (at % 89))),
      ),
    }
    await using target = await connector.openTarget(to, signal)
    const inbox = await inboxOf(target)
    expect(await appendAll(target, inbox, [large, { body: 'small\r\n' }, large])).toMatchObject([
      { uid: 1 },
      { uid: 2 },
      { uid: 3 },
    ])
    const items = await collect(target.fetch(inbox, [1, 2, 3]))
    expect(items.map(({ bytes }) => bytes.length)).toEqual([5_000_000, 7, 5_000_000])
    expect(items[2]?.bytes.equals(large.body)).toBe(true)
  })
})

describe('signing in', () => {
  test('with a wrong password is refused, and the password is nowhere in the fault', async () => {
    const password = 'sécret "quoted" \\ pass'
    await using side = await startDemo({
      hooks: {
        onCommand: ({ name }) =>
          name === 'AUTHENTICATE' ? { answer: `NO [AUTHENTICATIONFAILED] Wrong: ${password}` } : undefined,
      },
    })
    const fault = await faultOf(opened({ ...side.access, password }))
    expect(fault).toMatchObject({ code: 'sign-in.refused', scope: 'mailbox', retry: 'never', side: 'source' })
    expect(`${fault.message} ${Bun.inspect(fault)}`).not.toContain(password)
  })

  test.each([
    ['NO [UNAVAILABLE] Temporary', 'server.unavailable'],
    ['NO [LIMIT] Too many', 'server.limit'],
    ['NO [EXPIRED] Old', 'sign-in.refused'],
    ['BYE Too many connections', 'server.limit'],
  ])('that ends with %s', async (answer, code) => {
    await using side = await startDemo({
      hooks: { onCommand: ({ name }) => (name === 'AUTHENTICATE' ? { answer } : undefined) },
    })
    expect(await faultOf(opened(side.access))).toMatchObject({ code, scope: 'mailbox' })
  })

  test.each([
    ['PLAIN', extensionsWithout()],
    ['PLAIN in two steps', extensionsWithout('SASL-IR')],
  ])('by %s to a server that repeats what it was sent tells it to nobody', async (_, extensions) => {
    const password = `quite "long" \\ and secret ${'x'.repeat(60)}`
    const sasl = Buffer.from(`\0ada\0${password}`).toString('base64')
    const quoted = password.replace(/["\\]/g, '\\$&')
    const answer = `NO [AUTHENTICATIONFAILED] ${'No. '.repeat(20)}${sasl} ${quoted} ${password}`
    const onCommand = ({ name }: SeenCommand) => (name === 'AUTHENTICATE' ? { answer } : undefined)
    await using side = await startDemo({ extensions, hooks: { onCommand } })
    const fault = await faultOf(opened({ ...side.access, password }))
    expect(fault).toMatchObject({ code: 'sign-in.refused' })
    for (const secret of [sasl.slice(0, 20), quoted.slice(0, 10), password.slice(0, 10)])
      expect(`${fault.message} ${Bun.inspect(fault)}`).not.toContain(secret)
  })

  test('where no password is taken in clear text is not possible', async () => {
    await using side = await startDemo({ isLoginDisabled: true })
    expect(await faultOf(opened(side.access))).toMatchObject({ code: 'sign-in.unsupported', scope: 'endpoint' })
  })

  test('with any printable password works, by PLAIN and by LOGIN', async () => {
    const password = 'p "q" \\ {5} ü 日本'
    for (const greeting of ['* OK ready', '* OK [CAPABILITY IMAP4rev1] no methods']) {
      await using server = await startScript(() => false, greeting)
      expect(await opened({ ...server.access, password })).toBe('INBOX')
    }
  })

  test.each(['a\nb', 'a\rb', 'a\0b'])('with %j does not even connect', async (text) => {
    await using server = await startScript(() => false)
    for (const wrong of [{ login: text }, { password: text }, { authzid: text }]) {
      expect(await faultOf(opened({ ...server.access, ...wrong }))).toMatchObject({ code: 'sign-in.refused' })
    }
    expect(server.connections).toBe(0)
  })

  test('as somebody else opens their mailbox, never the administrator’s own', async () => {
    await using side = await startDemo({}, { masters: { admin: 'secret' } })
    side.account.create('Ada')
    const admin = { ...side.access, login: 'admin', password: 'secret', authzid: 'ada' }
    expect(await opened(admin)).toBe('INBOX,Ada')
    expect(await opened({ ...side.access, login: 'ada*admin', password: 'secret' })).toBe('INBOX,Ada')
    expect(await faultOf(opened({ ...admin, authzid: 'nobody' }))).toMatchObject({ code: 'sign-in.refused' })
  })

  test.each([
    ['no method at all', 'IMAP4rev1'],
    ['LOGIN alone', 'IMAP4rev1 AUTH=LOGIN'],
  ])('as somebody else is not possible where a server offers %s', async (_, capabilities) => {
    await using server = await startScript(
      ({ text, end }) => text.startsWith('AUTHENTICATE') && answered(end('BAD Unknown')),
      `* OK [CAPABILITY ${capabilities}] x`,
    )
    const fault = await faultOf(opened({ ...server.access, authzid: 'bob' }))
    expect(fault.code).toMatch(/^sign-in\./)
    expect(server.lines.join()).not.toMatch(/EXAMINE|LIST/)
  })

  test('where nothing listens is unreachable, at the endpoint', async () => {
    expect(await faultOf(opened(access({ port: 1 })))).toMatchObject({
      code: 'connect.unreachable',
      scope: 'endpoint',
      side: 'source',
    })
  })

  test('at an address that is not allowed does not connect', async () => {
    const fault = await faultOf(opened(access({ host: '169.254.169.254', port: 143 })))
    expect(fault).toMatchObject({ code: 'connect.refused-by-policy', scope: 'endpoint', side: 'source' })
  })

  test('where no greeting comes is unreachable', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await faultOf(opened(access({ port })))).toMatchObject({ code: 'connect.unreachable' })
    server.close()
  })

  test('takes the capabilities of after the sign-in, told or asked for', async () => {
    let isSignedIn = false
    await using server = await startScript(({ text, send, end }) => {
      if (text.length > 0 && /^[A-Za-z0-9+/=]+$/.test(text) && !/^[A-Z]+$/.test(text)) isSignedIn = true
      if (text !== 'CAPABILITY') return false
      send(`* CAPABILITY IMAP4rev1 AUTH=PLAIN${isSignedIn ? ' QUOTA APPENDLIMIT=1234 MOVE' : ''}\r\n`)
      end('OK done')
      return true
    })
    await using target = await connector.openTarget(server.access, signal)
    expect(target.capabilities).toMatchObject({ canMove: true, itemBytesMax: 1234 })
  })
})

describe('a probe', () => {
  const steps = async (to: Access) =>
    (await connector.probe(to, signal)).steps.map(({ step, isOk }) => `${step} ${isOk ? 'ok' : 'failed'}`)

  test('climbs all rungs', async () => {
    await using side = await startDemo()
    side.account.quotaBytesMax = 102_400
    side.account.deliver('INBOX', { body: Buffer.from('a\r\n') })
    const report = await connector.probe(side.access, signal)
    expect(report.isOk).toBe(true)
    expect(report.steps.map(({ step }) => step)).toEqual([
      'resolve',
      'connect',
      'greeting',
      'capability',
      'sign-in',
      'namespace',
      'folders',
      'quota',
    ])
    expect(report.steps.find(({ step }) => step === 'folders')?.detail).toBe('1 folders, 1 messages')
    for (const { elapsedMs, code, remedy } of report.steps) {
      expect(elapsedMs).toBeGreaterThanOrEqual(0)
      expect([code, remedy]).toEqual([null, null])
    }
    expect(report.capabilities).toContain('UIDPLUS')
    expect(side.commands.at(-1)?.name).toBe('LOGOUT')
  })

  test('stops at the first rung that breaks, and says what to do', async () => {
    await using side = await startDemo()
    expect(await steps(access({ host: 'nobody.invalid' }))).toEqual(['resolve failed'])
    expect(await steps(access({ host: '169.254.169.254' }))).toEqual(['resolve failed'])
    expect(await steps(access({ port: 1 }))).toEqual(['resolve ok', 'connect failed'])
    expect(await steps(withServer(side.access, { security: 'ssl' }))).toEqual([
      'resolve ok',
      'connect ok',
      'tls failed',
    ])
    expect(await steps(withServer(side.access, { security: 'tls' }))).toEqual([
      'resolve ok',
      'connect ok',
      'greeting ok',
      'capability ok',
      'tls failed',
    ])
    const refused = await connector.probe({ ...side.access, password: 'wrong' }, signal)
    expect(refused.steps.at(-1)).toMatchObject({
      step: 'sign-in',
      isOk: false,
      code: 'sign-in.refused',
      remedy: 'Correct the user name or password and retry',
    })
    expect(refused.isOk).toBe(false)
  })

  test.each([
    ['LIST', 'folders'],
    ['GETQUOTAROOT', 'quota'],
  ])('stops where %s is refused', async (command, rung) => {
    await using side = await startDemo({
      hooks: { onCommand: ({ name }) => (name === command ? { answer: 'NO Not today' } : undefined) },
    })
    expect((await steps(side.access)).at(-1)).toBe(`${rung} failed`)
  })

  test('that is stopped says so instead of blaming the server', async () => {
    await using side = await startDemo()
    expect(await faultOf(connector.probe(side.access, AbortSignal.abort()))).toMatchObject({ code: 'cancelled' })
  })
})
