import { describe, expect, test } from 'bun:test'
import type { PassKind } from '../../src/domain/job.ts'
import {
  awaits,
  firstUserMove,
  nextUserStatus,
  passEvents,
  type UserEvent,
  type UserStatus,
  userStatuses,
  userSummary,
  userTable,
} from '../../src/domain/user-status.ts'

const passes: readonly PassKind[] = ['initial', 'incremental', 'final']

describe('a pass takes its user', () => {
  test.each([
    ['initial', 'created', 'queued', 'syncing', 'synced', 'failed', 'stopped'],
    [
      'incremental',
      'synced',
      'incrementalSyncing',
      'incrementalSyncing',
      'synced',
      'incrementalFailed',
      'incrementalStopped',
    ],
    ['final', 'synced', 'completing', 'completing', 'completed', 'completionFailed', 'incrementalStopped'],
  ] as const)('%s: from %s by %s and %s to %s, %s or %s', (pass, from, asked, running, ended, failed, stopped) => {
    const events = passEvents[pass]
    expect(nextUserStatus(from, events.asked)).toBe(asked)
    expect(awaits(asked, pass)).toBe(true)
    expect(nextUserStatus(asked, 'begin')).toBe(running)
    expect(nextUserStatus(running, events.ended)).toBe(ended)
    expect(nextUserStatus(running, events.failed)).toBe(failed)
    expect(nextUserStatus(running, events.stopped)).toBe(stopped)
    expect(nextUserStatus(running, 'wait')).toBe(asked)
    expect(nextUserStatus(running, 'stop')).toBe('stopping')
  })
})

test('whoever is stopping ends as their pass ends', () => {
  for (const pass of passes) {
    const { ended, failed, stopped } = passEvents[pass]
    for (const event of [ended, failed, stopped]) expect(nextUserStatus('stopping', event)).not.toBeNull()
  }
})

test('a user awaits at most one kind of pass', () => {
  for (const status of userStatuses) {
    expect(passes.filter((pass) => awaits(status, pass)).length).toBeLessThanOrEqual(1)
  }
})

test('who waits or runs is active, and nobody else', () => {
  const active = userStatuses.filter((status) => userSummary[status] === 'active')
  const running: UserStatus[] = [
    'queued',
    'validating',
    'provisioning',
    'syncing',
    'incrementalSyncing',
    'completing',
    'stopping',
  ]
  expect(active.toSorted()).toEqual(running.toSorted())
})

test('no event leads out of completed', () => {
  expect(userTable.completed).toEqual({})
})

test.each([
  ['queued', 'stopped'],
  ['syncing', 'stopped'],
  ['incrementalSyncing', 'incrementalStopped'],
  ['completing', 'incrementalStopped'],
  ['synced', null],
  ['failed', null],
] as const)('who is %s and does not run is stopped as %s', (from, to) => {
  const events: readonly UserEvent[] = ['stopped', 'incrementalStopped']
  expect(firstUserMove(from, events)).toBe(to)
})
