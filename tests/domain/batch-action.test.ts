import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Batch } from '../../src/domain/batch.ts'
import {
  afterPlan,
  countUsers,
  moveCount,
  type PassPlan,
  plannedStatus,
  planPasses,
  planRetry,
  rollUp,
} from '../../src/domain/batch-action.ts'
import { defaultSettings } from '../../src/domain/batch-settings.ts'
import type { PassKind } from '../../src/domain/job.ts'
import { type BatchEvent, batchStatuses, nextBatchStatus } from '../../src/domain/status.ts'
import { nextUserStatus, passEvents, type UserStatus, userStatuses, userSummary } from '../../src/domain/user-status.ts'

const events: readonly BatchEvent[] = ['start', 'startDue', 'retry', 'syncNow', 'passDue', 'complete', 'completeDue']
const plans = batchStatuses.flatMap((status) =>
  events.flatMap((event) => {
    const to = nextBatchStatus(status, event)
    return to === null ? [] : [[status, event, planPasses(event, to)] as const]
  }),
)

describe.each(plans)('from %s by %s', (_, __, plan) => {
  const entries = Object.entries(plan) as [UserStatus, PassKind][]

  test('every planned pass is one that the status takes', () => {
    expect(entries.length).toBeGreaterThan(0)
    for (const [status, pass] of entries) expect(nextUserStatus(status, passEvents[pass].asked)).not.toBeNull()
  })

  test('nobody is moved twice', () => {
    for (const [status] of entries) expect(Object.keys(plan)).not.toContain(plannedStatus(status, plan))
  })
})

test('completing leaves those aside who failed', () => {
  const plan = planPasses('complete', 'completing')
  expect(Object.keys(plan).filter((status) => userSummary[status as UserStatus] === 'failed')).toEqual([])
})

test('a retry takes failed users only, to the final pass where the batch completes', () => {
  expect(planPasses('retry', 'syncing')).toEqual({
    failed: 'initial',
    incrementalFailed: 'incremental',
    completionFailed: 'incremental',
  })
  expect(new Set(Object.values(planPasses('retry', 'completing')))).toEqual(new Set(['final']))
})

test.each([
  ['failed', 'syncing', 'initial'],
  ['stopped', 'syncing', 'initial'],
  ['incrementalFailed', 'syncing', 'incremental'],
  ['completionFailed', 'completing', 'final'],
  ['incrementalStopped', 'completing', 'final'],
  ['synced', 'syncing', null],
  ['completed', 'completing', null],
  ['syncing', 'syncing', null],
] as const)('one user, %s, is retried in a batch that is %s by %s', (user, to, pass) => {
  expect(planRetry(user, to)).toBe(pass)
  if (pass) expect(nextUserStatus(user, passEvents[pass].asked)).not.toBeNull()
})

const usersByStatus = fc
  .dictionary(fc.constantFrom(...userStatuses), fc.nat(50))
  .map((all) => new Map(Object.entries(all) as [UserStatus, number][]))
const anyPlan = fc.constantFrom<PassPlan[]>(...plans.map(([, , plan]) => plan))

test('no plan loses or makes a user', () => {
  fc.assert(
    fc.property(usersByStatus, anyPlan, (users, plan) => {
      const after = countUsers(afterPlan(users, plan))
      expect(after.total).toBe(countUsers(users).total)
      const { total, ...parts } = after
      expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(total)
    }),
  )
})

test('a counter that follows one user equals one derived anew', () => {
  const status = fc.constantFrom(...userStatuses)
  fc.assert(
    fc.property(usersByStatus, status, status, (users, from, to) => {
      const before = new Map(users).set(from, (users.get(from) ?? 0) + 1)
      const after = new Map(users).set(to, (users.get(to) ?? 0) + 1)
      expect(moveCount(countUsers(before), from, to)).toEqual(countUsers(after))
    }),
  )
})

describe('a batch rolls up', () => {
  const batch = {
    status: 'syncing',
    incrementalEveryMs: 1000,
    initialSyncedAt: null,
    completeAfter: null,
    settings: defaultSettings,
  } as Batch
  const counts = (users: Partial<Record<UserStatus, number>>) =>
    countUsers(new Map(Object.entries(users) as [UserStatus, number][]))

  test('not before its last user', () => {
    expect(rollUp(batch, counts({ synced: 1, syncing: 1 }), 5, 0)).toEqual({
      status: 'syncing',
      counts: counts({ synced: 1, syncing: 1 }),
    })
  })

  test('to synced, with its times and the next pass', () => {
    expect(rollUp(batch, counts({ synced: 2 }), 5000, 0)).toMatchObject({
      status: 'synced',
      initialSyncedAt: 5000,
      lastSyncedAt: 5000,
      nextPassAt: 6000,
    })
  })

  test('to synced again, and the first time stays', () => {
    const again = { ...batch, status: 'incrementalSyncing', initialSyncedAt: 7 } as Batch
    expect(rollUp(again, counts({ synced: 2 }), 9, 0)).toMatchObject({ initialSyncedAt: 7, lastSyncedAt: 9 })
  })

  test('to completed, and no pass follows', () => {
    const completing = { ...batch, status: 'completing' } as Batch
    expect(rollUp(completing, counts({ completed: 2 }), 9, 0)).toMatchObject({
      status: 'completed',
      completedAt: 9,
      nextPassAt: null,
    })
  })

  test('to stopped where nobody wants further passes, unless the clock will complete it', () => {
    const settings = { ...defaultSettings, allowsIncrementalSyncs: false }
    const synced = counts({ synced: 2 })
    const rested = rollUp({ ...batch, settings }, synced, 9, 0)
    expect(rested).toMatchObject({ status: 'stopped', initialSyncedAt: 9, nextPassAt: null })
    const awaited = rollUp({ ...batch, settings, completeAfter: 99 }, synced, 9, 0)
    expect(awaited).toMatchObject({ status: 'synced', nextPassAt: null })
  })

  test('to completed where each user was completed at the end of its initial sync', () => {
    const settings = { ...defaultSettings, autoComplete: true }
    const own = { ...batch, settings }
    expect(rollUp(own, counts({ completed: 1, completing: 1 }), 9, 0).status).toBe('syncing')
    expect(rollUp(own, counts({ completed: 2 }), 9, 0)).toMatchObject({ status: 'completed', completedAt: 9 })
    expect(rollUp(own, counts({ completed: 1, failed: 1 }), 9, 0).status).toBe('completedWithErrors')
    expect(rollUp(own, counts({ completed: 1, needsApproval: 1 }), 9, 0).status).toBe('synced')
  })

  test('to failed without being called synced', () => {
    const failed = rollUp(batch, counts({ failed: 2 }), 9, 0)
    expect(failed).toMatchObject({ status: 'failed', nextPassAt: null })
    expect(failed).not.toHaveProperty('lastSyncedAt')
  })
})
