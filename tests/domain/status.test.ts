import { describe, expect, test } from 'bun:test'
import type { UserCounts } from '../../src/domain/batch.ts'
import {
  allowedActions,
  type BatchEvent,
  type BatchStatus,
  batchStatuses,
  batchStatusWords,
  nextBatchStatus,
  settledEvent,
} from '../../src/domain/status.ts'

// The drawing of the states, cell by cell; what is not drawn is refused.
const columns = {
  schedule: ['schedule'],
  start: ['start', 'startDue'],
  retry: ['retry'],
  addUsers: ['addUsers'],
  sync: ['syncNow', 'passDue'],
  settled: ['settled'],
  withErrors: ['settledWithErrors'],
  approval: ['needsApproval'],
  failed: ['failed'],
  complete: ['complete', 'completeDue'],
  approve: ['approve'],
  stop: ['stop'],
  drained: ['drained'],
  remove: ['remove'],
  force: ['forceRemove'],
} satisfies Record<string, readonly BatchEvent[]>

const removal = { remove: 'removing', force: 'removing' } as const
const forced = { force: 'removing' } as const

const drawing: Record<BatchStatus, Partial<Record<keyof typeof columns, BatchStatus>>> = {
  created: { schedule: 'waiting', start: 'syncing', addUsers: 'created', ...removal },
  waiting: { schedule: 'waiting', start: 'syncing', addUsers: 'waiting', stop: 'stopped', ...removal },
  syncing: {
    settled: 'synced',
    withErrors: 'syncedWithErrors',
    failed: 'failed',
    addUsers: 'syncing',
    stop: 'stopping',
    ...forced,
  },
  synced: { sync: 'incrementalSyncing', addUsers: 'syncing', complete: 'completing', stop: 'stopped', ...removal },
  syncedWithErrors: {
    retry: 'syncing',
    addUsers: 'syncing',
    sync: 'incrementalSyncing',
    complete: 'completing',
    stop: 'stopped',
    ...removal,
  },
  incrementalSyncing: {
    settled: 'synced',
    withErrors: 'syncedWithErrors',
    failed: 'failed',
    addUsers: 'syncing',
    complete: 'completing',
    stop: 'stopping',
    ...forced,
  },
  completing: {
    settled: 'completed',
    withErrors: 'completedWithErrors',
    approval: 'needsApproval',
    failed: 'failed',
    stop: 'stopping',
    ...forced,
  },
  needsApproval: { approve: 'completing', stop: 'stopped', ...removal },
  completed: removal,
  completedWithErrors: { retry: 'completing', ...removal },
  stopping: { drained: 'stopped', ...forced },
  stopped: { start: 'syncing', retry: 'syncing', addUsers: 'stopped', complete: 'completing', ...removal },
  failed: { start: 'syncing', retry: 'syncing', addUsers: 'failed', ...removal },
  removing: {},
}

describe('every cell of the batch table', () => {
  const cells = batchStatuses.flatMap((status) =>
    Object.entries(columns).flatMap(([column, events]) =>
      events.map((event) => [status, event, drawing[status][column as keyof typeof columns] ?? null] as const),
    ),
  )
  test.each(cells)('%s + %s = %s', (status, event, expected) => {
    expect(nextBatchStatus(status, event)).toBe(expected)
  })

  test('are 14 statuses by 18 events', () => {
    expect(cells.length).toBe(14 * 18)
  })
})

test('an action is allowed exactly where its cell is filled', () => {
  expect(allowedActions('created')).toEqual(['start', 'remove'])
  expect(allowedActions('syncing')).toEqual(['stop'])
  expect(allowedActions('syncedWithErrors')).toEqual(['stop', 'retry', 'syncNow', 'complete', 'remove'])
  expect(allowedActions('removing')).toEqual([])
})

test('every status has words for a sentence', () => {
  expect(batchStatuses.filter((status) => batchStatusWords[status] === '')).toEqual([])
})

describe('counters settle a batch', () => {
  const counts = (changes: Partial<UserCounts>): UserCounts => {
    const all = { pending: 0, active: 0, synced: 0, completed: 0, failed: 0, stopped: 0, ...changes }
    return { ...all, total: Object.values(all).reduce((sum, count) => sum + count, 0) }
  }
  test.each([
    ['syncing', counts({ active: 1, synced: 9 }), null],
    ['syncing', counts({ synced: 10 }), 'settled'],
    ['syncing', counts({ synced: 9, failed: 1 }), 'settledWithErrors'],
    ['syncing', counts({ synced: 9, stopped: 1 }), 'settledWithErrors'],
    ['syncing', counts({ failed: 10 }), 'failed'],
    ['incrementalSyncing', counts({ synced: 10 }), 'settled'],
    ['completing', counts({ completed: 10 }), 'settled'],
    ['completing', counts({ completed: 9, failed: 1 }), 'settledWithErrors'],
    ['completing', counts({ failed: 1 }), 'failed'],
    ['completing', counts({ completed: 8, synced: 1, failed: 1 }), 'needsApproval'],
    ['stopping', counts({ active: 1, stopped: 1 }), null],
    ['stopping', counts({ stopped: 1, failed: 1 }), 'drained'],
    ['synced', counts({ synced: 1 }), null],
    ['created', counts({ pending: 1 }), null],
  ] as const)('%s with %o: %s', (status, users, expected) => {
    expect(settledEvent(status, users)).toBe(expected)
  })
})
