import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import type { Job, JobControl, JobSpec, JobStore } from '../../src/domain/job.ts'
import type { JobEnd } from '../../src/domain/job-end.ts'
import type { SlotLimits } from '../../src/scheduler/limits.ts'
import { createScheduler, type SchedulerOptions } from '../../src/scheduler/scheduler.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'
import { createMemoryStores } from '../support/memory-stores.ts'

interface Running {
  readonly job: Job
  readonly control: JobControl
  readonly end: () => void
  readonly fail: (error: unknown) => void
}

const leaseMs = 60_000

const slots = (concurrentMigrationsMax: number, concurrentIncrementalSyncsMax: number): SlotLimits => ({
  concurrentMigrationsMax,
  concurrentIncrementalSyncsMax,
  connectionsMax: 40,
})

/** A scheduler on a clock moved by hand, whose jobs end when the test says so. */
function world(given: Partial<SchedulerOptions<string>> = {}) {
  const clock = handClock()
  const timers = handTimers(clock)
  const stores = createMemoryStores()
  const limits = new Map<number, SlotLimits>()
  const running = new Map<number, Running>()
  const ends: { job: Job; end: JobEnd }[] = []
  const errors: unknown[] = []
  let claims = 0
  let slowMs = 0

  const run = (job: Job, control: JobControl) =>
    new Promise<string>((resolve, reject) => {
      const userId = 'userId' in job.spec ? job.spec.userId : 0
      const over =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          running.delete(userId)
          settle(value)
        }
      control.signal.addEventListener('abort', () => over(reject)(control.signal.reason))
      running.set(userId, { job, control, end: () => over(resolve)('done'), fail: over(reject) })
    })

  const settle = async (job: Job, end: JobEnd) => {
    await write(stores.jobs, job, end)
    ends.push({ job, end })
  }

  const scheduler = createScheduler({
    store: {
      ...stores.jobs,
      claim(filter) {
        claims += 1
        return stores.jobs.claim(filter)
      },
      async nextDueAt(after) {
        clock.advance(slowMs)
        return await stores.jobs.nextDueAt(after)
      },
    },
    run,
    settle,
    limits: async () => limits,
    tick: async () => null,
    tryStore: async () => undefined,
    clock,
    timers,
    random: () => 1,
    onError: (error) => errors.push(error),
    leaseMs,
    attemptsMax: 3,
    ...given,
  })
  const enqueue = (...userIds: number[]) =>
    stores.jobs.enqueue(userIds.map((userId) => newJob({ kind: 'sync-user', userId, pass: 'initial' }, clock.now())))
  const get = (userId: number) => {
    const found = running.get(userId)
    if (!found) throw new Error(`The job of user ${userId} does not run`)
    return found
  }
  /** From now on the store takes so long to look what is due. */
  const slowDown = (ms: number) => {
    slowMs = ms
  }
  const told = { running, ends, errors, claims: () => claims }
  return { clock, timers, stores, limits, scheduler, enqueue, get, slowDown, ...told }
}

const newJob = (spec: JobSpec, runAt: number) => ({
  spec,
  priority: 0,
  runAt,
  sourceEndpointId: 1,
  targetEndpointId: 2,
  lock: 'userId' in spec ? `mailbox ${spec.userId}` : null,
})

async function write(store: JobStore, { id, token }: Job, end: JobEnd): Promise<void> {
  const fence = { jobId: id, token }
  if (end.kind === 'succeed') await store.succeed(fence)
  else if (end.kind === 'retry') await store.retry(fence, end.runAt, end.failure)
  else if (end.kind === 'snooze') await store.snooze(fence, end.runAt)
  else if (end.kind === 'discard') await store.discard(fence, end.failure)
  else await store.cancelled(fence)
}

const idsOf = (running: ReadonlyMap<number, Running>) => [...running.keys()].toSorted((a, b) => a - b)

async function started(given: Partial<SchedulerOptions<string>> = {}) {
  const made = world(given)
  await made.scheduler.start()
  await made.timers.settle()
  return made
}

