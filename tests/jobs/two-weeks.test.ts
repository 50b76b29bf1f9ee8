import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  batchReport,
  changeBatch,
  prioritizeBatch,
  retryBatch,
  showBatch,
  startBatch,
  stopBatch,
} from '../../src/operations/batches.ts'
import { showUser, updateUser } from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { oldHost, type TestApp, testApp, waitFor } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs

/** Lets days go by, an hour at a time, until it is that moment; what is begun meanwhile takes no time of that clock. */
async function until(world: TestApp, id: number, at: number): Promise<void> {
  const isAtRest = async () => (await showBatch(world.app.context, id)).counts.active === 0
  while (world.clock.now() < at) {
    await world.timers.advance(Math.min(hourMs, at - world.clock.now()))
    await waitFor(isAtRest, () => 'for passes to end')
  }
}

/** The scheduler looks a moment later than it has to; a pass waits for the machine. */
function expectAbout(at: number | null, due: number): void {
  expect(at).toBeGreaterThanOrEqual(due)
  expect(at).toBeLessThan(due + hourMs)
}

test('two weeks of a batch: a late start, daily passes, a stop, a failure, and an end after the clocks have changed', async () => {
  await using world = await testApp()
  const { context } = world.app
  // The clocks of Berlin are put forward on 29 March 2026, at 02:00.
  world.clock.set(Date.UTC(2026, 2, 16, 12))
  for (const user of ['ann', 'bob']) world.source(user).deliver('INBOX', mail(`${user} at first`))
  const id = await world.batch(['ann', 'bob'], {
    startAfter: '2026-03-17 20:00',
    completeAfter: '2026-03-29T02:30',
    settings: { timeZone: 'Europe/Berlin' },
  })
  const start = Date.UTC(2026, 2, 17, 19)
  const end = Date.UTC(2026, 2, 29, 1)
  expect(await showBatch(context, id)).toMatchObject({ status: 'waiting', startAfter: start, completeAfter: end })

  await until(world, id, start - 1)
  expect((await showBatch(context, id)).status).toBe('waiting')
  expect(world.target('ann').contents()).toEqual([])
  await world.timers.advance(1)
  await world.until(id, 'synced')
  expectAbout((await showBatch(context, id)).startedAt, start)

  for (const copies of [2, 3, 4]) {
    world.source('ann').deliver('INBOX', mail(`ann, message ${copies}`))
    await until(world, id, (await showBatch(context, id)).nextPassAt ?? 0)
    await waitFor(async () => {
      await world.timers.advance(1)
      return world.target('ann').contents().length === copies
    })
    await world.until(id, 'synced')
  }
  const { passes } = await showUser(context, 'bob@new.example')
  expect(passes).toBeGreaterThanOrEqual(4)

  await stopBatch(context, id)
  expect(await showBatch(context, id)).toMatchObject({ status: 'stopped', nextPassAt: null })
  world.source('bob').deliver('INBOX', mail('bob while it was stopped'))
  await until(world, id, start + 6 * dayMs)
  expect((await showUser(context, 'bob@new.example')).passes).toBe(passes)

  world.servers.server(oldHost).passwords.set('bob', 'changed')
  await startBatch(context, id)
  await world.until(id, 'syncedWithErrors')
  const bob = await showUser(context, 'bob@new.example')
  expect(bob).toMatchObject({ status: 'incrementalFailed', error: { code: 'sign-in.refused' } })
  await updateUser(context, bob.id, { sourcePassword: 'changed' })
  await retryBatch(context, id)
  await world.until(id, 'synced')
  expect(world.target('bob').contents().length).toBe(2)

  await prioritizeBatch(context, id, 'highest')
  await changeBatch(context, id, { incrementalEveryMs: 7 * dayMs })
  world.source('ann').deliver('INBOX', mail('ann at last'))
  await until(world, id, end - 1)
  expect((await showBatch(context, id)).status).toBe('synced')
  await world.timers.advance(1)
  await world.until(id, 'completed')
  const completed = await showBatch(context, id)
  expect(completed).toMatchObject({ counts: { completed: 2 }, nextPassAt: null })
  expectAbout(completed.completedAt, end)
  expect(await batchReport(context, id)).toMatchObject({ counts: { source: 7, copied: 7 }, isBalanced: true })
  await until(world, id, end + 30 * dayMs)
  expect((await showBatch(context, id)).status).toBe('completed')
  expect(world.errors).toEqual([])
})
