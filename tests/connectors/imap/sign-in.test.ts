import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import { extensionsWithout } from '../../../src/demo/settings.ts'
import type { Access, ServerAddress } from '../../../src/domain/endpoint.ts'
import { describeWith } from '../../support/need.ts'
import { appendAll, collect, faultOf, inboxOf } from '../conformance.ts'
import { certificate } from './certificates.ts'
import { startDemo } from './demo-world.ts'
import { access } from './dovecot-world.ts'
import { type Said, startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ signInMs: 1_000 })
const { signal } = new AbortController()

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

  test.each(['ssl', 'tls'] as const)(
    '%s that hangs in the handshake is cut by an abort, and given up',
    async (security) => {
      const asked: (() => void)[] = []
      const server = createServer((socket: Socket) => {
        socket.on('error', () => {})
        socket.write(security === 'tls' ? '* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n' : '')
        socket.on('data', (chunk: Uint8Array) => {
          const text = Buffer.from(chunk).toString('latin1')
          if (text.endsWith('STARTTLS\r\n')) socket.write(`${text.split(' ')[0]} OK go\r\n`)
          // The first bytes of a handshake.
          if (text.startsWith('\x16\x03')) asked.shift()?.()
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const to = access({ port: typeof address === 'object' && address ? address.port : 0, security })
      const abort = new AbortController()
      asked.push(() => abort.abort())
      expect(await faultOf(connector.openSource(to, abort.signal))).toMatchObject({ code: 'cancelled' })
      const impatient = createImapConnector({ connectMs: 100, signInMs: 1_000 })
      const fault = await faultOf(impatient.openSource(to, signal))
      expect(fault).toMatchObject({ code: 'tls.failed', side: 'source' })
      expect(fault.message).toContain('the TLS handshake did not end')
      server.close()
    },
  )

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
    const goOn = ({ text, send }: Said): unknown => /\{\d+\}$/.test(text) && answered(send('+ go on\r\n'))
    for (const greeting of ['* OK ready', '* OK [CAPABILITY IMAP4rev1] no methods']) {
      await using server = await startScript(goOn, greeting)
      expect(await opened({ ...server.access, password })).toBe('INBOX')
    }
  })

  test('by LOGIN, with literals or without waiting for them, is what a server understands', async () => {
    for (const extensions of [extensionsWithout(), extensionsWithout('LITERAL+')]) {
      await using side = await startDemo({ extensions })
      const [login, password] = ['dömain\\ada/shared', 'p "q" {5} ü']
      side.server.store.addAccount({ userName: login, password })
      expect(await opened({ ...side.access, login, password })).toBe('INBOX')
      expect(side.commands.map(({ name }) => name)).toContain('LOGIN')
      expect(await faultOf(opened({ ...side.access, login, password: 'ü' }))).toMatchObject({ code: 'sign-in.refused' })
    }
  })

  test('by nothing but AUTHENTICATE LOGIN is left to the library', async () => {
    const said: string[] = []
    const script = ({ text, send, end }: Said): unknown => {
      if (text === 'AUTHENTICATE LOGIN') return answered(send(`+ ${btoa('Username:')}\r\n`))
      if (text === btoa('ada')) return answered(send(`+ ${btoa('Password:')}\r\n`))
      if (text !== btoa('a secret')) return false
      said.push(text)
      return answered(end('OK [CAPABILITY IMAP4rev1 NAMESPACE APPENDLIMIT=77] in'))
    }
    await using server = await startScript(script, '* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=LOGIN] x')
    await using target = await connector.openTarget({ ...server.access, password: 'a secret' }, signal)
    expect(await target.listFolders()).toHaveLength(1)
    expect(target.capabilities.itemBytesMax).toBe(77)
    expect([server.connections, said.length]).toEqual([2, 1])
  })

  test.each([{ login: '' }, { password: '' }])('with %j does not even connect', async (empty) => {
    await using server = await startScript(() => false)
    expect(await faultOf(opened({ ...server.access, ...empty }))).toMatchObject({ code: 'sign-in.refused' })
    expect(server.connections).toBe(0)
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

test('a password that is a part of our own words does not mutilate them', async () => {
  await using side = await startDemo()
  const fault = await faultOf(opened({ ...side.access, password: 'an' }))
  expect(fault).toMatchObject({ code: 'sign-in.refused' })
  expect(fault.message).toStartWith('Cannot sign in as "')
})

test('a port that waits for TLS is given up before a sign-in would be, and the sentence says what it may be', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const quick = createImapConnector({ connectMs: 50, signInMs: 60_000 })
  const fault = await faultOf(quick.openSource(access({ port }), signal))
  server.close()
  expect(fault).toMatchObject({ code: 'connect.unreachable' })
  expect(fault.message).toContain('wants TLS')
})
