import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import {
  batchReport,
  completeBatch,
  listBatches,
  removeBatch,
  retryBatch,
  showBatch,
  startBatch,
  stopBatch,
  syncBatchNow,
} from '../../src/operations/batches.ts'
import { removeEndpoint } from '../../src/operations/endpoints.ts'
import { listUsers, showUser, startUser, updateUser, userFolders } from '../../src/operations/users.ts'
import { verification, verifyBatch } from '../../src/operations/verification.ts'
import { mail } from '../engine/harness.ts'
import { errorOf } from '../support/error-of.ts'
import { newHost, oldHost, testApp, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const dayMs = 24 * 60 * 60_000

describe('a batch', () => {
  test('goes from created to completed, pass by pass, and its figures are right all along', async () => {
    await using world = await testApp()
    const { context } = world.app
    for (const user of ['ann', 'bob'])
      for (let n = 0; n < 5; n += 1) world.source(user).deliver('INBOX', mail(`${user} ${n}`))
    const id = await world.batch(['ann', 'bob'])
    expect(await showBatch(context, 'sales')).toMatchObject({ id, status: 'created', counts: { total: 2, pending: 2 } })

    await startBatch(context, id)
    await world.until(id, 'synced')
    const synced = await showBatch(context, id)
    expect(synced).toMatchObject({ counts: { total: 2, synced: 2, active: 0 } })
    expect(synced.nextPassAt).toBe((synced.lastSyncedAt ?? 0) + dayMs)
    expect(await batchReport(context, id)).toMatchObject({
      counts: { source: 10, copied: 10 },
      isBalanced: true,
      issues: [],
    })

    world.source('ann').deliver('INBOX', mail('new one'))
    await world.timers.advance((synced.nextPassAt ?? 0) - world.clock.now() - 1)
    expect((await showBatch(context, id)).status).toBe('synced')
    await waitFor(async () => {
      await world.timers.advance(1)
      return (await showUser(context, 'ann@new.example')).passes === 2
    })
    await world.until(id, 'synced')
    expect((await showUser(context, 'ann@new.example')).progress.copiedLastPass).toBe(1)
    expect((await showUser(context, 'bob@new.example')).progress.copiedLastPass).toBe(0)

    world.source('bob').deliver('INBOX', mail('last one'))
    await completeBatch(context, id)
    await world.until(id, 'completed')
    expect(await showBatch(context, id)).toMatchObject({
      counts: { completed: 2 },
      nextPassAt: null,
    })
    expect(world.target('bob').contents().length).toBe(6)
    expect(await verification(context, id)).toMatchObject({ isRunning: false, differences: 0, itemsChecked: 12 })
    expect(world.errors).toEqual([])
  })

  test('of which a user fails is synced with errors, and well again after a retry with the right password', async () => {
    await using world = await testApp()
    const { context } = world.app
    world.servers.server(oldHost).passwords.set('bob', 'changed')
    const id = await world.batch(['ann', 'bob'], { autoStart: true })
    await world.until(id, 'syncedWithErrors')
    const bob = await showUser(context, 'bob@new.example')
    expect(bob).toMatchObject({ status: 'failed', error: { code: 'sign-in.refused', side: 'source' }, attempts: 1 })
    expect(bob.error?.message).toContain('AUTHENTICATIONFAILED')
    expect(bob.error?.remedy).toContain('password')

    await updateUser(context, bob.id, { sourcePassword: 'changed' })
    await retryBatch(context, id)
    await world.until(id, 'synced')
    expect(await showUser(context, bob.id)).toMatchObject({ status: 'synced', error: null, attempts: 0 })
    expect((await showBatch(context, id)).counts).toMatchObject({ total: 2, synced: 2, failed: 0 })
  })

  test('of which all fail has failed, and can be started again', async () => {
    await using world = await testApp()
    const server = world.servers.server(newHost)
    server.fault = new Fault('tls.untrusted', 'Cannot trust the certificate of new.example')
    const id = await world.batch(['ann'], { autoStart: true })
    await world.until(id, 'failed')
    expect((await showUser(world.app.context, 'ann@new.example')).error).toMatchObject({
      code: 'tls.untrusted',
      side: 'target',
    })
    server.fault = null
    await startBatch(world.app.context, id)
    await world.until(id, 'synced')
  })

  test('waits for a server that is away, and loses no attempt by it', async () => {
    await using world = await testApp()
    const server = world.servers.server(oldHost)
    server.fault = new Fault('connect.unreachable', 'Cannot reach old.example')
    const id = await world.batch(['ann', 'bob', 'eve'], { autoStart: true })
    await waitFor(async () => (await showUser(world.app.context, 'ann@new.example')).error !== null)
    const ann = await showUser(world.app.context, 'ann@new.example')
    expect(ann).toMatchObject({ status: 'queued', attempts: 0, error: { code: 'connect.unreachable', side: 'source' } })
    server.fault = null
    await world.until(id, 'synced')
    expect(await showUser(world.app.context, ann.id)).toMatchObject({ status: 'synced', error: null })
  })

  test('takes a lost connection as one attempt, and tries again by itself', async () => {
    await using world = await testApp()
    const server = world.servers.server(newHost)
    server.fault = new Fault('connect.dropped', 'The connection was cut')
    const id = await world.batch(['ann'], { autoStart: true })
    await waitFor(async () => (await showUser(world.app.context, 'ann@new.example')).attempts === 1)
    const ann = await showUser(world.app.context, 'ann@new.example')
    expect(ann).toMatchObject({ status: 'queued', error: { side: 'target' } })
    expect(ann.retryAt).toBeGreaterThan(world.clock.now())
    server.fault = null
    await world.timers.advance((ann.retryAt ?? 0) - world.clock.now())
    await world.until(id, 'synced')
  })
})

describe('a server that refuses everybody', () => {
  test('is left in peace after a few, and the others wait until somebody asks for a try', async () => {
    await using world = await testApp()
    const { context } = world.app
    const users = Array.from({ length: 60 }, (_, n) => `user${n}`)
    const server = world.servers.server(newHost)
    for (const user of users) server.passwords.set(`${user}@new.example`, 'other')
    const id = await world.batch(users, { autoStart: true })
    const failed = async () => (await listUsers(context, id, { status: 'failed' })).items
    await waitFor(async () => (await failed()).length >= 5)
    await waitFor(async () => (await listUsers(context, id, { status: 'syncing' })).items.length === 0)
    // Those that were on their way when the fifth was refused have been tried too, and no others.
    expect(server.tries.length).toBeLessThanOrEqual(25)
    const tries = server.tries.length
    await world.timers.advance(4 * 60_000)
    expect(server.tries.length).toBe(tries)
    const waiting = (await listUsers(context, id, { status: 'queued' })).items
    expect(waiting.length).toBe(60 - tries)
    expect(waiting.some(({ error, attempts }) => error?.code === 'sign-in.refused' && attempts === 0)).toBe(true)

    server.passwords.clear()
    await startUser(context, (await failed())[0]?.id ?? 0)
    await world.until(id, 'syncedWithErrors')
    expect((await showBatch(context, id)).counts).toMatchObject({ synced: 60 - tries + 1, failed: tries - 1 })
  })
})

describe('a stop', () => {
  test('ends what runs softly, what waits at once, and a start goes on where it was', async () => {
    await using world = await testApp()
    const { context } = world.app
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    world.servers.server(oldHost).gate = gate
    for (const user of ['ann', 'bob', 'eve']) world.source(user).deliver('INBOX', mail(user))
    const id = await world.batch(['ann', 'bob', 'eve'], { autoStart: true })
    await waitFor(() => world.servers.server(oldHost).tries.length === 3)
    const stopping = await stopBatch(context, id)
    expect(stopping).toMatchObject({ status: 'stopping', counts: { active: 3 } })
    open()
    await world.until(id, 'stopped')
    expect((await showBatch(context, id)).counts).toMatchObject({ total: 3, active: 0, stopped: 3 })
    expect((await listUsers(context, id)).items.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])
    await startBatch(context, id)
    await world.until(id, 'synced')
    expect(world.target('eve').contents().length).toBe(1)
  })

  test('in mid-copy leaves a mailbox at what was seen of it', async () => {
    await using world = await testApp()
    const { context } = world.app
    for (let n = 0; n < 20; n += 1) world.source('ann').deliver('INBOX', mail(`ann ${n}`))
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    let appends = 0
    world.target('ann').tick = (command) => {
      appends += Number(command === 'APPEND')
      return command === 'APPEND' && appends === 3 ? gate : undefined
    }
    const id = await world.batch(['ann'], { autoStart: true })
    await waitFor(() => appends === 3)
    await stopBatch(context, id)
    open()
    await world.until(id, 'stopped')
    const { progress } = await showUser(context, 'ann@new.example')
    expect(progress.itemsTotal).toBe(20)
    expect(progress.itemsDone).toBeGreaterThan(0)
  })

  test('of a synced batch ends its passes', async () => {
    await using world = await testApp()
    const id = await world.batch(['ann'], { autoStart: true })
    await world.until(id, 'synced')
    expect(await stopBatch(world.app.context, id)).toMatchObject({
      status: 'stopped',
      nextPassAt: null,
      counts: { synced: 1 },
    })
    await world.timers.advance(3 * dayMs)
    expect((await showUser(world.app.context, 'ann@new.example')).passes).toBe(1)
  })
})

