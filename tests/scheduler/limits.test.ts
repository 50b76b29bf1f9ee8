import { describe, expect, test } from 'bun:test'
import type { Job, JobSpec } from '../../src/domain/job.ts'
import { createLimits, type SlotLimits } from '../../src/scheduler/limits.ts'

let lastId = 0
const job = (
  sourceEndpointId: number,
  targetEndpointId: number,
  pass: 'initial' | 'incremental' | 'final' = 'initial',
): Job => {
  lastId += 1
  const spec: JobSpec = { kind: 'sync-user', userId: lastId, pass }
  const rest = { status: 'running', priority: 0, attempts: 0, runAt: 0, token: 1, leaseUntil: 0, lock: null } as const
  return { ...rest, id: lastId, spec, sourceEndpointId, targetEndpointId }
}
const limitsOf = (all: Record<number, readonly [number, number, number?]>): ReadonlyMap<number, SlotLimits> =>
  new Map(
    Object.entries(all).map(([id, [concurrentMigrationsMax, concurrentIncrementalSyncsMax, connectionsMax = 40]]) => [
      Number(id),
      { concurrentMigrationsMax, concurrentIncrementalSyncsMax, connectionsMax },
    ]),
  )
const patienceMs = 60_000

describe('slots', () => {
  test('are claimed at most as many as the smallest open room has', () => {
    const limits = createLimits(patienceMs)
    expect(limits.room(limitsOf({ 1: [20, 10], 2: [4, 7] }), 0)).toEqual({
      limit: 4,
      fullForInitial: [],
      fullForIncremental: [],
    })
  })

  test('are counted at both endpoints, by kind of pass; a final pass is a migration', () => {
    const limits = createLimits(patienceMs)
    for (const taken of [job(1, 2), job(1, 3, 'final'), job(1, 2, 'incremental')]) limits.take(taken)
    expect(limits.room(limitsOf({ 1: [2, 2], 2: [2, 1], 3: [9, 9] }), 0)).toEqual({
      limit: 1,
      fullForInitial: [1],
      fullForIncremental: [2],
    })
  })

  test('are given back', () => {
    const limits = createLimits(patienceMs)
    const taken = job(1, 2)
    limits.take(taken)
    expect(limits.room(limitsOf({ 1: [1, 1], 2: [1, 1] }), 0).fullForInitial).toEqual([1, 2])
    limits.give(taken)
    expect(limits.room(limitsOf({ 1: [1, 1], 2: [1, 1] }), 0).fullForInitial).toEqual([])
  })

  test('are never more than connections, of both kinds together', () => {
    const limits = createLimits(patienceMs)
    for (const taken of [job(1, 2), job(1, 3, 'incremental'), job(4, 4)]) limits.take(taken)
    expect(limits.room(limitsOf({ 1: [9, 9, 2], 2: [9, 9, 4], 4: [9, 9, 2] }), 0)).toEqual({
      limit: 3,
      fullForInitial: [1, 4],
      fullForIncremental: [1, 4],
    })
  })

  test('that became fewer are not below none', () => {
    const limits = createLimits(patienceMs)
    for (let i = 0; i < 3; i += 1) limits.take(job(1, 2))
    expect(limits.room(limitsOf({ 1: [1, 5], 2: [9, 9] }), 0)).toMatchObject({ limit: 5, fullForInitial: [1] })
  })

  test('are claimed in bounded numbers where nobody limits them', () => {
    const { limit } = createLimits(patienceMs).room(limitsOf({}), 0)
    expect(limit).toBeGreaterThan(0)
    expect(limit).toBeLessThan(1000)
  })
})

describe('connections to spare', () => {
  const some = limitsOf({ 1: [20, 20, 9], 2: [20, 20, 9] })

  test('are given while twice as many are left as mailboxes are under way, and taken back', () => {
    const limits = createLimits(patienceMs)
    const [first, second] = [job(1, 2), job(1, 2)]
    limits.take(first)
    limits.take(second)
    const given = Array.from({ length: 6 }, () => limits.spare(first, some))
    expect(given.map((giveBack) => giveBack !== null)).toEqual([true, true, true, true, true, false])
    given[0]?.()
    expect(limits.spare(second, some)).not.toBeNull()
    expect(limits.spare(second, some)).toBeNull()
  })

  test('are none where as many mailboxes are under way as an endpoint takes by default', () => {
    const limits = createLimits(patienceMs)
    const jobs = Array.from({ length: 20 }, () => job(1, 2))
    for (const one of jobs) limits.take(one)
    expect(limits.spare(jobs[0]!, limitsOf({ 1: [20, 10], 2: [20, 10] }))).toBeNull()
  })

  test('are two at an endpoint that is source and target in one', () => {
    const limits = createLimits(patienceMs)
    const taken = job(1, 1)
    limits.take(taken)
    expect(limits.spare(taken, limitsOf({ 1: [9, 9, 5] }))).toBeNull()
    expect(limits.spare(taken, limitsOf({ 1: [9, 9, 6] }))).not.toBeNull()
  })

  test('take the room of other jobs, and end with theirs at the latest', () => {
    const limits = createLimits(patienceMs)
    const taken = job(1, 2)
    limits.take(taken)
    for (let n = 0; n < 7; n += 1) limits.spare(taken, some)
    expect(limits.room(some, 0).limit).toBe(1)
    limits.give(taken)
    expect(limits.room(some, 0).limit).toBe(9)
    expect(limits.spare(taken, some)).toBeNull()
  })

  test('are none at an endpoint that is held, nor at one that is not known', () => {
    const limits = createLimits(patienceMs)
    const [held, unknown] = [job(1, 2), job(3, 2)]
    for (const taken of [held, unknown]) limits.take(taken)
    limits.hold(1, 0, 1, null)
    expect(limits.spare(held, some)).toBeNull()
    expect(limits.spare(unknown, some)).toBeNull()
  })
})

