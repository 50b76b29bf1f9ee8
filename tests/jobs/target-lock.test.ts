import { expect, setDefaultTimeout, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { jobs } from '../../db/schema/jobs.ts'
import { Fault } from '../../src/domain/fault.ts'
import { createBatch, startBatch } from '../../src/operations/batches.ts'
import { listUsers, showUser, updateUser } from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { newHost, oldHost, testApp, waitFor } from '../support/test-app.ts'

setDefaultTimeout(30_000)

test('a job that waits while its user is given another target never writes there beside another', async () => {
  await using world = await testApp()
  const { context } = world.app
  for (let n = 0; n < 12; n += 1) world.source('ann').deliver('INBOX', mail(`mail ${n}`))
  const sales = await world.batch(['ann'])

  // The list of another batch has the same mailbox, and a slip of the pen in its target.
  const csv = 'EmailAddress,UserName,Password,TargetPassword\nanne@new.example,ann,s-ann,t-ann'
  const ends = { sourceEndpoint: 'old', targetEndpoint: 'new' }
  const typo = (await createBatch(context, { name: 'Typo', ...ends, csv })).id
  world.target('anne').tick = () => {
    throw new Fault('connect.dropped', 'The connection was cut')
  }
  await startBatch(context, typo)
  await waitFor(async () => (await showUser(context, 'anne@new.example')).attempts === 1)
  const anne = await showUser(context, 'anne@new.example')
  await updateUser(context, anne.id, { targetUserName: 'ann@new.example' })

  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  let isAppending = false
  world.target('ann').tick = async (command) => {
    if (command !== 'APPEND') return
    isAppending = true
    await gate
  }
  await startBatch(context, sales)
  await waitFor(() => isAppending)
  const tries = () => world.servers.server(newHost).tries.filter((login) => login === 'ann@new.example').length
  const jobOf = async () => {
    const select = context.db.query.select().from(jobs).where(eq(jobs.userId, anne.id))
    return (await context.db.read([select]))[0][0]
  }
  await world.timers.advance((anne.retryAt ?? 0) - world.clock.now())
  await waitFor(async () => tries() > 1 || ((await jobOf())?.lock ?? '').endsWith('/ann@new.example'))
  const triesMeanwhile = tries()
  open()
  expect(triesMeanwhile).toBe(1)
  await world.until(sales, 'synced')
  await world.until(typo, 'synced')
  expect(world.target('ann').contents().length).toBe(12)
  expect((await listUsers(context, typo)).items[0]?.progress).toMatchObject({ copiedLastPass: 0 })
  await world.restart()
  expect(world.servers.server(oldHost).sessions.open).toBe(0)
})
