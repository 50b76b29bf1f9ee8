import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { actOnBatch } from '../../db/queries/actions.ts'
import { findBatch, listBatches } from '../../db/queries/batches.ts'
import { countByStatus } from '../../db/queries/users.ts'
import { chunkRowsMax } from '../../db/rows.ts'
import type { Batch } from '../../src/domain/batch.ts'
import type { BatchEvent } from '../../src/domain/status.ts'
import { createBatch } from '../../src/operations/batches.ts'
import { createEndpoint } from '../../src/operations/endpoints.ts'
import { errorOf } from '../support/error-of.ts'
import { type TestContext, testContext } from '../support/test-context.ts'

setDefaultTimeout(30_000)

/** More than one write holds, the last chunk not full. */
const many = 2 * chunkRowsMax + 100
const moment = { now: 5_000, random: 0 }

async function batchOf(world: TestContext, users: number): Promise<Batch> {
  const admin = { security: 'ssl', adminName: 'master', adminPassword: 'm', login: '{user}*{admin}' } as const
  await createEndpoint(world.context, { name: 'old', host: 'old.example', ...admin })
  await createEndpoint(world.context, { name: 'new', host: 'new.example', ...admin })
  const rows = Array.from({ length: users }, (_, user) => `u${user}@new.example,u${user}`)
  const csv = ['EmailAddress,UserName', ...rows].join('\n')
  return await createBatch(world.context, { name: 'Sales', sourceEndpoint: 'old', targetEndpoint: 'new', csv })
}

async function act({ context: { db } }: TestContext, id: number, event: BatchEvent): Promise<Batch> {
  const batch = await findBatch(db, id)
  const acted = batch && (await actOnBatch(db, batch, event, moment))
  if (!acted) throw new Error(`Cannot ${event} the batch`)
  return acted
}

async function jobsOf(db: Database): Promise<Readonly<Record<string, number>>> {
  const [rows] = await db.read([
    db.query.all<[string, number, number]>(
      sql`select status, count(*), count(distinct user_id) from jobs group by status`,
    ),
  ])
  expect(rows.every(([, jobs, users]) => jobs === users)).toBe(true)
  return Object.fromEntries(rows)
}

/** A database that fails from the write of that number on, as it does when its process or its disk ends there. */
function failingAt(db: Database, write: number): Database {
  let left = write
  return {
    ...db,
    write: (statements) => {
      left -= 1
      return left < 0 ? Promise.reject(new Error('Cannot write')) : db.write(statements)
    },
  }
}

describe('a start of more users than one write holds', () => {
  test('queues each of them once', async () => {
    await using world = await testContext()
    const { id } = await batchOf(world, many)
    const batch = await act(world, id, 'start')
    expect(batch).toMatchObject({ status: 'syncing', startedAt: moment.now, nextPassAt: null })
    expect(batch.counts).toMatchObject({ total: many, active: many, pending: 0 })
    expect(await countByStatus(world.context.db, id)).toEqual(new Map([['queued', many]]))
    expect(await jobsOf(world.context.db)).toEqual({ queued: many })
  })

  test('lets others read between its writes', async () => {
    await using world = await testContext()
    const { id } = await batchOf(world, many)
    let isDone = false
    const start = act(world, id, 'start').then(() => {
      isDone = true
    })
    const seen = new Set<number>()
    while (!isDone) {
      const counts = await countByStatus(world.context.db, id)
      seen.add(counts.get('queued') ?? 0)
    }
    await start
    expect([...seen].some((queued) => queued > 0 && queued < many)).toBe(true)
  })

  test.each([1, 2, 3, 4])('that fails after write %d is taken up when it is due', async (write) => {
    await using world = await testContext()
    const { db } = world.context
    const created = await batchOf(world, many)
    expect(await errorOf(actOnBatch(failingAt(db, write), created, 'start', moment))).toMatchObject({
      message: 'Cannot write',
    })
    const [left] = await listBatches(db)
    expect(left).toMatchObject({ status: 'syncing', counts: { active: many } })
    expect(left?.nextPassAt).toBeGreaterThan(moment.now)
    expect(await act(world, created.id, 'passDue')).toMatchObject({ status: 'syncing', nextPassAt: null })
    expect(await countByStatus(db, created.id)).toEqual(new Map([['queued', many]]))
    expect(await jobsOf(db)).toEqual({ queued: many })
    expect(await errorOf(act(world, created.id, 'passDue'))).toBeInstanceOf(Error)
  })

  test('whose first write fails changes nothing', async () => {
    await using world = await testContext()
    const created = await batchOf(world, many)
    await errorOf(actOnBatch(failingAt(world.context.db, 0), created, 'start', moment))
    expect(await findBatch(world.context.db, created.id)).toEqual(created)
  })
})

describe('a stop of more users than one write holds', () => {
  test('stops those who wait, and asks those who run', async () => {
    await using world = await testContext()
    const { db } = world.context
    const { id } = await batchOf(world, many)
    await act(world, id, 'start')
    await db.write([db.query.run(sql`update jobs set status = 'running' where user_id in (1, ${many})`)])
    expect(await act(world, id, 'stop')).toMatchObject({ status: 'stopping', counts: { active: 2, stopped: many - 2 } })
    expect(await countByStatus(db, id)).toEqual(
      new Map([
        ['stopped', many - 2],
        ['stopping', 2],
      ]),
    )
    expect(await jobsOf(db)).toEqual({ cancelled: many - 2, running: 2 })
  })

  test.each([1, 2, 4])('that fails after write %d is taken up when it is due', async (write) => {
    await using world = await testContext()
    const { db } = world.context
    const { id } = await batchOf(world, many)
    const started = await act(world, id, 'start')
    await errorOf(actOnBatch(failingAt(db, write), started, 'stop', moment))
    expect((await findBatch(db, id))?.status).toBe('stopping')
    expect(await act(world, id, 'passDue')).toMatchObject({
      status: 'stopped',
      counts: { stopped: many },
      nextPassAt: null,
    })
    expect(await jobsOf(db)).toEqual({ cancelled: many })
  })
})