describe('a held endpoint', () => {
  const open = limitsOf({ 1: [5, 5], 2: [5, 5] })

  test('gets nobody, then one who looks, then all', () => {
    const limits = createLimits(patienceMs)
    limits.hold(1, 0, 1, null)
    expect(limits.room(open, 0)).toEqual({ limit: 5, fullForInitial: [1], fullForIncremental: [1] })
    const tryAt = limits.nextTryAt(0) ?? 0
    expect(tryAt).toBe(5000)
    expect(limits.room(open, tryAt)).toMatchObject({ limit: 1, fullForInitial: [] })
    limits.take(job(1, 2))
    expect(limits.room(open, tryAt)).toMatchObject({ fullForInitial: [1], fullForIncremental: [1] })
    limits.release(1)
    expect(limits.room(open, tryAt)).toMatchObject({ limit: 4, fullForInitial: [], fullForIncremental: [] })
  })

  test('is tried again by another when the first who looked ended without an answer', () => {
    const limits = createLimits(patienceMs)
    limits.hold(1, 0, 1, null)
    const probe = job(1, 2)
    limits.take(probe)
    limits.give(probe)
    expect(limits.room(open, 5000)).toMatchObject({ limit: 1, fullForInitial: [] })
  })

  test('waits longer each time, and jobs that failed together count once', () => {
    const limits = createLimits(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 20; i += 1) limits.hold(1, 0, 1, null)
    expect(limits.nextTryAt(0)).toBe(5000)
    limits.hold(1, 5000, 1, null)
    expect(limits.nextTryAt(5000)).toBe(15_000)
    for (let now = 15_000, i = 0; i < 20; i += 1, now = limits.nextTryAt(now) ?? now) limits.hold(1, now, 1, null)
    const last = 1e9
    limits.hold(1, last, 1, null)
    expect(limits.nextTryAt(last)).toBe(last + 5 * 60_000)
  })

  test('waits as long as the server asked', () => {
    const limits = createLimits(patienceMs)
    limits.hold(1, 0, 1, 45_000)
    expect(limits.nextTryAt(0)).toBe(45_000)
  })

  test('is given up after the patience: all may go, and fail', () => {
    const limits = createLimits(patienceMs)
    expect(limits.hold(1, 0, 1, null)).toBe(false)
    expect(limits.hold(1, patienceMs, 1, null)).toBe(true)
    expect(limits.room(open, patienceMs)).toMatchObject({ limit: 5, fullForInitial: [] })
    limits.release(1)
    expect(limits.hold(1, patienceMs + 1, 1, null)).toBe(false)
  })
})

describe('an endpoint that is asked too much', () => {
  test('gets fewer jobs of all kinds together, and no further connections, until it bears what is set', () => {
    const limits = createLimits(patienceMs)
    const running = Array.from({ length: 6 }, (_, n) => job(1, 2, n % 2 ? 'incremental' : 'initial'))
    for (const each of running) limits.take(each)
    limits.ease(2, 0)
    const set = limitsOf({ 1: [4, 4], 2: [4, 4] })
    expect(limits.room(set, 0)).toMatchObject({ fullForInitial: [2], fullForIncremental: [2] })
    for (const each of running.slice(2)) limits.give(each)
    // Three are borne, two run.
    expect(limits.room(set, 0).limit).toBe(1)
    expect(limits.spare(running[0] as Job, set)).toBeNull()
    expect(limits.standing(0).get(2)).toEqual({ allowed: 3, heldForMs: null })
    expect(limits.nextTryAt(1)).toBe(60_000)
    expect(limits.room(set, 5 * 60_000).limit).toBe(3)
    expect(limits.standing(5 * 60_000).size).toBe(0)
  })
})
