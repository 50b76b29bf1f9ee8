import { expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { startDeliveries } from '../support/deliveries.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { type Api, type BatchView, isMoving, settled, until, usersOf } from './api.ts'
import { isLong } from './random-moments.ts'
import { startServer } from './server.ts'
import { type Served, startMigration, startSync, sync, userNames } from './world.ts'

const batch = 'stop'
const users = userNames(10)
const testMs = 60_000
/** A lease lasts 60 s; its end has to be missed by a margin. */
const frozenMs = 75_000
const slow = { concurrentMigrationsMax: 4, concurrentIncrementalSyncsMax: 4 }

const show = (api: Api): Promise<BatchView> => api.get(`/batches/${batch}`)

describeWith('dovecot', 'openssl')('a batch that is interrupted in mid-copy', () => {
  const begin = async (): Promise<Served> => {
    const run = await startMigration(batch, users, { endpoints: slow })
    await seed(run.source, { users, messagesPerUser: 200 })
    await startSync(run.api, batch)
    await until('a part is copied', async () => (await show(run.api)).counts.synced > 0 || null, { everyMs: 10 })
    expect(isMoving(await show(run.api))).toBe(true)
    return run
  }

  test(
    'ends softly at SIGTERM within ten seconds, and goes on by itself at the next start',
    async () => {
      await using run = await begin()
      const startedAt = performance.now()
      await run.server.proc.kill('SIGTERM')
      expect(await run.server.proc.exited).toBe(0)
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      await using next = await startServer(run.dataFolder)
      expect(await settled(next.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })
      for (const user of await usersOf(next.api, batch)) expect(user).toMatchObject({ attempts: 0, error: null })
      await expectSame(run.source, run.target, users)
    },
    testMs,
  )

  test(
    'is stopped by its admin, stays so over a restart, and goes on when it is started again',
    async () => {
      await using run = await begin()
      await run.api.ask('DELETE', `/batches/${batch}/sync`)
      expect(await settled(run.api, batch)).toMatchObject({ status: 'stopped', counts: { active: 0, failed: 0 } })
      await run.server.proc.kill('SIGKILL')
      await using next = await startServer(run.dataFolder)
      expect(await show(next.api)).toMatchObject({ status: 'stopped' })
      expect(await sync(next.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })
      await expectSame(run.source, run.target, users)
    },
    testMs,
  )

  test(
    'goes on after the process stood still for two seconds, while other mail arrived',
    () => standStill(2_000),
    testMs,
  )

  // Not a skipped test where it is left out: the short run has no skips.
  if (isLong) {
    test('goes on after the process stood still until its leases had ended', () => standStill(frozenMs), 4 * testMs)
  }

  const standStill = async (ms: number) => {
    await using run = await begin()
    const { pid } = run.server.proc
    process.kill(pid, 'SIGSTOP')
    const deliveries = startDeliveries(run.target, users, { everyMs: 50 })
    await Bun.sleep(ms)
    process.kill(pid, 'SIGCONT')
    expect(await settled(run.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })
    const foreign = await deliveries.stop(10)
    await expectSame(run.source, run.target, users, { foreign })
  }
})
