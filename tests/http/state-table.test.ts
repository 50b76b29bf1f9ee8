import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { batches } from '../../db/schema/batches.ts'
import { users } from '../../db/schema/users.ts'
import { type BatchEvent, type BatchStatus, batchStatuses, nextBatchStatus } from '../../src/domain/status.ts'
import type { UserStatus } from '../../src/domain/user-status.ts'
import { makeEndpoints, type TestHttp, testHttp } from '../support/http.ts'

setDefaultTimeout(60_000)

/** What an operator can ask of a batch by the API, and the column of the state table that it stands for. */
const requests: readonly (readonly [
  event: BatchEvent,
  ask: (api: TestHttp['api'], id: number) => Promise<Response>,
])[] = [
  ['schedule', (api, id) => api('PATCH', `/batches/${id}`, { startAfter: '2030-01-01T00:00Z' })],
  ['stop', (api, id) => api('DELETE', `/batches/${id}/sync`)],
  ['retry', (api, id) => api('POST', `/batches/${id}/retry`)],
  ['complete', (api, id) => api('POST', `/batches/${id}/completion`)],
  ['addUsers', (api, id) => api('POST', `/batches/${id}/users`, csv('eve@new.example,eve,s'))],
  ['remove', (api, id) => api('DELETE', `/batches/${id}`)],
  ['forceRemove', (api, id) => api('DELETE', `/batches/${id}?force=true`)],
]

const csv = (...rows: readonly string[]): FormData => {
  const form = new FormData()
  const text = ['EmailAddress,UserName,Password', ...rows].join('\n')
  form.set('csv', new Blob([text], { type: 'text/csv' }), 'users.csv')
  return form
}

/** Two users as they stand in a batch of that status: one that is as far as the batch, and one that failed. */
const standing: Record<BatchStatus, UserStatus> = {
  created: 'created',
  waiting: 'created',
  syncing: 'queued',
  synced: 'synced',
  syncedWithErrors: 'synced',
  incrementalSyncing: 'incrementalSyncing',
  completing: 'completing',
  needsApproval: 'needsApproval',
  completed: 'completed',
  completedWithErrors: 'completed',
  stopping: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
  removing: 'synced',
}

/** Where nobody of the batch is under way after it was asked for, it goes on at once to where its counters lead. */
const further: Partial<Record<`${BatchStatus} ${BatchEvent}`, BatchStatus>> = {
  'syncing stop': 'stopped',
  'incrementalSyncing stop': 'stopped',
  'completing stop': 'stopped',
}

async function batchIn(at: TestHttp, status: BatchStatus): Promise<number> {
  const form = csv('ann@new.example,ann,s', 'bob@new.example,bob,s')
  form.set('name', `${status} ${Math.random()}`)
  form.set('sourceEndpoint', 'old')
  const { id } = (await (await at.api('POST', '/batches', form)).json()) as { id: number }
  const { db } = at.context
  const failing: readonly BatchStatus[] = ['syncedWithErrors', 'completedWithErrors', 'failed', 'stopped']
  const counts = { total: 2, pending: 0, active: 0, synced: 0, completed: 0, failed: 1, stopped: 0 }
  await db.write([
    db.query
      .update(batches)
      .set({ status, ...(failing.includes(status) && counts) })
      .where(eq(batches.id, id)),
    db.query.update(users).set({ status: standing[status] }).where(eq(users.batchId, id)),
    ...(failing.includes(status)
      ? [db.query.update(users).set({ status: 'failed' }).where(eq(users.emailAddress, 'bob@new.example'))]
      : []),
  ])
  return id
}

describe('every request in every status', () => {
  test.each(requests)('%s', async (event, ask) => {
    await using at = await testHttp()
    await makeEndpoints(at)
    for (const status of batchStatuses) {
      const id = await batchIn(at, status)
      const answer = await ask(at.api, id)
      const shown = (await (await at.api('GET', `/batches/${id}`)).json()) as { status: string }
      const to = nextBatchStatus(status, event)
      const isRepeated = event === 'complete' && (status === 'completing' || status === 'completed')
      const expected = to === null ? status : (further[`${status} ${event}`] ?? to)
      const isTaken = answer.status < 300
      expect({ status, isTaken, shown: shown.status }).toEqual({
        status,
        isTaken: to !== null || isRepeated,
        shown: expected,
      })
      if (!isTaken)
        expect(await answer.json()).toMatchObject({
          status: expect.any(Number),
          detail: expect.stringMatching(/^Cannot /),
        })
    }
    expect(at.errors).toEqual([])
  })

  test('start, which brings over what is new once the first pass is over', async () => {
    await using at = await testHttp()
    await makeEndpoints(at)
    for (const status of batchStatuses) {
      const id = await batchIn(at, status)
      const answer = await at.api('POST', `/batches/${id}/sync`)
      const to = nextBatchStatus(status, 'syncNow') ?? nextBatchStatus(status, 'start')
      const shown = (await (await at.api('GET', `/batches/${id}`)).json()) as { status: string }
      expect({ status, code: answer.status, shown: shown.status }).toEqual({
        status,
        code: to === null ? 409 : 202,
        shown: to ?? status,
      })
    }
  })

  test('approve, which completes those who wait where a completion was asked for', async () => {
    await using at = await testHttp()
    await makeEndpoints(at)
    for (const status of batchStatuses) {
      const id = await batchIn(at, status)
      const answer = await at.api('POST', `/batches/${id}/approval`, { reason: 'Known' })
      const shown = (await (await at.api('GET', `/batches/${id}`)).json()) as { status: string }
      expect({ code: answer.status, shown: shown.status }).toEqual({
        code: 200,
        shown: nextBatchStatus(status, 'approve') ?? status,
      })
    }
  })
})
