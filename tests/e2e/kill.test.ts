import { expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { startDeliveries } from '../support/deliveries.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { type Api, type BatchView, isMoving, type ReportView, settled, sumOf, until, usersOf } from './api.ts'
import { isLong, withSeed } from './random-moments.ts'
import { type Server, startServer } from './server.ts'
import { createBatch, createEndpoints, csvFor, startSync, startWorld, sync, userNames } from './world.ts'

const users = userNames(isLong ? 240 : 24)
const firstKills = isLong ? 100 : 10
const furtherKills = isLong ? 30 : 4
const testMs = isLong ? 1_800_000 : 180_000
const batch = 'killed'
/** Few at a time, so that the copy lasts; all at a time would be over before the tenth kill. */
const slow = { concurrentMigrationsMax: 3, concurrentIncrementalSyncsMax: 3 }
const deliveredTo = [['INBOX'], ['Sent'], ['Projekte', 'Übersicht', '2024']] as const

describeWith('dovecot', 'openssl')('killed with SIGKILL at random moments', () => {
  test(
    'a batch loses nothing and doubles nothing, though other mail arrives in its folders',
    () => withSeed(killWhileItCopies),
    testMs,
  )
})

async function killWhileItCopies(random: () => number, number: number): Promise<void> {
  await using world = await startWorld()
  await seed(world.source, { users, messagesPerUser: 200 })
  const run = await Restarted.begin(world.dataFolder)
  await using _ = run
  await createEndpoints(run.api, world, slow)
  await createBatch(run.api, batch, csvFor(users, world.source, world.target))
  let next = number
  const bringMore = async () => {
    next += 1
    await seed(world.source, { users, messagesPerUser: 60, seed: next })
    await startSync(run.api, batch)
  }
  const deliveries = startDeliveries(world.target, users, { paths: deliveredTo, everyMs: 10, seed: number })

  await startSync(run.api, batch)
  await killOften(run, firstKills, random, bringMore)
  expect(await settled(run.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })

  await bringMore()
  await killOften(run, furtherKills, random, bringMore)
  expect(await settled(run.api, batch)).toMatchObject({ status: 'synced', counts: { synced: users.length } })

  const foreign = await deliveries.stop(100)
  const { messages } = await expectSame(world.source, world.target, users, { foreign })
  const report = await run.api.get<ReportView>(`/batches/${batch}/report`)
  expect(report).toMatchObject({ isBalanced: true, counts: { source: messages - foreign.length, failed: 0 } })

  await sync(run.api, batch)
  expect(sumOf(await usersOf(run.api, batch), ({ copiedLastPass }) => copiedLastPass)).toBe(0)
  await expectSame(world.source, world.target, users, { foreign })
}

/** One server after the other on the same data folder. */
class Restarted implements AsyncDisposable {
  readonly #dataFolder: string
  #server: Server

  private constructor(dataFolder: string, server: Server) {
    this.#dataFolder = dataFolder
    this.#server = server
  }

  static async begin(dataFolder: string): Promise<Restarted> {
    return new Restarted(dataFolder, await startServer(dataFolder))
  }

  get api(): Api {
    return this.#server.api
  }

  async killAndRestart(): Promise<void> {
    await this.#server.proc.kill('SIGKILL')
    this.#server = await startServer(this.#dataFolder)
  }

  [Symbol.asyncDispose]() {
    return this.#server[Symbol.asyncDispose]()
  }
}

/**
 * Kills at moments spread over the whole of a pass; some in its first half soon after a start, when what was cut before
 * is being taken up. A kill after the end would prove nothing: where a pass is over sooner than its kills, new mail
 * begins another.
 */
async function killOften(
  run: Restarted,
  kills: number,
  random: () => number,
  renew: () => Promise<void>,
): Promise<void> {
  let passes = 1
  for (let kill = 0; kill < kills; ) {
    const isEarly = kill % 3 === 2 && kill < kills / 2 + 1
    const share = passes > 1 ? random() : 1 - (kill + random()) / (kills + 1)
    if (!isEarly) await isLeft(run.api, share)
    await Bun.sleep(random() * (isEarly ? 400 : 50))
    if (isMoving(await show(run.api))) {
      await run.killAndRestart()
      kill += 1
    } else {
      await renew()
      passes += 1
    }
  }
}

const show = (api: Api): Promise<BatchView> => api.get(`/batches/${batch}`)

/** Waits until no more than a share of the users is under way. */
const isLeft = (api: Api, share: number): Promise<true> =>
  until(
    `${Math.round(share * 100)} % of the users are left`,
    async () => (await show(api)).counts.active <= share * users.length || null,
    { everyMs: 10 },
  )