describe('jobs', () => {
  test('run as soon as somebody says so, and end as done', async () => {
    const { scheduler, enqueue, timers, running, get, ends } = await started()
    await enqueue(1, 2)
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 2])
    get(1).end()
    await timers.settle()
    expect(ends.map(({ end }) => end.kind)).toEqual(['succeed'])
    expect(idsOf(running)).toEqual([2])
  })

  test('that somebody told of before the start run at the start', async () => {
    const { scheduler, enqueue, timers, running } = world()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([])
    await scheduler.start()
    await timers.settle()
    expect(idsOf(running)).toEqual([1])
  })

  test('run when they are due, without anybody saying so', async () => {
    const { stores, scheduler, timers, running, clock } = await started()
    await stores.jobs.enqueue([newJob({ kind: 'sync-user', userId: 1, pass: 'initial' }, clock.now() + 90_000)])
    scheduler.wake()
    await timers.advance(89_999)
    expect(idsOf(running)).toEqual([])
    await timers.advance(1)
    expect(idsOf(running)).toEqual([1])
  })

  test('run as many as the limits of both endpoints let, and a raised limit takes effect at the next wake', async () => {
    const { limits, scheduler, enqueue, timers, running, get } = await started()
    limits.set(1, slots(5, 5))
    limits.set(2, slots(2, 1))
    await enqueue(1, 2, 3, 4, 5, 6)
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 2])
    get(2).end()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 3])
    limits.set(2, slots(4, 1))
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 3, 4, 5])
  })

  test('that wait for room are not asked for all the time', async () => {
    const { limits, scheduler, enqueue, timers, claims } = await started()
    limits.set(1, slots(1, 1))
    await enqueue(1, 2)
    scheduler.wake()
    await timers.settle()
    const before = claims()
    await timers.advance(15_000)
    expect(claims()).toBe(before)
  })

  test('200 go through twenty slots', async () => {
    let most = 0
    let now = 0
    const { scheduler, enqueue, timers, ends, limits } = await started({
      run: async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now -= 1
        return 'done'
      },
    })
    limits.set(1, slots(20, 10))
    await enqueue(...Array.from({ length: 200 }, (_, i) => i))
    const begun = performance.now()
    scheduler.wake()
    while (ends.length < 200) await timers.settle()
    expect(performance.now() - begun).toBeLessThan(2000)
    expect(most).toBe(20)
    expect(new Set(ends.map(({ job }) => job.id)).size).toBe(200)
  })

  test('whose clock event comes are started by the tick', async () => {
    const asked: number[] = []
    const { timers, clock } = await started({
      tick: async (now) => {
        asked.push(now)
        return asked.length < 3 ? now + 10_000 : null
      },
    })
    const begun = clock.now()
    await timers.advance(60_000)
    expect(asked).toEqual([begun, begun + 10_000, begun + 20_000])
  })
})

describe('a spare connection', () => {
  test('is given when all who may run do, and its return lets another one run', async () => {
    const { limits, scheduler, enqueue, timers, running, get } = await started()
    for (const id of [1, 2]) limits.set(id, { ...slots(9, 9), connectionsMax: 4 })
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    const giveBack = await get(1).control.spare()
    expect(giveBack).not.toBeNull()
    await enqueue(2, 3, 4)
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 2, 3])
    giveBack?.()
    await timers.settle()
    expect(idsOf(running)).toEqual([1, 2, 3, 4])
    expect(await get(1).control.spare()).toBeNull()
  })

  test('is not given before those have theirs who were told of a moment ago', async () => {
    const { limits, scheduler, enqueue, timers, running, get } = await started()
    for (const id of [1, 2]) limits.set(id, { ...slots(9, 9), connectionsMax: 4 })
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    await enqueue(2)
    scheduler.wake()
    expect(idsOf(running)).toEqual([1])
    expect(await get(1).control.spare()).toBeNull()
    expect(idsOf(running)).toEqual([1, 2])
  })
})

