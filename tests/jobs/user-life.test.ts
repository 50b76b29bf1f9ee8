import { expect, setDefaultTimeout, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import { showBatch } from '../../src/operations/batches.ts'
import {
  completeUser,
  listUsers,
  removeUser,
  showUser,
  startUser,
  stopUser,
  syncUserNow,
} from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { errorOf } from '../support/error-of.ts'
import { newHost, testApp, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const address = (user: string): string => `${user}@new.example`

test('a user is brought up to date and completed alone, and its batch is completed with the last of them', async () => {
  await using world = await testApp()
  const { context } = world.app
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  const [ann, bob] = [await showUser(context, address('ann')), await showUser(context, address('bob'))]

  world.source('ann').deliver('INBOX', mail('new for ann'))
  world.source('bob').deliver('INBOX', mail('new for bob'))
  expect(await syncUserNow(context, ann.id)).toMatchObject({ status: 'incrementalSyncing' })
  await world.until(id, 'synced')
  expect([world.target('ann').contents().length, world.target('bob').contents().length]).toEqual([1, 0])

  await completeUser(context, ann.id)
  await world.until(id, 'synced')
  expect(await showUser(context, ann.id)).toMatchObject({ status: 'completed' })
  expect((await showBatch(context, id)).counts).toMatchObject({ completed: 1, synced: 1 })

  await completeUser(context, bob.id)
  await world.until(id, 'completed')
  expect(world.target('bob').contents().length).toBe(1)
  expect((await errorOf(startUser(context, bob.id))) as Error).toMatchObject({ code: 'wrong-state' })
})

test('a user is stopped while it waits, its batch goes on without it, and it is started again', async () => {
  await using world = await testApp()
  const { context } = world.app
  const server = world.servers.server(newHost)
  // Nobody gets in for a while: both users wait.
  server.fault = new Fault('connect.unreachable', 'Cannot reach new.example')
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await waitFor(async () => (await showUser(context, address('ann'))).error !== null)
  const ann = await showUser(context, address('ann'))
  await stopUser(context, ann.id)
  await waitFor(async () => (await showUser(context, ann.id)).status === 'stopped')
  server.fault = null
  await world.until(id, 'syncedWithErrors')
  expect((await showBatch(context, id)).counts).toMatchObject({ stopped: 1, synced: 1 })
  await startUser(context, ann.id)
  await world.until(id, 'synced')
  expect((await showBatch(context, id)).counts).toMatchObject({ total: 2, synced: 2 })
})

test('a user is taken out of its batch, but not the last one', async () => {
  await using world = await testApp()
  const { context } = world.app
  const id = await world.batch(['ann', 'bob'], { autoStart: true })
  await world.until(id, 'synced')
  const [ann, bob] = [await showUser(context, address('ann')), await showUser(context, address('bob'))]
  await removeUser(context, ann.id)
  expect((await showBatch(context, id)).counts).toMatchObject({ total: 1, synced: 1 })
  expect((await listUsers(context, id)).items.map(({ emailAddress }) => emailAddress)).toEqual([address('bob')])
  expect((await errorOf(removeUser(context, bob.id))) as Error).toMatchObject({ code: 'wrong-state' })
})
