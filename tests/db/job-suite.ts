import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { ClaimFilter, Job, JobFailure, JobStore, NewJob } from '../../src/domain/job.ts'
import type { Fence } from '../../src/domain/sync-state.ts'
import { errorOf } from '../support/error-of.ts'

export interface OpenedJobs extends AsyncDisposable {
  readonly jobs: JobStore
}

export const newJob = (change: Partial<NewJob> = {}): NewJob => ({
  spec: { kind: 'sync-user', userId: 1, pass: 'initial' },
  priority: 0,
  runAt: 0,
  sourceEndpointId: 1,
  targetEndpointId: 2,
  lock: null,
  ...change,
})

export const filter = (change: Partial<ClaimFilter> = {}): ClaimFilter => ({
  now: 1000,
  leaseMs: 60_000,
  limit: 10,
  fullForInitial: [],
  fullForIncremental: [],
  ...change,
})

export const fenceOf = ({ id, token }: Job): Fence => ({ jobId: id, token })

const failure: JobFailure = { code: 'connect.dropped', scope: 'mailbox', message: 'The connection was lost' }
const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id)
const initial = { kind: 'sync-user', userId: 1, pass: 'initial' } as const
const incremental = { kind: 'sync-user', userId: 1, pass: 'incremental' } as const
const final = { kind: 'sync-user', userId: 1, pass: 'final' } as const
const verify = { kind: 'verify-user', userId: 1, readsData: true } as const
const removal = { kind: 'remove-batch', batchId: 3 } as const

