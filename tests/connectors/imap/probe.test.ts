import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { SeenCommand } from '../../../src/demo/hooks.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { startDovecot } from '../../support/dovecot.ts'
import { faultOf } from '../conformance.ts'
import { certificate } from './certificates.ts'
import { startDemo } from './demo-world.ts'
import { access } from './dovecot-world.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ signInMs: 1_000 })
const { signal } = new AbortController()

const withSecurity = (side: Access, security: Access['server']['security']): Access => ({
  ...side,
  server: { ...side.server, security },
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
      'policy',
      'connect',
      'greeting',
      'capability',
      'mechanisms',
      'sign-in',
      'namespace',
      'folders',
      'quota',
      'append-limit',
      'fetch',
      'pace',
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
    expect(await steps(access({ host: '169.254.169.254' }))).toEqual(['resolve ok', 'policy failed'])
    expect(await steps(access({ port: 1 }))).toEqual(['resolve ok', 'policy ok', 'connect failed'])
    expect(await steps(withSecurity(side.access, 'ssl'))).toEqual([
      'resolve ok',
      'policy ok',
      'connect ok',
      'tls failed',
    ])
    expect(await steps(withSecurity(side.access, 'tls'))).toEqual([
      'resolve ok',
      'policy ok',
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
    ['EXAMINE', 'fetch'],
    ['NOOP', 'pace'],
  ])('stops where %s is refused', async (command, rung) => {
    await using side = await startDemo({
      hooks: { onCommand: ({ name }) => (name === command ? { answer: 'NO Not today' } : undefined) },
    })
    side.account.deliver('INBOX', { body: Buffer.from('a\r\n') })
    expect((await steps(side.access)).at(-1)).toBe(`${rung} failed`)
  })

  test.each([
    ['NO [AUTHENTICATIONFAILED] Wrong', 'sign-in.refused'],
    ['NO [UNAVAILABLE] Temporary', 'server.unavailable'],
    ['NO [LIMIT] Too many', 'server.limit'],
    ['BYE Too many connections', 'server.limit'],
    ['BYE Temporarily unavailable', 'server.unavailable'],
  ])('of a server that answers %s says what a copy would say', async (answer, code) => {
    const onCommand = ({ name }: SeenCommand) => (name === 'AUTHENTICATE' ? { answer } : undefined)
    await using side = await startDemo({ hooks: { onCommand } })
    expect((await connector.probe(side.access, signal)).steps.at(-1)).toMatchObject({ step: 'sign-in', code })
    expect(await faultOf(connector.openSource(side.access, signal))).toMatchObject({ code })
  })

  test('tells the password to nobody, whatever the server repeats', async () => {
    const password = `quite "long" \\ and secret ${'x'.repeat(60)}`
    const sasl = Buffer.from(`\0ada\0${password}`).toString('base64')
    const answer = `NO [AUTHENTICATIONFAILED] ${'No. '.repeat(20)}${sasl} ${password}`
    const onCommand = ({ name }: SeenCommand) => (name === 'AUTHENTICATE' ? { answer } : undefined)
    await using side = await startDemo({ hooks: { onCommand } })
    const report = await connector.probe({ ...side.access, password }, signal)
    expect(report.steps.at(-1)).toMatchObject({ code: 'sign-in.refused' })
    for (const secret of [sasl.slice(0, 20), password.slice(0, 10)]) expect(Bun.inspect(report)).not.toContain(secret)
  })

  test('with a control character in the password does not even connect', async () => {
    await using side = await startDemo()
    const report = await connector.probe({ ...side.access, password: 'a\nb' }, signal)
    expect(report.steps).toMatchObject([{ step: 'sign-in', code: 'sign-in.refused' }])
    expect(side.commands).toEqual([])
  })

  test('without a login tells what the server is, and asks for no mailbox', async () => {
    await using side = await startDemo()
    const report = await connector.probe({ ...side.access, login: '', password: '' }, signal)
    expect(report.isOk).toBe(true)
    expect(report.steps.map(({ step }) => step)).toEqual([
      'resolve',
      'policy',
      'connect',
      'greeting',
      'capability',
      'mechanisms',
    ])
  })

  test('that is stopped says so instead of blaming the server', async () => {
    await using side = await startDemo()
    expect(await faultOf(connector.probe(side.access, AbortSignal.abort()))).toMatchObject({ code: 'cancelled' })
  })

  test('tells what each capability brings, how one may sign in, and what one connection reads', async () => {
    await using side = await startDemo()
    for (let n = 0; n < 3; n += 1) side.account.deliver('INBOX', { body: Buffer.from(`Subject: ${n}\r\n\r\nx\r\n`) })
    const { steps: rungs } = await connector.probe(side.access, signal)
    const rung = (step: string) => rungs.find((one) => one.step === step)
    expect(rung('capability')?.notes).toContain('UIDPLUS tells where copies went')
    expect(rung('mechanisms')?.detail).toContain('PLAIN')
    expect(rung('append-limit')?.detail).toMatch(/^(Takes messages of up to \d+ bytes|The server tells no limit)$/)
    expect(rung('fetch')?.detail).toBe('The newest message of "INBOX" has 17 bytes')
    expect(rung('pace')?.detail).toMatch(
      /^A round trip takes [\d.]+ ms; 3 messages with 51 bytes came in \d+ ms: expect/,
    )
    expect(side.commands.map(({ name }) => name)).not.toContain('SELECT')
    expect(side.commands.map(({ name }) => name)).not.toContain('STORE')
  })

  test.each(['ssl', 'tls'] as const)(
    'over %s shows the names of a certificate that is not trusted',
    async (security) => {
      const tls = certificate('DNS:imap.example.org,DNS:mail.example.org')
      await using side = await startDemo({ tls, isTlsImplicit: security === 'ssl' })
      const report = await connector.probe(withSecurity(side.access, security), signal)
      const [last, ...others] = report.steps.toReversed()
      expect(last).toMatchObject({ step: 'tls', isOk: false, code: 'tls.untrusted' })
      expect(last?.notes?.[0]).toBe('The certificate is for imap.example.org, mail.example.org')
      expect(last?.notes?.[1]).toMatch(/^It is valid from .* to /)
      expect(others.every(({ isOk }) => isOk)).toBe(true)
      expect(side.commands.map(({ name }) => name)).not.toContain('AUTHENTICATE')
    },
  )

  test('of Dovecot climbs all rungs over TLS, the secured ways to sign in among them', async () => {
    await using server = await startDovecot()
    for (const security of ['ssl', 'tls'] as const) {
      const port = security === 'ssl' ? server.tlsPort : server.port
      const to = access({ port, security, ca: server.certificate.pem }, { login: 'ada' })
      const report = await connector.probe(to, signal)
      expect(report.steps.filter(({ isOk }) => !isOk)).toEqual([])
      expect(report.steps.map(({ step }) => step)).toEqual([
        ...(security === 'ssl'
          ? ['resolve', 'policy', 'connect', 'tls', 'greeting', 'capability', 'mechanisms']
          : ['resolve', 'policy', 'connect', 'greeting', 'capability', 'tls', 'mechanisms']),
        ...['sign-in', 'namespace', 'folders', 'quota', 'append-limit', 'fetch', 'pace'],
      ] as never)
      const rung = (step: string) => report.steps.find((one) => one.step === step)
      expect(rung('tls')?.notes?.[0]).toContain('localhost')
      expect(rung('mechanisms')?.detail).toContain('PLAIN')
    }
  })
})
