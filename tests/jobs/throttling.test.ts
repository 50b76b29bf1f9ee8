import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createConnectors } from '../../src/app.ts'
import { Fault } from '../../src/domain/fault.ts'
import { createBatch, prioritizeBatch, showBatch, startBatch } from '../../src/operations/batches.ts'
import { createEndpoint, endpointStandings, listEndpoints } from '../../src/operations/endpoints.ts'
import { listUsers, showUser } from '../../src/operations/users.ts'
import { startTalk } from '../connectors/imap/talk-server.ts'
import { newHost, oldHost, testApp, userCsv, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

describe('a server that asks to wait for thirty seconds', () => {
  test('is not spoken to before they are over, on the wire', async () => {
    const greeting = '* BYE Request is throttled. Suggested Backoff Time: 30000 milliseconds'
    await using server = await startTalk({ greeting, answer: () => null })
    await using world = await testApp({ connectors: createConnectors() })
    const { context } = world.app
    const { port } = server.access.server
    for (const name of ['old', 'new'])
      await createEndpoint(context, { name, host: '127.0.0.1', port: name === 'old' ? port : 1, security: 'none' })
    await createBatch(context, {
      name: 'Sales',
      sourceEndpoint: 'old',
      targetEndpoint: 'new',
      csv: userCsv(['ann', 'bob', 'eve']),
      autoStart: true,
    })
    const isHeld = async () => {
      const [, old] = await endpointStandings(context, await listEndpoints(context))
      return (old?.heldUntil ?? 0) > world.clock.now()
    }
    await waitFor(isHeld, () => 'until the endpoint is held')
    await world.timers.settle()
    const before = server.connections()
    for (let seconds = 0; seconds < 29; seconds += 1) await world.timers.advance(1000)
    expect(server.connections()).toBe(before)
    await waitFor(async () => {
      await world.timers.advance(1000)
      return server.connections() > before
    })
    expect(server.flights).toEqual([])
  })

  test('and knows by then who it is gets that one mailbox again after them; the others go on', async () => {
    await using world = await testApp()
    const { context } = world.app
    const server = world.servers.server(oldHost)
    server.fault = new Fault('server.throttled', 'Suggested Backoff Time: 30000 milliseconds', { retryAfterMs: 30_000 })
    const id = await world.batch(['ann', 'bob'], { autoStart: true })
    await waitFor(async () => (await listUsers(context, id)).items.every(({ retryAt }) => retryAt !== null))
    server.fault = null
    const tries = server.tries.length
    const ann = await showUser(context, 'ann@new.example')
    expect(ann).toMatchObject({ status: 'queued', error: { code: 'server.throttled', side: 'source' } })
    expect((ann.retryAt ?? 0) - world.clock.now()).toBeGreaterThan(29_000)
    for (let seconds = 0; seconds < 29; seconds += 1) await world.timers.advance(1000)
    expect(server.tries.length).toBe(tries)
    await world.until(id, 'synced')
  })
})

test('a server that bears fewer users at a time than are set gets fewer, and more again as it bears them', async () => {
  await using world = await testApp()
  const { context } = world.app
  const users = Array.from({ length: 12 }, (_, n) => `user${n}`)
  const server = world.servers.server(newHost)
  server.fault = new Fault('server.limit', 'Too many simultaneous connections')
  const id = await world.batch(users, { autoStart: true })
  const allowed = async () => (await endpointStandings(context, await listEndpoints(context)))[0]?.allowedNow ?? null
  await waitFor(async () => (await allowed()) !== null)
  const bound = (await allowed()) ?? 0
  expect(bound).toBeGreaterThanOrEqual(1)
  expect(bound).toBeLessThan(12)
  server.fault = null
  world.clock.advance(60_000)
  expect(await allowed()).toBe(bound + 1)
  await world.until(id, 'synced')
})

test('of three batches on one endpoint the first in priority ends first, and no limit is ever passed', async () => {
  await using world = await testApp()
  const { context } = world.app
  const limits = { concurrentMigrationsMax: 4, concurrentIncrementalSyncsMax: 4, connectionsMax: 5 }
  for (const [name, host] of [
    ['old', oldHost],
    ['new', newHost],
  ] as const)
    await createEndpoint(context, { name, host, security: 'ssl', ...limits })
  const names = ['first', 'second', 'third']
  const csvOf = (name: string) => userCsv(Array.from({ length: 12 }, (_, n) => `${name}${n}`))
  const ends = { sourceEndpoint: 'old', targetEndpoint: 'new' }
  for (const name of names) await createBatch(context, { name, ...ends, csv: csvOf(name) })
  await prioritizeBatch(context, 'third', 'highest')
  for (const name of names) await startBatch(context, name)
  const ended: string[] = []
  await waitFor(async () => {
    for (const name of names) {
      const { status } = await showBatch(context, name)
      if (status === 'synced' && !ended.includes(name)) ended.push(name)
    }
    return ended.length === 3
  })
  expect(ended[0]).toBe('third')
  for (const host of [oldHost, newHost]) expect(world.servers.server(host).sessions.most).toBeLessThanOrEqual(5)
})
