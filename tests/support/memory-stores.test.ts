import { describe, expect, test } from 'bun:test'
import { intent, ledgerOf, pair, record } from '../db/sync-suite.ts'
import { errorOf } from './error-of.ts'
import { createMemoryStores } from './memory-stores.ts'

async function withFolder() {
  const stores = createMemoryStores()
  const fence = await stores.holdJob()
  const [state] = await stores.sync.intend(fence, pair, [intent('INBOX')])
  const folderId = state?.id ?? 0
  const settle = (uid: number) => stores.sync.settle(fence, [{ folderId, records: [record(uid)], issues: [] }])
  const uids = async () => (await ledgerOf(stores.sync, folderId)).map(({ sourceUid }) => sourceUid)
  return { ...stores, fence, settle, uids }
}

describe('stores in memory', () => {
  test('fail at the n-th write, without effect, then go on', async () => {
    const { failWrite, settle, uids, writes } = await withFolder()
    const before = writes()
    failWrite({ at: 2, times: 2 })
    await settle(1)
    expect(await errorOf(settle(2))).toMatchObject({ code: 'store.full' })
    expect(await errorOf(settle(3))).toMatchObject({ code: 'store.full' })
    await settle(4)
    expect(await uids()).toEqual([1, 4])
    expect(writes() - before).toBe(4)
  })

  test('fail after a write took effect, as when its answer is not heard', async () => {
    const { failWrite, settle, uids } = await withFolder()
    const death = new Error('dead')
    failWrite({ at: 1, when: 'after', error: death })
    expect(await errorOf(settle(1))).toBe(death)
    expect(await uids()).toEqual([1])
  })

  test('give a fence that is stale once the job was stolen', async () => {
    const { fence, steal, settle, jobs, uids } = await withFolder()
    const thief = await steal(fence)
    expect(await errorOf(settle(1))).toMatchObject({ code: 'lease.lost' })
    expect(await uids()).toEqual([])
    await jobs.succeed(thief)
  })
})
