import { expect, setDefaultTimeout, test } from 'bun:test'
import { batchReport, showBatch, startBatch, stopBatch, syncBatchNow } from '../../src/operations/batches.ts'
import {
  changeEndpoint,
  changeEndpointLimits,
  endpointStandings,
  showEndpoint,
} from '../../src/operations/endpoints.ts'
import { showUser } from '../../src/operations/users.ts'
import { verification, verifyBatch } from '../../src/operations/verification.ts'
import { mail } from '../engine/harness.ts'
import { newHost, type TestApp, testApp, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs
// The hand clock begins on Thursday, 2026-01-01, at midnight of UTC.
const workingHours = { days: [4, 5], from: '08:00', to: '18:00', timeZone: 'UTC', mailMoves: 'inside' } as const

const deliver = (world: TestApp, user: string, messages: number): void => {
  for (let n = 0; n < messages; n += 1) world.source(user).deliver('INBOX', mail(`${user} ${n}`))
}

test('a pass does not begin outside the hours of its endpoint, and begins when they do', async () => {
  await using world = await testApp()
  const { context } = world.app
  deliver(world, 'ann', 3)
  const id = await world.batch(['ann'])
  await changeEndpointLimits(context, 'new', { workingHours })
  await startBatch(context, id)
  await world.timers.advance(7 * hourMs)
  expect(world.servers.server('old.example').tries).toEqual([])
  const standing = await endpointStandings(context, [await showEndpoint(context, 'new')])
  expect(standing).toMatchObject([{ closedUntil: Date.parse('2026-01-01T08:00:00Z') }])
  await waitFor(async () => {
    if (world.clock.now() < Date.parse('2026-01-01T08:00:00Z')) await world.timers.advance(10 * 60_000)
    return (await showBatch(context, id)).status === 'synced'
  })
  expect(world.clock.now()).toBeLessThan(Date.parse('2026-01-01T08:30:00Z'))
})

test('hours that are taken away let it begin at once', async () => {
  await using world = await testApp()
  deliver(world, 'ann', 3)
  const id = await world.batch(['ann'])
  await changeEndpointLimits(world.app.context, 'new', { workingHours })
  await startBatch(world.app.context, id)
  await changeEndpointLimits(world.app.context, 'new', { workingHours: null })
  await world.until(id, 'synced')
  expect(world.clock.now()).toBeLessThan(Date.parse('2026-01-01T08:00:00Z'))
})

test("a day's bytes that are used up end the pass softly; it says why, and goes on the next day", async () => {
  await using world = await testApp()
  const { context } = world.app
  // As large as messages are taken for, as long as none has come.
  const large = (n: number): string => mail(`ann ${n}`, 'x'.repeat(64 * 1024))
  for (let n = 0; n < 60; n += 1) world.source('ann').deliver('INBOX', large(n))
  const id = await world.batch(['ann'])
  const bytes = large(0).length
  await changeEndpointLimits(context, 'new', { bytesWrittenPerDayMax: bytes * 30, messagesPerSecondMax: 10 })
  await startBatch(context, id)
  const waits = async () => (await showUser(context, 'ann@new.example')).error?.code === 'endpoint.budget'
  await waitFor(async () => {
    await world.timers.advance(1_000)
    return await waits()
  })
  const user = await showUser(context, 'ann@new.example')
  expect(user).toMatchObject({ status: 'queued', attempts: 0 })
  const midnight = Date.parse('2026-01-02T00:00:00Z')
  expect(user.retryAt).toBeGreaterThanOrEqual(midnight)
  expect(user.retryAt).toBeLessThan(midnight + 5_000)
  const copied = world.target('ann').folder('INBOX').items.length
  expect(copied).toBeGreaterThanOrEqual(20)
  expect(copied).toBeLessThan(60)

  await world.restart()
  await world.timers.advance(hourMs)
  expect(world.target('ann').folder('INBOX').items.length).toBe(copied)
  await waitFor(async () => {
    await world.timers.advance(world.clock.now() < Date.parse('2026-01-08T00:00:00Z') ? 20 * 60_000 : 1_000)
    return (await showBatch(world.app.context, id)).status === 'synced'
  })
  expect(await batchReport(world.app.context, id)).toMatchObject({
    counts: { source: 60, copied: 60 },
    isBalanced: true,
  })
  expect(world.target('ann').folder('INBOX').items.length).toBe(60)
})

test('a budget that is raised lets those go on that waited for it', async () => {
  await using world = await testApp()
  const { context } = world.app
  deliver(world, 'ann', 30)
  const id = await world.batch(['ann'])
  await changeEndpointLimits(context, 'old', { mailboxBytesReadPerDayMax: 1, messagesPerSecondMax: 5 })
  await startBatch(context, id)
  await waitFor(async () => {
    await world.timers.advance(1_000)
    return (await showUser(context, 'ann@new.example')).error?.code === 'endpoint.budget'
  })
  await changeEndpointLimits(context, 'old', { mailboxBytesReadPerDayMax: null, messagesPerSecondMax: null })
  await world.until(id, 'synced')
  expect(world.clock.now()).toBeLessThan(Date.parse('2026-01-01T00:00:00Z') + dayMs)
})

test('an endpoint at another place adopts what is there, and doubles nothing', async () => {
  await using world = await testApp()
  const { context } = world.app
  deliver(world, 'ann', 5)
  const id = await world.batch(['ann'])
  await startBatch(context, id)
  await world.until(id, 'synced')
  // The same mailbox under another name of its server.
  const { mailboxes } = world.servers.server('mail.new.example')
  const target = world.target('ann')
  mailboxes.set('ann@new.example', target)
  const { notes } = await changeEndpoint(context, 'new', { host: 'mail.new.example' })
  expect(notes[1]).toContain('nothing is copied twice')
  deliver(world, 'ann', 0)
  world.source('ann').deliver('INBOX', mail('one more'))
  await syncBatchNow(context, id)
  await world.until(id, 'synced')
  expect(target.folder('INBOX').items.length).toBe(6)
  expect(await batchReport(context, id)).toMatchObject({
    counts: { source: 6, adopted: 5, copied: 1 },
    isBalanced: true,
  })
  expect(world.servers.server('mail.new.example').tries).toEqual(['ann@new.example'])
  // And back: what was known of the first is known still.
  await changeEndpoint(context, 'new', { host: newHost })
  await stopBatch(context, id)
  await startBatch(context, id)
  await world.until(id, 'synced')
  expect(target.folder('INBOX').items.length).toBe(6)
})

test('an endpoint tells how many of its users run, and in which kind of pass', async () => {
  await using world = await testApp()
  const { context } = world.app
  deliver(world, 'ann', 1)
  const gate = Promise.withResolvers<void>()
  const counts = async () => {
    const ends = [await showEndpoint(context, 'old'), await showEndpoint(context, 'new')]
    return (await endpointStandings(context, ends)).map((one) => [one.migrations, one.incrementalSyncs])
  }
  const id = await world.batch(['ann'])
  expect(await counts()).toEqual([
    [0, 0],
    [0, 0],
  ])
  world.servers.server(newHost).gate = gate.promise
  await startBatch(context, id)
  await waitFor(async () => JSON.stringify(await counts()) === '[[1,0],[1,0]]')
  gate.resolve()
  await world.until(id, 'synced')
  expect(await counts()).toEqual([
    [0, 0],
    [0, 0],
  ])
})

test('a comparison counts what it reads at both ends, and nothing as written', async () => {
  await using world = await testApp()
  const { context } = world.app
  deliver(world, 'ann', 4)
  const id = await world.batch(['ann'])
  await startBatch(context, id)
  await world.until(id, 'synced')
  for (const end of ['old', 'new']) await changeEndpointLimits(context, end, { bytesReadPerDayMax: 10_000_000 })
  await verifyBatch(context, id, { readsData: true })
  await waitFor(async () => {
    await world.timers.advance(1_000)
    return (await verification(context, id)).users.every(({ verifiedAt }) => verifiedAt !== null)
  })
  await world.timers.advance(2_000)
  const bytes = 4 * mail('ann 0').length
  const ends = [await showEndpoint(context, 'old'), await showEndpoint(context, 'new')]
  await waitFor(async () => {
    const moved = await endpointStandings(context, ends)
    return moved.every((one) => one.bytesReadToday >= bytes && one.bytesWrittenToday === 0)
  })
})