describe('a failure', () => {
  test('comes back later, and is given up after so many attempts', async () => {
    const { scheduler, enqueue, timers, get, ends, running } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    get(1).fail(new Fault('connect.dropped', 'Gone'))
    await timers.settle()
    expect(idsOf(running)).toEqual([])
    await timers.advance(15_000)
    get(1).fail(new Fault('connect.dropped', 'Gone'))
    await timers.advance(30_000)
    get(1).fail(new Fault('connect.dropped', 'Gone'))
    await timers.settle()
    expect(ends.map(({ end }) => end.kind)).toEqual(['retry', 'retry', 'discard'])
  })

  test('that says never is given up at once', async () => {
    const { scheduler, enqueue, timers, get, ends } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    get(1).fail(new Fault('sign-in.refused', 'No'))
    await timers.settle()
    expect(ends.map(({ end }) => end.kind)).toEqual(['discard'])
  })

  test('of an endpoint holds all of its jobs, until one has reached it', async () => {
    const { scheduler, enqueue, timers, get, limits, running, ends } = await started()
    limits.set(1, slots(2, 2))
    limits.set(2, slots(9, 9))
    await enqueue(1, 2, 3)
    scheduler.wake()
    await timers.settle()
    for (const id of [1, 2]) get(id).fail(new Fault('connect.unreachable', 'Away', { side: 'source' }))
    await timers.settle()
    expect(idsOf(running)).toEqual([])
    await timers.advance(5_000)
    expect(running.size).toBe(1)
    const [probe] = running.values()
    probe?.control.reached(1)
    await timers.settle()
    expect(running.size).toBe(2)
    expect(ends.map(({ end }) => end.kind)).toEqual(['snooze', 'snooze'])
  })

  test('of an endpoint ends its hold in time, also while the store is looking what is due', async () => {
    const { scheduler, enqueue, timers, get, limits, running, slowDown } = await started()
    for (const id of [1, 2]) limits.set(id, slots(2, 2))
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    get(1).fail(new Fault('connect.unreachable', 'Away', { side: 'source' }))
    await timers.settle()
    await timers.advance(4_990)
    slowDown(20)
    scheduler.wake()
    await timers.settle()
    slowDown(0)
    await timers.advance(1_000)
    expect(idsOf(running)).toEqual([1])
  })

  test('of an endpoint does not hold jobs of others', async () => {
    const { scheduler, stores, enqueue, timers, get, limits, running, clock } = await started()
    for (const id of [1, 2, 3]) limits.set(id, slots(2, 2))
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    get(1).fail(new Fault('connect.unreachable', 'Away', { side: 'source' }))
    await timers.settle()
    const other = newJob({ kind: 'sync-user', userId: 7, pass: 'initial' }, clock.now())
    await stores.jobs.enqueue([{ ...other, sourceEndpointId: 3 }])
    scheduler.wake()
    await timers.settle()
    expect(idsOf(running)).toEqual([7])
  })

  test('of an endpoint fails its users when it was waited for long enough', async () => {
    const { scheduler, enqueue, timers, limits, ends } = await started({
      endpointPatienceMs: 60_000,
      run: async () => {
        throw new Fault('connect.unreachable', 'Away', { side: 'target' })
      },
    })
    for (const id of [1, 2]) limits.set(id, slots(2, 2))
    await enqueue(1, 2, 3, 4)
    scheduler.wake()
    await timers.advance(5 * 60_000)
    expect(ends.filter(({ end }) => end.kind === 'discard').length).toBe(4)
    expect(ends.length).toBeLessThan(20)
  })

  test('of our own is told, and tried again', async () => {
    const { scheduler, enqueue, timers, get, ends, errors } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    get(1).fail(new TypeError('Oops'))
    await timers.settle()
    expect(errors.map(String)).toEqual(['TypeError: Oops'])
    expect(ends.map(({ end }) => end.kind)).toEqual(['retry'])
  })
})

describe('a lease', () => {
  test('is renewed as long as the job runs', async () => {
    const { scheduler, enqueue, timers, get, clock } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.advance(10 * leaseMs)
    expect(get(1).control.mayCommit()).toBe(true)
    clock.advance(leaseMs)
    expect(get(1).control.mayCommit()).toBe(false)
  })

  test.each([
    ['the wall clock', (clock: ReturnType<typeof handClock>) => clock.set(clock.now() + leaseMs)],
    [
      'elapsed time',
      (clock: ReturnType<typeof handClock>) => {
        const now = clock.now()
        clock.advance(leaseMs)
        clock.set(now)
      },
    ],
  ])('has ended when %s alone says so', async (_, move) => {
    const { scheduler, enqueue, timers, get, clock } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    expect(get(1).control.mayCommit()).toBe(true)
    move(clock)
    expect(get(1).control.mayCommit()).toBe(false)
  })

  test('that was slept through drops the job, which is claimed anew with another token', async () => {
    const { scheduler, enqueue, timers, get, ends } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    const before = get(1)
    await timers.suspend(leaseMs + 30_000)
    await timers.settle()
    expect(before.control.signal.reason).toMatchObject({ code: 'lease.lost' })
    expect(before.control.mayCommit()).toBe(false)
    expect(get(1).job.token).toBe(before.job.token + 1)
    expect(get(1).control.mayCommit()).toBe(true)
    expect(ends).toEqual([])
  })

  test('that another worker took ends the job, and nothing is written', async () => {
    const { scheduler, enqueue, timers, get, ends, stores } = await started()
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    const { control } = get(1)
    await stores.steal(control.fence)
    await timers.advance(leaseMs / 3)
    expect(control.signal.reason).toMatchObject({ code: 'lease.lost' })
    expect(ends).toEqual([])
  })

  test('of a process that died is void at the start', async () => {
    const { scheduler, stores, timers, running, enqueue } = world()
    await enqueue(1)
    await stores.jobs.claim({
      now: Number.MAX_SAFE_INTEGER,
      leaseMs,
      limit: 1,
      fullForInitial: [],
      fullForIncremental: [],
    })
    await scheduler.start()
    await timers.settle()
    expect(idsOf(running)).toEqual([1])
  })
})

