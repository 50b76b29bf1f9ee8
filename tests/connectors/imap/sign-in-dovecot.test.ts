import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { type DovecotServer, startDovecot } from '../../support/dovecot.ts'
import { describeWith } from '../../support/need.ts'
import { faultOf } from '../conformance.ts'
import { access } from './dovecot-world.ts'

setDefaultTimeout(60_000)

const connector = createImapConnector()
const { signal } = new AbortController()
const users = { ada: 'a "quoted" \\ pässword {5}', bob: 'b' }

describeWith('dovecot', 'openssl')('a sign-in to Dovecot', () => {
  let server: DovecotServer

  beforeAll(async () => {
    server = await startDovecot({ users, master: { name: 'admin', password: 'secret' }, connectionsMax: 3 })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const to = (security: Access['server']['security'], more: Partial<Access> = {}): Access => {
    const port = security === 'ssl' ? server.tlsPort : server.port
    return access({ port, security, ca: server.certificate.pem }, { password: users.ada, ...more })
  }
  const foldersOf = async (where: Access): Promise<string> => {
    await using source = await connector.openSource(where, signal)
    return (await source.listFolders()).map(({ name }) => name).join()
  }

  test.each(['none', 'ssl', 'tls'] as const)(
    'over %s opens the mailbox, for a copy and for a probe',
    async (security) => {
      expect(await foldersOf(to(security))).toBe('INBOX')
      const report = await connector.probe(to(security), signal)
      expect(report.steps.filter(({ isOk }) => !isOk)).toEqual([])
      expect(report.capabilities).toContain('QRESYNC')
    },
  )

  test.each(['none', 'ssl', 'tls'] as const)('over %s tells what the server can do behind it', async (security) => {
    await using target = await connector.openTarget(to(security), signal)
    expect(target.capabilities).toMatchObject({ canMove: true, tellsUids: true, waitsForEachItem: false })
  })

  test('of the master user opens the mailbox of whom it names', async () => {
    await using made = await connector.openTarget(to('ssl', { login: 'bob', password: 'b' }), signal)
    await made.ensureFolders([{ path: ['Of Bob'], isSubscribed: false }])
    const master = { password: 'secret' }
    expect(await foldersOf(to('ssl', { ...master, login: 'admin', authzid: 'bob' }))).toContain('Of Bob')
    expect(await foldersOf(to('tls', { ...master, login: 'bob*admin' }))).toContain('Of Bob')
    expect(await foldersOf(to('tls', { ...master, login: 'ada*admin' }))).not.toContain('Of Bob')
  })

  test.each(['none', 'ssl', 'tls'] as const)('over %s with a wrong password is refused', async (security) => {
    const fault = await faultOf(connector.openSource(to(security, { password: 'wröng' }), signal))
    expect(fault).toMatchObject({ code: 'sign-in.refused', scope: 'mailbox', retry: 'never', side: 'source' })
    expect(fault.message).not.toContain('ng')
  })

  test.each(['ssl', 'tls'] as const)('over %s to a certificate that is not known does not happen', async (security) => {
    const { server: address, ...rest } = to(security)
    const fault = await faultOf(connector.openSource({ ...rest, server: { ...address, ca: null } }, signal))
    expect(fault).toMatchObject({ code: 'tls.untrusted' })
  })

  test('beyond what one user may have open is a limit, which passes', async () => {
    await using sources = new AsyncDisposableStack()
    for (const _ of [1, 2, 3]) sources.use(await connector.openSource(to('none'), signal))
    expect(await faultOf(foldersOf(to('none')))).toMatchObject({
      code: 'server.limit',
      scope: 'mailbox',
      retry: 'later',
    })
    await sources.disposeAsync()
    expect(await foldersOf(to('none'))).toBe('INBOX')
  })
})
