import { describe, expect, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { endpoints } from '../../db/schema/endpoints.ts'
import type { Access } from '../../src/domain/endpoint.ts'
import { createBatch, startBatch, stopBatch } from '../../src/operations/batches.ts'
import type { Context } from '../../src/operations/context.ts'
import {
  changeEndpoint,
  createEndpoint,
  type NewEndpoint,
  showEndpoint,
  testEndpoint,
  testSettings,
} from '../../src/operations/endpoints.ts'
import { showUser } from '../../src/operations/users.ts'
import { errorOf } from '../support/error-of.ts'
import { userCsv } from '../support/test-app.ts'
import { testContext } from '../support/test-context.ts'

const old: NewEndpoint = { name: 'Old', host: 'imap.old.example', security: 'ssl' }
const master = { login: '{user}*{admin}', adminName: 'root', adminPassword: 'secret' }

async function world(endpoint: NewEndpoint = old) {
  const asked: Access[] = []
  const at = await testContext({
    probe: async (access) => {
      asked.push(access)
      return { isOk: true, steps: [], capabilities: [] }
    },
  })
  await createEndpoint(at.context, endpoint)
  await createEndpoint(at.context, { ...old, name: 'New', host: 'imap.new.example' })
  return Object.assign(at, { asked })
}

const makeBatch = (context: Context) =>
  createBatch(context, { name: 'Sales', sourceEndpoint: 'Old', targetEndpoint: 'New', csv: userCsv(['ann']) })

describe('an endpoint', () => {
  test('takes what is given, and keeps the rest', async () => {
    await using at = await world()
    const before = await showEndpoint(at.context, 'old')
    const { endpoint, notes } = await changeEndpoint(at.context, 'old', {
      name: 'Older',
      host: 'mail.old.example',
      security: 'tls',
      acceptsUntrustedCertificates: true,
      isHome: true,
      connectionsMax: 7,
    })
    expect(endpoint).toEqual({
      ...before,
      name: 'Older',
      server: {
        ...before.server,
        host: 'mail.old.example',
        security: 'tls',
        port: 143,
        acceptsUntrustedCertificates: true,
      },
      isHome: true,
      limits: { ...before.limits, connectionsMax: 7 },
    })
    expect(await showEndpoint(at.context, 'Older')).toEqual(endpoint)
    expect([notes, at.told.renewed]).toEqual([[], [endpoint.id]])
  })

  test("keeps its administrator's password under another name, and can be given another", async () => {
    await using at = await world({ ...old, ...master })
    await changeEndpoint(at.context, 'Old', { name: 'Older' })
    await testEndpoint(at.context, 'Older', { userName: 'ann' })
    await changeEndpoint(at.context, 'Older', { name: 'Oldest', adminPassword: 'better' })
    await testEndpoint(at.context, 'Oldest', { userName: 'ann' })
    expect(at.asked).toMatchObject([{ login: 'ann*root', password: 'secret' }, { password: 'better' }])
    const gone = await changeEndpoint(at.context, 'Oldest', { login: '{user}', adminName: null })
    expect(gone.endpoint).toMatchObject({ adminName: null, hasAdminPassword: false })
    const [[row]] = await at.context.db.read([
      at.context.db.query.select().from(endpoints).where(eq(endpoints.name, 'Oldest')),
    ])
    expect(row?.adminPassword).toBeNull()
  })

  test('is changed in nothing but its limits while a batch on it runs, which is named', async () => {
    await using at = await world()
    const batch = await makeBatch(at.context)
    await startBatch(at.context, batch.id)
    const before = await showEndpoint(at.context, 'New')
    expect(await errorOf(changeEndpoint(at.context, 'New', { isHome: true, connectionsMax: 5 }))).toMatchObject({
      code: 'wrong-state',
      message:
        'Cannot change the endpoint "New" while the batch "Sales" is syncing: only its limits can be changed now',
    })
    expect(await showEndpoint(at.context, 'New')).toEqual(before)
    const { endpoint } = await changeEndpoint(at.context, 'New', { connectionsMax: 5, bytesPerSecondMax: 20_000 })
    expect(endpoint).toMatchObject({ limits: { connectionsMax: 5 }, caps: { bytesPerSecondMax: 20_000 } })
    await stopBatch(at.context, batch.id)
    expect((await changeEndpoint(at.context, 'New', { isHome: true })).endpoint.isHome).toBe(true)
    expect(at.told.forgiven).toContainEqual({ batchId: batch.id })
  })

  test('at another place is another server, and says so; users write to their mailbox there', async () => {
    await using at = await world()
    await makeBatch(at.context)
    const { notes } = await changeEndpoint(at.context, 'New', { host: 'imap.newer.example' })
    expect(notes).toHaveLength(2)
    expect(notes[0]).toStartWith('imap.newer.example:993 is another server than imap.new.example:993')
    expect(notes[1]).toContain('"Sales"')
    const { id } = await showUser(at.context, 'ann@new.example')
    const [[row]] = await at.context.db.read([
      at.context.db.query.all<[string]>(`select target_mailbox from users where id = ${id}` as never),
    ])
    expect(row).toEqual(['imap.newer.example:993/ann@new.example'])
  })

  test('that is wrong or taken is refused, and stays as it is', async () => {
    await using at = await world()
    const before = await showEndpoint(at.context, 'Old')
    const wrong = { host: 'imaps://x', port: 0, login: 'nobody', bytesPerSecondMax: 5, messagesPerSecondMax: 0 }
    const refusal = await errorOf(changeEndpoint(at.context, 'Old', wrong))
    expect(refusal).toMatchObject({ code: 'invalid' })
    expect((refusal as { problems: { column: string }[] }).problems.map(({ column }) => column)).toEqual([
      'host',
      'port',
      'login',
      'bytesPerSecondMax',
      'messagesPerSecondMax',
    ])
    expect(await errorOf(changeEndpoint(at.context, 'Old', { name: 'NEW' }))).toMatchObject({
      code: 'conflict',
      message: 'Cannot change the endpoint "NEW": there is one of that name',
    })
    expect(await showEndpoint(at.context, 'Old')).toEqual(before)
  })

  test("takes over the provider's figures with its host, but not for what somebody set", async () => {
    await using at = await world({ ...old, concurrentMigrationsMax: 12 })
    const { endpoint } = await changeEndpoint(at.context, 'Old', { host: 'imap.gmail.com' })
    expect(endpoint).toMatchObject({
      limits: { concurrentMigrationsMax: 12, connectionsMax: 15 },
      caps: { mailboxBytesReadPerDayMax: 2_500_000_000, mailboxBytesWrittenPerDayMax: 500_000_000 },
    })
  })
})

describe('a test of settings that are not kept', () => {
  test('asks as an endpoint of them would, and keeps nothing', async () => {
    await using at = await world()
    const settings = { host: 'x.example', security: 'tls', ...master } as const
    expect((await testSettings(at.context, settings, { userName: 'ann' })).isOk).toBe(true)
    expect(at.asked).toMatchObject([
      { server: { host: 'x.example', port: 143 }, login: 'ann*root', password: 'secret' },
    ])
    expect(await errorOf(showEndpoint(at.context, 'x.example'))).toMatchObject({ code: 'not-found' })
    expect(await errorOf(testSettings(at.context, { host: '', security: 'ssl' }, {}))).toMatchObject({
      code: 'invalid',
    })
  })
})
