import { expect, setDefaultTimeout, test } from 'bun:test'
import { completeBatch, startBatch, stopBatch, syncBatchNow } from '../../src/operations/batches.ts'
import { changeEndpointLimits } from '../../src/operations/endpoints.ts'
import { listUsers, showUser, updateUser } from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { newHost, oldHost, type TestApp, testApp, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const tries = ({ servers }: TestApp) => [oldHost, newHost].map((host) => servers.server(host).tries.length)
const open = ({ servers }: TestApp) => [oldHost, newHost].map((host) => servers.server(host).sessions.open)

async function passAgain(world: TestApp, id: number): Promise<void> {
  await syncBatchNow(world.app.context, id)
  await world.until(id, 'synced')
}

test('the next pass goes on with the connections of the last, and copies what is new', async () => {
  await using world = await testApp()
  world.source('ann').deliver('INBOX', mail('one'))
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  world.source('ann').deliver('INBOX', mail('two'))
  await passAgain(world, id)
  expect(tries(world)).toEqual([2, 2])
  expect(world.target('ann').contents()).toHaveLength(2)
  expect(world.source('bob').log.filter((command) => command === 'LIST')).toHaveLength(2)
})

test('a server that was restarted meanwhile costs the users nothing', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  for (const host of [oldHost, newHost]) world.servers.server(host).cut()
  await passAgain(world, id)
  expect(tries(world)).toEqual([4, 4])
  const { items } = await listUsers(world.app.context, id)
  expect(items).toMatchObject([
    { error: null, attempts: 0, passes: 2 },
    { error: null, attempts: 0, passes: 2 },
  ])
  expect(world.errors).toEqual([])
})

test('a password that was changed closes the connections of its user, and the next pass signs in with it', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  expect(open(world)).toEqual([2, 2])
  world.servers.server(oldHost).passwords.set('ann', 'changed')
  const { id: ann } = await showUser(world.app.context, 'ann@new.example')
  await updateUser(world.app.context, ann, { sourcePassword: 'changed' })
  await waitFor(() => open(world).join() === '1,1')
  await passAgain(world, id)
  expect(tries(world)).toEqual([3, 3])
})

test('a stop closes the connections of the batch', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  await stopBatch(world.app.context, id)
  await waitFor(() => open(world).join() === '0,0')
  await startBatch(world.app.context, id)
  await world.until(id, 'synced')
  expect(tries(world)).toEqual([4, 4])
})

test('nothing is kept of a user whose migration is complete', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann'], { autoStart: true })
  await world.until(id, 'synced')
  await completeBatch(world.app.context, id)
  await world.until(id, 'completed')
  expect(tries(world)).toEqual([1, 1])
  expect(open(world)).toEqual([0, 0])
})

test('the end of the process closes all', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  await world.restart()
  expect(open(world)).toEqual([0, 0])
})

test('an endpoint never has more connections than it may, and a lower limit closes what is kept at once', async () => {
  await using world = await testApp()
  const users = Array.from({ length: 12 }, (_, n) => `user${n}`)
  const id = await world.batch(users)
  const { context } = world.app
  await changeEndpointLimits(context, 'old', {
    concurrentMigrationsMax: 5,
    connectionsMax: 5,
    concurrentIncrementalSyncsMax: 5,
  })
  await startBatch(context, id)
  await world.until(id, 'synced')
  expect(world.servers.server(oldHost).sessions.most).toBe(5)
  expect(open(world)).toEqual([5, 12])
  await changeEndpointLimits(context, 'old', { connectionsMax: 2 })
  await waitFor(() => open(world).join() === '2,12')
  await passAgain(world, id)
  expect(open(world)).toEqual([2, 12])
  expect(world.servers.server(newHost).tries.length).toBe(12)
  expect(world.servers.server(oldHost).tries.length).toBeGreaterThanOrEqual(12 + 10)
})
