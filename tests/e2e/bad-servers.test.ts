import { afterAll, beforeAll, expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { describeWith } from '../support/need.ts'
import { freePorts } from '../support/ports.ts'
import { postferry, startProc } from '../support/proc.ts'
import { seed } from '../support/seed.ts'
import { refused, settled, until } from './api.ts'
import { newCase } from './case.ts'
import { endpoint, type Served, startServed, sync } from './world.ts'

const testMs = 60_000

interface ProbeView {
  readonly isOk: boolean
  readonly steps: readonly { readonly code: string | null }[]
}

describeWith('dovecot', 'openssl')('a server that is not as it was described', () => {
  let run: Served

  beforeAll(async () => {
    run = await startServed({ source: { password: 'source-secret' } })
  }, testMs)
  afterAll(() => run[Symbol.asyncDispose]())

  test('a server that does not answer is named, and its users wait for it instead of failing', async () => {
    const { api } = run
    const { name, user, listed, create, theUser } = newCase(run)
    const [port = 0] = await freePorts(1)
    await api.post('/endpoints', endpoint('away', { port }))
    const probe = await api.post('/endpoints/away/test', {})
    expect(probe).toMatchObject({
      isOk: false,
      steps: expect.arrayContaining([
        expect.objectContaining({ isOk: false, code: 'connect.unreachable', remedy: 'Check host, port and firewall' }),
      ]),
    })
    await create(listed(user), { sourceEndpoint: 'away' })
    await api.post(`/batches/${name}/sync`)
    const waiting = await until('the user has an error', async () => ((await theUser()).error ? theUser() : null))
    expect(waiting).toMatchObject({ attempts: 0, error: { code: 'connect.unreachable', side: 'source' } })
    expect(waiting.error?.message).toContain(`${port}`)
    expect((await api.get<{ status: string }>(`/batches/${name}`)).status).toBe('syncing')
  })

  test.each(['source', 'target'] as const)(
    'a wrong password at the %s stops that user alone, and can be corrected',
    async (side) => {
      const { api, source, target } = run
      const { name, user, other, listed, create, theUser } = newCase(run)
      await seed(source, { users: [user, other], messagesPerUser: 12 })
      const right = listed(user, other).split('\r\n')
      const wrong = side === 'source' ? `${user},${user},wrong,pass` : `${user},${user},source-secret,wrong`
      await create([right[0], wrong, right[2]].join('\n'))
      expect(await sync(api, name)).toMatchObject({ status: 'syncedWithErrors', counts: { synced: 1, failed: 1 } })
      const failed = await theUser()
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'sign-in.refused', side } })
      expect(failed.error?.remedy).toContain('Correct')
      expect(JSON.stringify(failed)).not.toContain('wrong"')

      const password = side === 'source' ? { sourcePassword: 'source-secret' } : { targetPassword: 'pass' }
      await api.patch(`/users/${failed.id}`, password)
      await api.post(`/batches/${name}/retry`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced', counts: { synced: 2, failed: 0 } })
      await expectSame(source, target, [user, other])
    },
    testMs,
  )

  test(
    'passwords are corrected by a list that changes the users it names and no other',
    async () => {
      const { api, source, target } = run
      const { name, user, create } = newCase(run)
      await seed(source, { users: [user], messagesPerUser: 12 })
      await create(`EmailAddress,UserName,Password,TargetPassword\n${user},${user},wrong,pass`)
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      const stranger = 'EmailAddress,Password\nstranger@example.org,p'
      const updates = `/batches/${name}/users/updates`
      const { problems } = await refused(api.ask('POST', updates, stranger), 422)
      expect(problems).toMatchObject([{ line: 2, column: 'EmailAddress' }])
      await api.post(updates, `EmailAddress,Password\n${user},source-secret`)
      await api.post(`/batches/${name}/retry`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )

  test(
    'a certificate that nobody vouches for is refused, unless its authority is given or it is accepted',
    async () => {
      const { api, source, target } = run
      const { name, user, listed, create, theUser } = newCase(run)
      await seed(source, { users: [user], messagesPerUser: 12 })
      const tls = (others: object) => ({
        ...endpoint(`${name}-tls`, { port: source.tlsPort }),
        security: 'ssl',
        ...others,
      })
      await api.post('/endpoints', tls({}))
      await create(listed(user), { sourceEndpoint: `${name}-tls` })
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      expect(await theUser()).toMatchObject({ error: { code: 'tls.untrusted', side: 'source' } })
      expect((await theUser()).error?.remedy).toContain('CA file')
      await api.post('/endpoints', tls({ name: `${name}-ca`, ca: source.certificate.pem }))
      await api.post('/endpoints', tls({ name: `${name}-accepted`, acceptsUntrustedCertificates: true }))
      for (const how of ['ca', 'accepted']) {
        const mailbox = { userName: user, password: 'source-secret' }
        expect(await api.post(`/endpoints/${name}-${how}/test`, mailbox)).toMatchObject({ isOk: true })
      }
      const batch = { name: `${name}-ca`, sourceEndpoint: `${name}-ca`, targetEndpoint: 'target', csv: listed(user) }
      await api.post('/batches', batch)
      expect(await sync(api, batch.name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )

  test('STARTTLS asks for a trusted certificate as well, before anybody signs in', async () => {
    const { api, source, target } = run
    const { name, user } = newCase(run)
    const mailbox = { userName: user, password: 'source-secret' }
    const starttls = (how: string, ca: string) => ({ ...endpoint(`${name}-${how}`, source), security: 'tls', ca })
    await api.post('/endpoints', starttls('trusted', source.certificate.pem))
    expect(await api.post(`/endpoints/${name}-trusted/test`, mailbox)).toMatchObject({ isOk: true })
    await api.post('/endpoints', starttls('other', target.certificate.pem))
    const { isOk, steps } = await api.post<ProbeView>(`/endpoints/${name}-other/test`, mailbox)
    expect([isOk, steps.at(-1)?.code]).toEqual([false, 'tls.untrusted'])
  })

  test('a second process on the data folder ends with 50 and says who has it', async () => {
    const { server, dataFolder } = run
    await using second = startProc(postferry('serve', '--data', dataFolder, '--listen', '127.0.0.1:0'))
    expect(await second.exited).toBe(50)
    expect(second.output()).toContain(server.address)
    expect((await fetch(`${server.address}/healthz`)).status).toBe(200)
  })
})
