import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Fault } from '../../src/domain/fault.ts'
import { approveBatch, approveItem, approveUser, savedMessage, skippedItems } from '../../src/operations/approvals.ts'
import { changeBatch, completeBatch, retryBatch, showBatch, syncBatchNow } from '../../src/operations/batches.ts'
import { showUser, updateUser } from '../../src/operations/users.ts'
import { mail } from '../engine/harness.ts'
import { errorOf } from '../support/error-of.ts'
import { type TestApp, testApp } from '../support/test-app.ts'

// A real database on a machine that may be busy.
setDefaultTimeout(30_000)

const address = (user: string): string => `${user}@new.example`
const approval = { reason: 'Spam', by: 'test' }

/** Targets that refuse what has "bad" in its subject. */
async function world(users: readonly string[], changes: Parameters<TestApp['batch']>[1] = {}) {
  const at = await testApp()
  for (const user of users)
    at.target(user).traits = {
      ...at.target(user).traits,
      refuses: (bytes) =>
        Buffer.from(bytes).includes('Subject: bad') ? new Fault('append.refused', 'NO Not that one') : null,
    }
  return { at, begin: () => at.batch(users, { autoStart: true, ...changes }) }
}

const deliver = (at: TestApp, user: string, good: number, bad: number): void => {
  for (let n = 0; n < good; n += 1) at.source(user).deliver('INBOX', mail(`good ${n}`))
  for (let n = 0; n < bad; n += 1) at.source(user).deliver('INBOX', mail(`bad ${n}`))
}

describe('a completion', () => {
  test('waits for those who lost mail until somebody approves it, and for new losses once more', async () => {
    const { at, begin } = await world(['ann', 'bob'])
    await using _ = at
    const { context } = at.app
    deliver(at, 'ann', 20, 1)
    deliver(at, 'bob', 3, 0)
    const id = await begin()
    await at.until(id, 'synced')
    expect(await showBatch(context, id)).toMatchObject({ consistency: 'investigate' })
    expect(await showUser(context, address('bob'))).toMatchObject({ consistency: 'perfect', unapproved: 0 })

    await completeBatch(context, id)
    await at.until(id, 'needsApproval')
    expect(await showBatch(context, id)).toMatchObject({ counts: { completed: 1, synced: 1, failed: 0 } })
    expect(await showUser(context, address('ann'))).toMatchObject({ status: 'needsApproval', unapproved: 1 })
    const { items } = await skippedItems(context, id)
    expect(items).toMatchObject([{ subject: 'bad 0', kind: 'bad', approval: null, emailAddress: address('ann') }])

    expect(await errorOf(approveBatch(context, id, { reason: ' ', by: 'test' }))).toMatchObject({ code: 'invalid' })
    deliver(at, 'ann', 0, 1)
    expect(await approveBatch(context, id, approval)).toEqual({ items: 1, waitingUsers: 0 })
    // What came between the approval and the final pass was not approved.
    await at.until(id, 'needsApproval')
    expect(await showUser(context, address('ann'))).toMatchObject({ unapproved: 1 })
    expect(await approveBatch(context, id, approval)).toEqual({ items: 1, waitingUsers: 0 })
    await at.until(id, 'completed')
    expect((await skippedItems(context, id)).items.map((item) => item.approval?.reason)).toEqual(['Spam', 'Spam'])
  })

  test('of a user who lost too much wants each item approved', async () => {
    const { at, begin } = await world(['ann'])
    await using _ = at
    const { context } = at.app
    deliver(at, 'ann', 2, 6)
    const id = await begin()
    await at.until(id, 'synced')
    const ann = await showUser(context, address('ann'))
    expect(ann.consistency).toBe('poor')
    await completeBatch(context, id)
    await at.until(id, 'needsApproval')
    expect(await approveBatch(context, id, approval)).toEqual({ items: 0, waitingUsers: 1 })
    expect(await errorOf(approveUser(context, ann.id, approval))).toMatchObject({ code: 'needs-approval' })
    for (const { folderId, sourceUid } of (await skippedItems(context, id)).items)
      await approveItem(context, { userId: ann.id, folderId, sourceUid }, approval)
    await at.until(id, 'completed')
  })
})

describe('a limit of bad items', () => {
  test('fails the user at the item that exceeds it, and a raised one lets it go on', async () => {
    const { at, begin } = await world(['ann'], { settings: { badItemLimit: 1 } })
    await using _ = at
    const { context } = at.app
    deliver(at, 'ann', 4, 3)
    const id = await begin()
    await at.until(id, 'failed')
    const ann = await showUser(context, address('ann'))
    expect(ann).toMatchObject({ status: 'failed', error: { code: 'limit.bad-items' } })
    await updateUser(context, ann.id, { badItemLimit: 3 })
    await retryBatch(context, id)
    await at.until(id, 'synced')
    expect(await showUser(context, ann.id)).toMatchObject({
      progress: { counts: { copied: 4, skipped: 3, failed: 0 } },
    })
  })

  test('of zero allows none, and without one all may be left', async () => {
    const { at, begin } = await world(['ann'], { settings: { badItemLimit: 0 } })
    await using _ = at
    const { context } = at.app
    deliver(at, 'ann', 1, 1)
    const id = await begin()
    await at.until(id, 'failed')
    await changeBatch(context, id, { settings: { badItemLimit: null } })
    await retryBatch(context, id)
    await at.until(id, 'synced')
  })
})

test('what the target does not take is kept aside where that is asked for, to the byte, and goes with the batch', async () => {
  const { at, begin } = await world(['ann'], { settings: { savesSkippedItems: true } })
  await using _ = at
  const { context } = at.app
  deliver(at, 'ann', 2, 1)
  const id = await begin()
  await at.until(id, 'synced')
  const [item] = (await skippedItems(context, id)).items
  if (!item) throw new Error('Nothing was skipped')
  const content = await savedMessage(context, item.userId, item)
  expect(new TextDecoder().decode(content)).toBe(mail('bad 0'))
  expect(item.savedBytes).toBe(content.length)
  await syncBatchNow(context, id)
  await at.until(id, 'synced')
  expect((await skippedItems(context, id)).items).toHaveLength(1)
})