describe('completing', () => {
  test('while a pass runs lets it end, and the final one follows', async () => {
    await using world = await testApp({ keptConnectionsMax: 0 })
    const { context } = world.app
    const id = await world.batch(['ann', 'bob'], { autoStart: true })
    await world.until(id, 'synced')
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const server = world.servers.server(oldHost)
    server.gate = gate
    const tries = server.tries.length
    await syncBatchNow(context, id)
    await waitFor(() => server.tries.length === tries + 2)
    expect(await completeBatch(context, id)).toMatchObject({ status: 'completing', counts: { active: 2 } })
    open()
    await world.until(id, 'completed')
    expect((await listUsers(context, id)).items.map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect((await showBatch(context, id)).counts).toMatchObject({ completed: 2, active: 0 })
  })

  test('finds a difference: completed with errors, named at the user, and well after a retry', async () => {
    await using world = await testApp()
    const { context } = world.app
    world.source('ann').deliver('INBOX', mail('one'))
    const id = await world.batch(['ann', 'bob'], { autoStart: true })
    await world.until(id, 'synced')
    const inbox = world.target('ann').folder('INBOX')
    const [copy] = inbox.items
    // The server damages the copy: identical in all that a pass looks at, another in its date.
    if (copy) inbox.items[0] = { ...copy, receivedAt: '02-Feb-2020 10:00:00 +0000' }
    await completeBatch(context, id)
    await world.until(id, 'completedWithErrors')
    const ann = await showUser(context, 'ann@new.example')
    expect(ann).toMatchObject({ status: 'completionFailed', error: { code: 'verify.different' } })
    expect((await verification(context, id)).differences).toBe(1)
    if (copy) inbox.items[0] = copy
    await startUser(context, ann.id)
    await world.until(id, 'completed')
  })
})

describe('a verification', () => {
  test('compares all synced users, and tells whom it could not', async () => {
    await using world = await testApp({ keptConnectionsMax: 0 })
    const { context } = world.app
    for (const user of ['ann', 'bob']) world.source(user).deliver('INBOX', mail(user))
    const id = await world.batch(['ann', 'bob'], { autoStart: true })
    await world.until(id, 'synced')
    world.target('ann').folder('INBOX').items.pop()
    world.servers.server(newHost).passwords.set('bob@new.example', 'other')
    await verifyBatch(context, id, { readsData: true })
    expect(String(await errorOf(verifyBatch(context, id, { readsData: false })))).toContain('under way')
    await waitFor(async () => !(await verification(context, id)).isRunning)
    const found = await verification(context, id)
    expect(found).toMatchObject({
      failed: 1,
      users: [{ error: null }, { report: null, error: { code: 'sign-in.refused' } }],
    })
    expect(found.users[0]?.report?.readsData).toBe(true)
    expect((await showBatch(context, id)).status).toBe('synced')
  })

  test('of a batch that was never synced is refused', async () => {
    await using world = await testApp()
    const id = await world.batch(['ann'])
    expect(String(await errorOf(verifyBatch(world.app.context, id, { readsData: false })))).toContain(
      'Cannot verify the batch "Sales" while it is not started',
    )
  })
})

describe('removing', () => {
  test('takes the batch and its users, and what was copied stays known', async () => {
    await using world = await testApp()
    const { context } = world.app
    world.source('ann').deliver('INBOX', mail('one'))
    const id = await world.batch(['ann'], { autoStart: true })
    await world.until(id, 'synced')
    expect(String(await errorOf(removeEndpoint(context, 'old')))).toContain('"Sales"')
    await removeBatch(context, id)
    await waitFor(async () => (await listBatches(context)).length === 0)
    const again = await world.batch(['ann'], { autoStart: true })
    await world.until(again, 'synced')
    const [ann] = (await listUsers(context, again)).items
    expect(ann?.progress).toMatchObject({ copiedLastPass: 0, counts: { source: 1, copied: 1 } })
    expect((await userFolders(context, ann?.id ?? 0)).map(({ counts }) => counts.copied)).toEqual([1])
  })
})

test('200 mailboxes go through their limits in seconds', async () => {
  await using world = await testApp()
  const users = Array.from({ length: 200 }, (_, n) => `user${n}`)
  for (const user of users) world.source(user).deliver('INBOX', mail(user))
  const id = await world.batch(users)
  const begun = performance.now()
  await startBatch(world.app.context, id)
  await world.until(id, 'synced')
  expect(performance.now() - begun).toBeLessThan(20_000)
  expect((await batchReport(world.app.context, id)).counts).toMatchObject({ source: 200, copied: 200 })
  const { sessions } = world.servers.server(oldHost)
  expect(sessions.most).toBeLessThanOrEqual(40)
  await world.restart()
  expect(sessions.open).toBe(0)
})