describe('a store that cannot be written', () => {
  test('gets no claims until it can, and the end of a job waits for it', async () => {
    let isFull = false
    const { scheduler, enqueue, timers, get, stores, ends, running, limits } = await started({
      tryStore: async () => {
        if (isFull) throw new Fault('store.full', 'Full')
      },
    })
    limits.set(1, slots(1, 1))
    await enqueue(1, 2)
    scheduler.wake()
    await timers.settle()
    isFull = true
    stores.failWrite({ at: 1, times: 2 })
    get(1).end()
    await timers.settle()
    expect(scheduler.storeFault?.scope).toBe('store')
    await timers.advance(2_000)
    expect(ends).toEqual([])
    await timers.advance(2_000)
    expect(ends.map(({ end }) => end.kind)).toEqual(['succeed'])
    expect(idsOf(running)).toEqual([])
    isFull = false
    await timers.advance(2_000)
    expect(scheduler.storeFault).toBeNull()
    expect(idsOf(running)).toEqual([2])
  })
})

describe('a halt', () => {
  test('ends the jobs of its users as cancelled, and no others', async () => {
    const { scheduler, enqueue, timers, running, ends } = await started()
    await enqueue(1, 2, 3)
    scheduler.wake()
    await timers.settle()
    scheduler.halt([1, 3])
    await timers.settle()
    expect(idsOf(running)).toEqual([2])
    expect(ends.map(({ end }) => end.kind)).toEqual(['cancel', 'cancel'])
  })
})

describe('a stop', () => {
  test('takes nothing new, puts back what runs as it was, and then returns', async () => {
    const { scheduler, enqueue, timers, ends, stores, limits, running } = await started()
    limits.set(1, slots(2, 2))
    const jobs = await enqueue(1, 2, 3)
    scheduler.wake()
    await timers.settle()
    await scheduler.stop()
    expect(ends.map(({ end }) => end.kind)).toEqual(['snooze', 'snooze'])
    expect(running.size).toBe(0)
    const after = await Promise.all(jobs.map(({ id }) => stores.jobs.get(id)))
    expect(after.map((job) => [job?.status, job?.attempts])).toEqual([
      ['queued', 0],
      ['queued', 0],
      ['queued', 0],
    ])
    expect(timers.waiting).toEqual([])
  })

  test('before the start is through is one for good', async () => {
    const { scheduler, enqueue, timers, running } = world()
    await enqueue(1)
    const begun = scheduler.start()
    await scheduler.stop()
    await begun
    await timers.settle()
    expect([running.size, timers.waiting]).toEqual([0, []])
  })

  test('does not wait for ever, and whoever did not end may commit nothing any more', async () => {
    const controls: JobControl[] = []
    const { scheduler, enqueue, timers } = await started({
      drainMs: 10_000,
      run: (_, control) => {
        controls.push(control)
        return new Promise(() => undefined)
      },
    })
    await enqueue(1)
    scheduler.wake()
    await timers.settle()
    const stopped = scheduler.stop()
    await timers.advance(9_000)
    expect(controls[0]?.mayCommit()).toBe(true)
    await timers.advance(1_000)
    await stopped
    expect(controls[0]?.mayCommit()).toBe(false)
  })
})
