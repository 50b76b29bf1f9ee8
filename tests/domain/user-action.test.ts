import { expect, test } from 'bun:test'
import { batchStatuses } from '../../src/domain/status.ts'
import { planUser, type UserAction } from '../../src/domain/user-action.ts'
import { nextUserStatus, passEvents, userStatuses } from '../../src/domain/user-status.ts'

const actions: readonly UserAction[] = ['start', 'syncNow', 'complete']

test('whatever is planned is a pass that the status of the user takes, in a batch that is then under way', () => {
  let planned = 0
  for (const action of actions)
    for (const user of userStatuses)
      for (const batch of batchStatuses) {
        const plan = planUser(action, user, batch)
        if (!plan) continue
        planned += 1
        expect(nextUserStatus(user, passEvents[plan.pass].asked)).not.toBeNull()
        expect(['syncing', 'incrementalSyncing', 'completing']).toContain(plan.batch)
      }
  expect(planned).toBeGreaterThan(50)
})

test.each([
  ['start', 'failed', 'syncedWithErrors', { pass: 'initial', batch: 'syncing' }],
  ['start', 'incrementalStopped', 'stopped', { pass: 'incremental', batch: 'syncing' }],
  ['start', 'completionFailed', 'completedWithErrors', { pass: 'final', batch: 'completing' }],
  ['start', 'created', 'syncing', { pass: 'initial', batch: 'syncing' }],
  ['start', 'created', 'created', null],
  ['start', 'synced', 'synced', null],
  ['syncNow', 'synced', 'synced', { pass: 'incremental', batch: 'incrementalSyncing' }],
  ['syncNow', 'synced', 'syncing', { pass: 'incremental', batch: 'syncing' }],
  ['syncNow', 'synced', 'completing', null],
  ['syncNow', 'failed', 'syncedWithErrors', null],
  ['complete', 'synced', 'synced', { pass: 'final', batch: 'incrementalSyncing' }],
  ['complete', 'synced', 'syncing', { pass: 'final', batch: 'syncing' }],
  ['complete', 'failed', 'syncedWithErrors', null],
  ['complete', 'synced', 'stopped', null],
  ['complete', 'completed', 'synced', null],
] as const)('%s of a user that is %s in a batch that is %s', (action, user, batch, plan) =>
  expect(planUser(action, user, batch)).toEqual(plan),
)
