import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { startDovecot } from '../support/dovecot.ts'
import { describeWith } from '../support/need.ts'
import { type SeedPlan, seed, seedHalf } from '../support/seed.ts'
import { type ReportView, settled, sumOf, usersOf } from './api.ts'
import { changeMailboxes } from './arrivals.ts'
import { quantile, watchPages } from './measure.ts'
import { changesBetween, readPositions } from './positions.ts'
import { isLong } from './random-moments.ts'
import { type Server, signIn, startServer } from './server.ts'
import { createEndpoints, csvFor, endpoint, startSync, startWorld, sync, userNames, type World } from './world.ts'

const testMs = 120_000
const residentBytesMax = 300e6
/** The promise is a tenth of it (tests/bench); a machine that runs other tests as well is given more. */
const answerMsMax = 1_000
const messagesPerUser = 100
const plan: SeedPlan = { users: userNames(200), messagesPerUser }
/** All of them in the long run, and in the bench. */
const someUsers = isLong ? plan.users : plan.users.slice(0, 60)
const changed = someUsers.filter((_, at) => at % 6 === 3).slice(0, 10)

const all = plan.users.length * messagesPerUser
const some = someUsers.length * messagesPerUser

/** The second batch finds what came to the source between the passes of the first. */
const rows = [
  ['an empty target', 'empty', plan.users, { source: all, copied: all, adopted: 0 }],
  [
    'a target that something else half filled',
    'half',
    someUsers,
    { source: some + changed.length, copied: some / 2 + changed.length, adopted: some / 2 },
  ],
] as const

describeWith('dovecot', 'openssl')('a batch of many mailboxes with 100 messages each', () => {
  let world: World
  let server: Server
  let cookie: string

  beforeAll(async () => {
    world = await startWorld()
    server = await startServer(world.dataFolder)
    cookie = await signIn(server)
    await createEndpoints(server.api, world)
    await seed(world.source, plan)
  }, testMs)

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  }, testMs)

  describe.each(rows)('to %s', (_, name, users, counts) => {
    let target: World['target']

    beforeAll(async () => {
      target = name === 'half' ? await startDovecot() : world.target
      if (name === 'half') await seedHalf(target, { ...plan, users })
      await server.api.post('/endpoints', endpoint(name, target))
    }, testMs)

    afterAll(async () => {
      if (target !== world.target) await target[Symbol.asyncDispose]()
    }, testMs)

    test(
      'arrives there once, with flags and dates, while pages stay quick and the memory small',
      async () => {
        const { api, proc } = server
        const csv = csvFor(users, world.source, target)
        const { id } = await api.post<{ id: number }>('/batches', {
          name,
          sourceEndpoint: 'source',
          targetEndpoint: name,
          csv,
        })
        const watch = watchPages(server.address, cookie, ['/batches', `/batches/${id}`, `/api/v1/batches/${id}`])
        await startSync(api, name)
        expect(await settled(api, name)).toMatchObject({ status: 'synced', counts: { synced: users.length } })
        const times = await watch.stop()
        expect(await expectSame(world.source, target, users)).toMatchObject({ messages: counts.source })
        const report = await api.get<ReportView>(`/batches/${name}/report`)
        expect(report).toMatchObject({ isBalanced: true, issues: [], counts: { ...counts, failed: 0, skipped: 0 } })
        expect(proc.memory().peakBytes).toBeLessThan(residentBytesMax)
        for (const [path, answers] of times) {
          expect(answers.length).toBeGreaterThan(5)
          expect([path, quantile(answers, 0.95) < answerMsMax]).toEqual([path, true])
        }
      },
      testMs,
    )

    test(
      'is not copied again by a second pass, which touches nothing',
      async () => {
        const before = await readPositions(target, users)
        expect(await sync(server.api, name)).toMatchObject({ status: 'synced' })
        expect(sumOf(await usersOf(server.api, name), (progress) => progress.copiedLastPass)).toBe(0)
        const after = await readPositions(target, users)
        expect(after.size).toBe(users.length * 7)
        expect(changesBetween(before, after)).toEqual({ arrived: 0, folders: [] })
      },
      testMs,
    )

    test(
      'is followed by ten new messages and ten changed flags, and exactly those move',
      async () => {
        const folders = await changeMailboxes(world.source, changed, name)
        const before = await readPositions(target, users)
        expect(await sync(server.api, name)).toMatchObject({ status: 'synced' })
        const after = await usersOf(server.api, name)
        expect(sumOf(after, (progress) => progress.copiedLastPass)).toBe(changed.length)
        expect(sumOf(after, (progress) => progress.flagsChangedLastPass)).toBe(changed.length)
        const changes = changesBetween(before, await readPositions(target, users))
        expect(changes).toEqual({ arrived: changed.length, folders })
        await expectSame(world.source, target, changed)
      },
      testMs,
    )
  })
})