/** What a queue is: every implementation has to pass. */
export function jobSuite(name: string, open: () => Promise<OpenedJobs>): void {
  describe(`jobs in ${name}`, () => {
    let opened: OpenedJobs
    let jobs: JobStore
    beforeEach(async () => {
      opened = await open()
      jobs = opened.jobs
    })
    afterEach(async () => await opened[Symbol.asyncDispose]())

    const claimOne = async (change: Partial<NewJob> = {}): Promise<Job> => {
      await jobs.enqueue([newJob(change)])
      const [job] = await jobs.claim(filter({ limit: 1 }))
      if (!job) throw new Error('Cannot claim the job that was just queued')
      return job
    }

    test('are kept as they were given, in order', async () => {
      const given = [initial, incremental, final, verify, removal].map((spec, index) =>
        newJob({ spec, priority: index, runAt: 5 + index, lock: `imap.example/ü ${index}` }),
      )
      const queued = await jobs.enqueue(given)
      expect(queued).toMatchObject(given)
      expect(queued.every((job) => job.status === 'queued' && job.attempts === 0 && job.leaseUntil === null)).toBe(true)
      expect(idsOf(queued)).toEqual([...idsOf(queued)].sort((a, b) => a - b))
      for (const job of queued) expect(await jobs.get(job.id)).toEqual(job)
      expect(await jobs.get(999)).toBeNull()
      expect(await jobs.enqueue([])).toEqual([])
    })

    test('are claimed by priority, then by age, when they are due, up to the limit', async () => {
      const [low, late, high, alike] = idsOf(
        await jobs.enqueue([
          newJob({ priority: 1 }),
          newJob({ priority: 9, runAt: 1001 }),
          newJob({ priority: 5 }),
          newJob({ priority: 5 }),
        ]),
      )
      expect(idsOf(await jobs.claim(filter({ limit: 2 })))).toEqual([high, alike] as number[])
      expect(idsOf(await jobs.claim(filter()))).toEqual([low] as number[])
      expect(idsOf(await jobs.claim(filter()))).toEqual([])
      expect(idsOf(await jobs.claim(filter({ now: 1001 })))).toEqual([late] as number[])
    })

    test('run with a new token and a lease', async () => {
      const job = await claimOne()
      expect(job).toMatchObject({ status: 'running', token: 1, leaseUntil: 61_000 })
      expect(await jobs.get(job.id)).toEqual(job)
    })

    test.each([
      ['initial where initial ones are full', initial, [7], [], []],
      ['initial where incremental ones are full', initial, [], [7], [true]],
      ['final where initial ones are full', final, [7], [], []],
      ['incremental where initial ones are full', incremental, [7], [], [true]],
      ['incremental where incremental ones are full', incremental, [], [7], []],
      ['verification where incremental ones are full', verify, [], [7], []],
      ['removal where all are full', removal, [7], [7], [true]],
    ])('of an endpoint without room wait, by their kind: %s', async (_, spec, a, b, runs) => {
      for (const side of ['sourceEndpointId', 'targetEndpointId'] as const) {
        const [job] = await jobs.enqueue([newJob({ spec, [side]: 7 })])
        const claimed = await jobs.claim(filter({ fullForInitial: a, fullForIncremental: b }))
        expect(claimed.map(({ id }) => id === job?.id)).toEqual(runs)
      }
    })

    test('without endpoints never wait for room', async () => {
      await jobs.enqueue([newJob({ sourceEndpointId: null, targetEndpointId: null })])
      expect(await jobs.claim(filter({ fullForInitial: [1, 2], fullForIncremental: [1, 2] }))).toHaveLength(1)
    })

    test('with one lock never run at a time, and take no place in the limit', async () => {
      const queued = idsOf(
        await jobs.enqueue(['a', 'a', 'a', 'b', null, null].map((lock, index) => newJob({ lock, priority: -index }))),
      )
      const first = await jobs.claim(filter({ limit: 4 }))
      expect(idsOf(first)).toEqual([queued[0], queued[3], queued[4], queued[5]] as number[])
      expect(await jobs.claim(filter())).toEqual([])
      await jobs.succeed(fenceOf(first[0] as Job))
      expect(idsOf(await jobs.claim(filter()))).toEqual([queued[1]] as number[])
    })

    test('are handed out once, however many ask at a time', async () => {
      await jobs.enqueue(Array.from({ length: 30 }, (_, index) => newJob({ lock: index % 2 ? `lock ${index}` : null })))
      const claims = await Promise.all(Array.from({ length: 12 }, () => jobs.claim(filter({ limit: 3 }))))
      const ids = claims.flatMap(idsOf)
      expect(ids).toHaveLength(30)
      expect(new Set(ids).size).toBe(30)
    })

    test.each([
      ['succeed', (fence: Fence) => jobs.succeed(fence), { status: 'completed', attempts: 0, runAt: 0 }],
      ['retry', (fence: Fence) => jobs.retry(fence, 77, failure), { status: 'queued', attempts: 1, runAt: 77 }],
      ['snooze', (fence: Fence) => jobs.snooze(fence, 78), { status: 'queued', attempts: 0, runAt: 78 }],
      ['discard', (fence: Fence) => jobs.discard(fence, failure), { status: 'discarded', attempts: 0, runAt: 0 }],
      ['cancelled', (fence: Fence) => jobs.cancelled(fence), { status: 'cancelled', attempts: 0, runAt: 0 }],
    ] as const)('end by %s: the lease is over, the lock is free', async (_, end, expected) => {
      const job = await claimOne({ lock: 'a' })
      await end(fenceOf(job))
      expect(await jobs.get(job.id)).toMatchObject({ ...expected, leaseUntil: null })
      await jobs.enqueue([newJob({ lock: 'a', priority: 1, spec: { ...initial, userId: 2 } })])
      expect(await jobs.claim(filter({ limit: 1 }))).toHaveLength(1)
    })

    test('count only what was retried as an attempt', async () => {
      const { id } = await claimOne()
      const again = async () => fenceOf((await jobs.claim(filter()))[0] as Job)
      await jobs.retry({ jobId: id, token: 1 }, 0, failure)
      await jobs.snooze(await again(), 0)
      await again()
      await jobs.rescue(Number.POSITIVE_INFINITY)
      await jobs.retry(await again(), 0, failure)
      expect((await jobs.get(id))?.attempts).toBe(2)
    })

    test('keep their lease as long as they tell of themselves', async () => {
      const job = await claimOne()
      await jobs.heartbeat(fenceOf(job), 90_000)
      expect(await jobs.rescue(90_000)).toEqual([])
      expect(await jobs.rescue(90_001)).toEqual([job.id])
      expect(await jobs.get(job.id)).toMatchObject({ status: 'queued', leaseUntil: null, attempts: 0 })
    })

    test('are all rescued at start', async () => {
      await jobs.enqueue([newJob(), newJob(), newJob()])
      const claimed = await jobs.claim(filter({ limit: 2 }))
      expect([...(await jobs.rescue(Number.POSITIVE_INFINITY))].sort()).toEqual(idsOf(claimed))
      expect(await jobs.claim(filter())).toHaveLength(3)
    })

    const holderWrites = [
      ['heartbeat', (fence: Fence) => jobs.heartbeat(fence, 5_000_000)],
      ['succeed', (fence: Fence) => jobs.succeed(fence)],
      ['retry', (fence: Fence) => jobs.retry(fence, 7, failure)],
      ['snooze', (fence: Fence) => jobs.snooze(fence, 7)],
      ['discard', (fence: Fence) => jobs.discard(fence, failure)],
      ['cancelled', (fence: Fence) => jobs.cancelled(fence)],
    ] as const

    test.each(holderWrites)('refuse a stale %s, and stay as they are for the second holder', async (_, write) => {
      const first = await claimOne({ lock: 'a' })
      await jobs.rescue(Number.POSITIVE_INFINITY)
      const unheld = await jobs.get(first.id)
      expect(await errorOf(write(fenceOf(first)))).toMatchObject({ code: 'lease.lost' })
      expect(await jobs.get(first.id)).toEqual(unheld)

      const [second] = await jobs.claim(filter())
      expect(await errorOf(write(fenceOf(first)))).toMatchObject({ code: 'lease.lost' })
      expect(await jobs.get(first.id)).toEqual(second as Job)
      await write(fenceOf(second as Job))
      expect(await errorOf(write({ jobId: 999, token: 1 }))).toMatchObject({ code: 'lease.lost' })
    })

    test.each(holderWrites)('that ended take no %s any more', async (name, write) => {
      const job = await claimOne()
      await jobs.succeed(fenceOf(job))
      expect(await errorOf(write(fenceOf(job)))).toMatchObject({ code: 'lease.lost' })
      expect((await jobs.get(job.id))?.status, name).toBe('completed')
    })

    test('fail alone when they are stale, whatever is written at the same time', async () => {
      await jobs.enqueue(Array.from({ length: 6 }, () => newJob()))
      const claimed = await jobs.claim(filter())
      const ends = await Promise.allSettled(
        claimed.map(({ id, token }, index) => jobs.succeed({ jobId: id, token: index % 2 ? token : token - 1 })),
      )
      expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([false, true, false, true, false, true])
    })

    test('are cancelled while they wait; running ones are only named', async () => {
      const [a, b, c] = await jobs.enqueue([newJob({ priority: 2 }), newJob({ priority: 1 }), newJob()])
      const [running] = await jobs.claim(filter({ limit: 1 }))
      const ids = [a, b, c].flatMap((job) => job?.id ?? [])
      expect(await jobs.cancel([...ids, 999])).toEqual({ cancelled: ids.slice(1), running: [ids[0] as number] })
      expect(await jobs.claim(filter())).toEqual([])
      await jobs.cancelled(fenceOf(running as Job))
      expect(await jobs.cancel(ids)).toEqual({ cancelled: [], running: [] })
    })

    test('come back when they were cancelled or discarded, with no attempts; others stay', async () => {
      await jobs.enqueue([0, 1, 2, 3].map((userId) => newJob({ spec: { ...initial, userId } })))
      const [cancelled, discarded, completed, running] = (await jobs.claim(filter())) as [Job, Job, Job, Job]
      await jobs.cancelled(fenceOf(cancelled))
      await jobs.retry(fenceOf(discarded), 0, failure)
      const [again] = await jobs.claim(filter())
      await jobs.discard(fenceOf(again as Job), failure)
      await jobs.succeed(fenceOf(completed))
      await jobs.requeue(
        [cancelled, discarded, completed, running].map(({ id }) => id),
        500,
      )
      expect(await jobs.get(cancelled.id)).toMatchObject({ status: 'queued', runAt: 500, attempts: 0 })
      expect(await jobs.get(discarded.id)).toMatchObject({ status: 'queued', runAt: 500, attempts: 0 })
      expect(await jobs.get(completed.id)).toMatchObject({ status: 'completed' })
      expect(await jobs.get(running.id)).toEqual(running)
    })

    test('tell when the next one after a moment is due', async () => {
      expect(await jobs.nextDueAt(0)).toBeNull()
      await jobs.enqueue([newJob({ runAt: 700 }), newJob({ runAt: 300 }), newJob({ runAt: 500 })])
      expect(await jobs.nextDueAt(299)).toBe(300)
      expect(await jobs.nextDueAt(300)).toBe(500)
      expect(await jobs.nextDueAt(700)).toBeNull()
      await jobs.claim(filter({ now: 500 }))
      expect(await jobs.nextDueAt(0)).toBe(700)
    })

    test('of a user that completed are forgotten when the next one is queued', async () => {
      await jobs.enqueue([1, 2].map((userId) => newJob({ spec: { ...initial, userId } })))
      const [one, two] = (await jobs.claim(filter())) as [Job, Job]
      await jobs.succeed(fenceOf(one))
      await jobs.succeed(fenceOf(two))
      await jobs.enqueue([newJob({ spec: verify })])
      expect(await jobs.get(one.id)).toBeNull()
      expect(await jobs.get(two.id)).not.toBeNull()
    })
  })
}
