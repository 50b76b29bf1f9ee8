import { describe, expect, test } from 'bun:test'
import type { Access } from '../../src/domain/endpoint.ts'
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts'
import { createBatch } from '../../src/operations/batches.ts'
import {
  createEndpoint,
  listEndpoints,
  type NewEndpoint,
  removeEndpoint,
  showEndpoint,
  testEndpoint,
} from '../../src/operations/endpoints.ts'
import { errorOf } from '../support/error-of.ts'
import { userCsv } from '../support/test-app.ts'
import { testContext } from '../support/test-context.ts'

const old: NewEndpoint = { name: 'Old', host: 'imap.old.example', security: 'ssl' }

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await errorOf(promise)
  if (isRefusal(error)) return error
  throw error
}

describe('an endpoint', () => {
  test('has defaults for what was not given', async () => {
    await using at = await testContext()
    expect(await createEndpoint(at.context, old)).toMatchObject({
      name: 'Old',
      server: { host: 'imap.old.example', port: 993, security: 'ssl', acceptsUntrustedCertificates: false, ca: null },
      signIn: { login: '{user}', usesAuthzid: false },
      hasAdminPassword: false,
      isHome: false,
      limits: { concurrentMigrationsMax: 20, concurrentIncrementalSyncsMax: 10, connectionsMax: 40 },
    })
    expect((await createEndpoint(at.context, { ...old, name: 'Tls', security: 'tls' })).server.port).toBe(143)
    const few = { ...old, name: 'Few', concurrentMigrationsMax: 3 }
    expect((await createEndpoint(at.context, few)).limits.concurrentIncrementalSyncsMax).toBe(3)
  })

  test('is found by its name in any case, and by its id', async () => {
    await using at = await testContext()
    const { id } = await createEndpoint(at.context, old)
    expect(await showEndpoint(at.context, 'OLD')).toMatchObject({ id })
    expect(await showEndpoint(at.context, id)).toMatchObject({ id })
    expect(await showEndpoint(at.context, String(id))).toMatchObject({ id })
    expect((await refusalOf(showEndpoint(at.context, 'New'))).code).toBe('not-found')
  })

  test('that is wrong is refused with all of its mistakes, each at its field', async () => {
    await using at = await testContext()
    const wrong = {
      name: '7',
      host: 'imaps://x',
      port: 0,
      security: 'starttls',
      login: 'user',
      ca: 'PEM',
      concurrentMigrationsMax: 2,
      concurrentIncrementalSyncsMax: 3,
    } as unknown as NewEndpoint
    const refusal = await refusalOf(createEndpoint(at.context, wrong))
    expect(refusal.code).toBe('invalid')
    expect(refusal.problems.map(({ column }) => column)).toEqual([
      'name',
      'host',
      'port',
      'security',
      'ca',
      'login',
      'concurrentIncrementalSyncsMax',
    ])
    expect(await listEndpoints(at.context)).toEqual([])
  })

  test.each([
    ['{user}*{admin}', false],
    ['{user}', true],
  ])('with the login %p and authzid %p needs an administrator', async (login, usesAuthzid) => {
    await using at = await testContext()
    const refusal = await refusalOf(createEndpoint(at.context, { ...old, login, usesAuthzid }))
    expect(refusal.problems).toMatchObject([{ column: 'adminName' }])
  })

  test('of a name that is taken, in whatever case, is refused', async () => {
    await using at = await testContext()
    await createEndpoint(at.context, old)
    expect(await refusalOf(createEndpoint(at.context, { ...old, name: 'OLD' }))).toMatchObject({
      code: 'conflict',
      message: 'Cannot create the endpoint "OLD": there is one of that name',
    })
  })

  test('may be home if no other is', async () => {
    await using at = await testContext()
    await createEndpoint(at.context, { ...old, isHome: true })
    const refusal = await refusalOf(createEndpoint(at.context, { ...old, name: 'New', isHome: true }))
    expect(refusal.message).toBe('Cannot make the endpoint "New" the home endpoint: there is one already')
  })

  test('is removed unless a batch uses it, which is named', async () => {
    await using at = await testContext()
    for (const name of ['Old', 'New', 'Other']) await createEndpoint(at.context, { ...old, name })
    const ends = { sourceEndpoint: 'Old', targetEndpoint: 'New' }
    await createBatch(at.context, { name: 'Sales', ...ends, csv: userCsv(['ann']) })
    expect(await refusalOf(removeEndpoint(at.context, 'New'))).toMatchObject({
      code: 'conflict',
      message: 'Cannot remove the endpoint "New" while these batches use it: "Sales"',
    })
    await removeEndpoint(at.context, 'Other')
    expect((await listEndpoints(at.context)).map(({ name }) => name)).toEqual(['New', 'Old'])
  })
})

describe('a test of an endpoint', () => {
  const admin = { ...old, login: '{user}*{admin}', adminName: 'root', adminPassword: 'secret' }

  test.each([
    ['nobody, without a user', old, {}, { login: '', password: '' }],
    ['the user with the password given', old, { userName: 'ann', password: 'p' }, { login: 'ann', password: 'p' }],
    ['the administrator for the user', admin, { userName: 'ann' }, { login: 'ann*root', password: 'secret' }],
  ])('signs in %s', async (_, endpoint, mailbox, expected) => {
    const asked: Access[] = []
    await using at = await testContext({
      probe: async (access) => {
        asked.push(access)
        return { isOk: true, steps: [], capabilities: [] }
      },
    })
    await createEndpoint(at.context, endpoint)
    expect((await testEndpoint(at.context, 'Old', mailbox)).isOk).toBe(true)
    expect(asked).toMatchObject([expected])
  })

  test('of a user without any password is refused', async () => {
    await using at = await testContext()
    await createEndpoint(at.context, old)
    expect((await refusalOf(testEndpoint(at.context, 'Old', { userName: 'ann' }))).code).toBe('invalid')
  })
})

test("an administrator's password is nowhere but sealed", async () => {
  await using at = await testContext()
  const secret = 'canary-of-the-administrator'
  const endpoint = await createEndpoint(at.context, { ...old, adminName: 'root', adminPassword: secret })
  expect(endpoint.hasAdminPassword).toBe(true)
  expect(JSON.stringify([endpoint, await listEndpoints(at.context)])).not.toContain(secret)
  expect(await at.bytes()).not.toContain(secret)
})
