import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { listBatches, showBatch, startBatch } from '../../src/operations/batches.ts'
import { listUsers } from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { type TestApp, testApp, waitFor } from '../support/test-app.ts'

setDefaultTimeout(30_000)

/** What a process leaves that dies while it works: leases that nobody holds, users that seem to run. */
const dead = (db: Database, ...changes: string[]) => db.write(changes.map((change) => db.query.run(sql.raw(change))))

const statuses = async ({ app }: TestApp, id: number) =>
  (await listUsers(app.context, id)).items.map(({ status }) => status)

test('a batch whose process died goes on, with its counters as they are', async () => {
  await using world = await testApp()
  for (const user of ['ann', 'bob', 'eve']) world.source(user).deliver('INBOX', mail(user))
  const id = await world.batch(['ann', 'bob', 'eve'])
  await world.restart((db) =>
    dead(
      db,
      `update batches set status = 'syncing', pending = 17, active = -3`,
      `update users set status = 'syncing' where id < 3`,
      `update users set status = 'queued' where id = 3`,
      `insert into jobs (kind, user_id, pass, run_at, status, token, lease_until, source_endpoint_id, target_endpoint_id)
       select 'sync-user', id, 'initial', 0, case when id < 3 then 'running' else 'queued' end, 4, 9e15, 1, 2 from users`,
    ),
  )
  await world.until(id, 'synced')
  expect((await showBatch(world.app.context, id)).counts).toEqual({
    total: 3,
    pending: 0,
    active: 0,
    synced: 3,
    completed: 0,
    failed: 0,
    stopped: 0,
  })
  expect(world.target('ann').contents().length).toBe(1)
})

test('a stop that the process did not live to see is completed', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob', 'eve'])
  await world.restart((db) =>
    dead(
      db,
      `update batches set status = 'stopping'`,
      `update users set status = 'stopping' where id = 1`,
      `update users set status = 'synced' where id = 2`,
      `update users set status = 'incrementalSyncing' where id = 3`,
      `insert into jobs (kind, user_id, pass, run_at, status, token, lease_until)
       values ('sync-user', 1, 'initial', 0, 'running', 1, 9e15), ('sync-user', 3, 'incremental', 0, 'queued', 0, null)`,
    ),
  )
  expect(await showBatch(world.app.context, id)).toMatchObject({ status: 'stopped', counts: { stopped: 2, synced: 1 } })
  expect(await statuses(world, id)).toEqual(['stopped', 'synced', 'incrementalStopped'])
  await startBatch(world.app.context, id)
  await world.until(id, 'synced')
})

test('all users had ended, and the process died before the batch was told', async () => {
  await using world = await testApp()
  const id = await world.batch(['ann', 'bob'])
  await world.restart((db) =>
    dead(db, `update batches set status = 'syncing', active = 1, synced = 1`, `update users set status = 'synced'`),
  )
  expect(await showBatch(world.app.context, id)).toMatchObject({ status: 'synced', counts: { active: 0, synced: 2 } })
})

describe('half-made things', () => {
  test('a batch that was being written is gone, and its name is free', async () => {
    await using world = await testApp()
    await world.batch(['ann'])
    await world.restart((db) => dead(db, 'update batches set is_published = 0'))
    expect(await listBatches(world.app.context)).toEqual([])
    expect(await world.batch(['ann'])).toBeGreaterThan(1)
  })

  test('a batch that was being removed is removed, its job lost or not', async () => {
    await using world = await testApp()
    await world.batch(['ann'])
    await world.restart((db) => dead(db, `update batches set status = 'removing'`))
    await waitFor(async () => (await listBatches(world.app.context)).length === 0)
  })
})

test('a soft end in the middle of a pass costs no attempt, and the next start goes on', async () => {
  await using world = await testApp()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const server = world.servers.server('old.example')
  server.gate = gate
  const id = await world.batch(['ann'], { autoStart: true })
  await waitFor(() => server.tries.length === 1)
  const restarted = world.restart()
  open()
  await restarted
  await world.until(id, 'synced')
  expect((await listUsers(world.app.context, id)).items).toMatchObject([{ attempts: 0, error: null, passes: 1 }])
})
