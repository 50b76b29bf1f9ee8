import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { JobStore } from '../../src/domain/job.ts'
import type {
  Advance,
  Fence,
  FolderIdentity,
  FolderIntent,
  FolderState,
  ItemIssue,
  KnownRecord,
  LedgerRecord,
  PairKey,
  SyncStore,
  VanishedRecord,
} from '../../src/domain/sync-state.ts'
import { errorOf } from '../support/error-of.ts'
import { fenceOf, filter, newJob } from './job-suite.ts'

export interface OpenedStores extends AsyncDisposable {
  readonly jobs: JobStore
  readonly sync: SyncStore
}

export const pair: PairKey = { source: 'a.example:993/ann', target: 'b.example:993/ann' }

/** All records of a folder, ascending. */
export const ledgerOf = async (store: SyncStore, folderId: number): Promise<readonly KnownRecord[]> => [
  ...(await store.ledger(folderId)),
]

export const vanishedIn = async (store: SyncStore, of = pair): Promise<readonly VanishedRecord[]> =>
  (await Array.fromAsync(store.vanished(of))).flat()

export const identity = (name: string, uidValidity = 7): FolderIdentity => ({
  name,
  path: name.split('/'),
  uidValidity,
  uidNext: 100,
  id: null,
})

export const intent = (name: string, change: Partial<FolderIntent> = {}): FolderIntent => ({
  id: null,
  source: identity(name),
  target: identity(name, 9),
  dirtySince: { uidValidity: 9, uidNext: 50 },
  ...change,
})

export const advance = (change: Partial<Advance> = {}): Advance => ({
  cursor: { uidValidity: 7, uidDone: 99, modseq: 2n ** 62n },
  source: identity('INBOX'),
  target: identity('INBOX', 9),
  targetSeen: { messages: 3, uidNext: 53, uidValidity: 9, highestModseq: 12n },
  counts: { source: 3, copied: 1, adopted: 1, excluded: 0, removed: 0, skipped: 1, failed: 0, gone: 0 },
  sizeBytes: 2 ** 41,
  ...change,
})

export const record = (sourceUid: number, change: Partial<LedgerRecord> = {}): LedgerRecord => ({
  sourceUid,
  targetUid: sourceUid + 40,
  outcome: 'copied',
  isVanished: false,
  isRemoved: false,
  sizeBytes: 1000 + sourceUid,
  flags: ['\\Seen'],
  fingerprint: new Uint8Array(16).fill(sourceUid % 251),
  sha256: new Uint8Array(32).fill(sourceUid % 251),
  ...change,
})

export const known = (sourceUid: number, change: Partial<KnownRecord> = {}): KnownRecord => ({
  ...record(sourceUid, change),
  isConfirmed: change.isConfirmed ?? false,
})

export const issue = (sourceUid: number, change: Partial<ItemIssue> = {}): ItemIssue => ({
  folderPath: ['INBOX'],
  sourceUid,
  code: 'append.refused',
  detail: 'NO refused',
  subject: 'Grüße\u0000"\\\ud800',
  sender: 'ann@example.org',
  sentAt: 'Thu, 1 Jan 2026 00:00:00 +0000',
  messageId: '<1@example.org>',
  sizeBytes: 1000,
  ...change,
})

const skipped = { outcome: 'skipped', targetUid: null, sha256: null } as const

/** What the memory of the engine is: every implementation has to pass. */
export function syncSuite(name: string, open: () => Promise<OpenedStores>): void {
  describe(`the ledger in ${name}`, () => {
    let opened: OpenedStores
    let sync: SyncStore
    let fence: Fence
    beforeEach(async () => {
      opened = await open()
      sync = opened.sync
      fence = await holdJob()
    })
    afterEach(async () => await opened[Symbol.asyncDispose]())

    const holdJob = async (): Promise<Fence> => {
      await opened.jobs.enqueue([newJob({ priority: 9 })])
      const [job] = await opened.jobs.claim(filter({ limit: 1 }))
      if (!job) throw new Error('Cannot claim the job that was just queued')
      return fenceOf(job)
    }
    const intendOne = async (change: Partial<FolderIntent> = {}): Promise<FolderState> => {
      const [state] = await sync.intend(fence, pair, [intent('INBOX', change)])
      if (!state) throw new Error('Cannot find the state of an intent')
      return state
    }
    const settle = (folderId: number, records: readonly (LedgerRecord | KnownRecord)[], issues: ItemIssue[] = []) =>
      sync.settle(fence, [{ folderId, records, issues }])

    test('knows nothing of an unknown pair', async () => {
      expect(await sync.folders(pair)).toEqual([])
      expect(await vanishedIn(sync)).toEqual([])
      expect(await sync.issues(pair)).toEqual([])
      expect(await ledgerOf(sync, 1)).toEqual([])
    })

    test('writes the intents of a mailbox, and gives their states in order', async () => {
      const names = ['INBOX', 'Sent', 'Архив/2024\u0000', 'INBOX/&"\'']
      const states = await sync.intend(
        fence,
        pair,
        names.map((each) => intent(each)),
      )
      expect(states.map(({ source }) => source.name)).toEqual(names)
      expect(states[0]).toEqual({
        id: expect.any(Number),
        source: identity('INBOX'),
        target: identity('INBOX', 9),
        cursor: null,
        dirtySince: { uidValidity: 9, uidNext: 50 },
        targetSeen: null,
        suspect: null,
        counts: { source: 0, copied: 0, adopted: 0, excluded: 0, removed: 0, skipped: 0, failed: 0, gone: 0 },
        sizeBytes: 0,
        passes: 0,
        idlePasses: 0,
      })
      expect(await sync.folders(pair)).toEqual(states)
      expect(await sync.folders({ ...pair, target: 'c.example:993/ann' })).toEqual([])
    })

    test('intends known folders beside new ones, in the order given', async () => {
      const sent = (await sync.intend(fence, pair, [intent('Sent')]))[0] as FolderState
      const states = await sync.intend(fence, pair, [
        intent('New'),
        intent('Sent items', { id: sent.id, target: identity('Gesendet', 9) }),
        intent('Newer'),
      ])
      expect(states.map(({ source, target }) => [source.name, target.name])).toEqual([
        ['New', 'New'],
        ['Sent items', 'Gesendet'],
        ['Newer', 'Newer'],
      ])
      expect(states[1]?.id).toBe(sent.id)
      expect(await sync.folders(pair)).toHaveLength(3)
    })

    test('takes a folder for another one that has its name, unless its id is given', async () => {
      const [first, second] = [await intendOne(), await intendOne()]
      expect(second.id).not.toBe(first.id)
      expect(await errorOf(sync.intend(fence, pair, [intent('INBOX', { id: 999 })]))).toBeInstanceOf(Error)
    })

    test('keeps an old mark under the same UIDVALIDITY, takes a new one otherwise', async () => {
      const { id } = await intendOne({ dirtySince: { uidValidity: 9, uidNext: 50 } })
      const later = await intendOne({ id, dirtySince: { uidValidity: 9, uidNext: 60 } })
      expect(later.dirtySince).toEqual({ uidValidity: 9, uidNext: 50 })
      const renumbered = await intendOne({ id, dirtySince: { uidValidity: 10, uidNext: 3 } })
      expect(renumbered.dirtySince).toEqual({ uidValidity: 10, uidNext: 3 })
      await sync.advance(fence, id, advance())
      expect((await intendOne({ id, dirtySince: { uidValidity: 9, uidNext: 70 } })).dirtySince?.uidNext).toBe(70)
    })

    test('gives back settled records, unconfirmed unless they say otherwise, ascending', async () => {
      const { id } = await intendOne()
      await settle(id, [record(9), known(3, { isConfirmed: true })])
      await settle(id, [
        record(2 ** 32 + 5, { isVanished: true, targetUid: 45 }),
        record(4, { ...skipped, fingerprint: null }),
      ])
      expect(await ledgerOf(sync, id)).toEqual([
        known(3, { isConfirmed: true }),
        known(4, { ...skipped, fingerprint: null }),
        known(9),
        known(2 ** 32 + 5, { isVanished: true, targetUid: 45 }),
      ])
    })

    test('lets a later record of an item replace the earlier one, confirmed or not', async () => {
      const { id } = await intendOne()
      await settle(id, [record(1), record(2), record(3)])
      await sync.advance(fence, id, advance())
      await settle(id, [record(2, { flags: ['\\Flagged'] })])
      await settle(id, [record(3, { isVanished: true }), record(3, { isRemoved: true })])
      expect(await ledgerOf(sync, id)).toEqual([
        known(1, { isConfirmed: true }),
        known(2, { flags: ['\\Flagged'] }),
        known(3, { isRemoved: true }),
      ])
    })

    test('settles several folders in one write', async () => {
      const [a, b] = (await sync.intend(fence, pair, [intent('a'), intent('b')])) as [FolderState, FolderState]
      await sync.settle(fence, [
        { folderId: a.id, records: [record(1)], issues: [] },
        { folderId: b.id, records: [record(1, skipped)], issues: [issue(1)] },
      ])
      expect(await ledgerOf(sync, a.id)).toEqual([known(1)])
      expect(await ledgerOf(sync, b.id)).toEqual([known(1, skipped)])
      const unknownFolder = { folderId: 999, records: [record(5)], issues: [] }
      expect(
        await errorOf(sync.settle(fence, [{ folderId: a.id, records: [record(2)], issues: [] }, unknownFolder])),
      ).toBeInstanceOf(Error)
      expect(await ledgerOf(sync, a.id)).toEqual([known(1)])
    })

    test('advances: cursor up, dirt and suspect cleared, everything confirmed, one pass more', async () => {
      const { id } = await intendOne()
      await settle(id, [record(1), record(2)])
      await sync.suspect(fence, id, { uid: 5, attempts: 1 })
      await sync.advance(fence, id, advance())
      const [state] = await sync.folders(pair)
      expect(state).toEqual({ ...advance(), id, dirtySince: null, suspect: null, passes: 1, idlePasses: 0 })
      expect(await ledgerOf(sync, id)).toEqual([1, 2].map((uid) => known(uid, { isConfirmed: true })))
      await sync.advance(fence, id, advance({ cursor: { uidValidity: 7, uidDone: 120, modseq: null } }))
      expect((await sync.folders(pair))[0]).toMatchObject({ passes: 2, cursor: { uidDone: 120, modseq: null } })
    })

    test('counts the passes that found a folder idle, for its holder only', async () => {
      const [a, b] = (await sync.intend(fence, pair, [intent('a'), intent('b')])) as [FolderState, FolderState]
      await sync.rest(fence, [a.id])
      await sync.rest(fence, [a.id, b.id])
      expect((await sync.folders(pair)).map(({ idlePasses }) => idlePasses)).toEqual([2, 1])
      await errorOf(sync.rest({ ...fence, token: fence.token - 1 }, [a.id]))
      expect((await sync.folders(pair)).map(({ idlePasses }) => idlePasses)).toEqual([2, 1])
    })

    test('remembers a suspect until it is told otherwise', async () => {
      const { id } = await intendOne()
      await sync.suspect(fence, id, { uid: 8, attempts: 2 })
      expect((await sync.folders(pair))[0]?.suspect).toEqual({ uid: 8, attempts: 2 })
      await sync.suspect(fence, id, null)
      expect((await sync.folders(pair))[0]?.suspect).toBeNull()
    })

    test('finds what vanished in any folder of the pair, as its newest record says', async () => {
      const [a, b] = (await sync.intend(fence, pair, [intent('a'), intent('b')])) as [FolderState, FolderState]
      const [other] = (await sync.intend(fence, { ...pair, source: 'other' }, [intent('a')])) as [FolderState]
      for (const { id } of [a, b, other])
        await settle(
          id,
          [1, 2, 3, 4].map((uid) => record(uid)),
        )
      await sync.advance(fence, a.id, advance())
      await settle(other.id, [record(1, { isVanished: true })])
      await settle(b.id, [record(4, { isVanished: true }), record(2, { isVanished: true })])
      await settle(
        a.id,
        [1, 2, 3].map((uid) => record(uid, { isVanished: true })),
      )
      await settle(a.id, [record(2), record(3, { isVanished: true, fingerprint: null }), record(70)])
      expect(await vanishedIn(sync)).toEqual([
        { ...known(1, { isVanished: true }), folderId: a.id },
        { ...known(2, { isVanished: true }), folderId: b.id },
        { ...known(4, { isVanished: true }), folderId: b.id },
      ])
      await sync.advance(fence, b.id, advance())
      expect((await vanishedIn(sync)).map(({ isConfirmed }) => isConfirmed)).toEqual([false, true, true])
    })

    test('keeps an issue as long as its item is skipped or failed, and at the source', async () => {
      const { id } = await intendOne()
      const uids = [1, 2, 3, 4]
      await settle(
        id,
        uids.map((uid) => record(uid, skipped)),
        uids.map((uid) => issue(uid)),
      )
      expect(await sync.issues(pair)).toEqual(uids.map((uid) => issue(uid)))
      await settle(id, [record(1, { ...skipped, outcome: 'failed' })], [issue(1, { detail: 'again' })])
      await settle(id, [record(2)])
      await settle(id, [record(3, { ...skipped, isVanished: true })])
      await settle(id, [record(4, { ...skipped, flags: [] })])
      expect(await sync.issues(pair)).toEqual([issue(1, { detail: 'again' }), issue(4)])
      expect(await sync.issues({ ...pair, source: 'other' })).toEqual([])
    })

    test('forgets a folder whose target is made anew, and keeps its name', async () => {
      const state = await intendOne()
      await settle(state.id, [record(1), record(2, skipped)], [issue(2)])
      await sync.advance(fence, state.id, advance())
      await sync.suspect(fence, state.id, { uid: 1, attempts: 1 })
      await sync.forget(fence, state.id)
      expect(await sync.folders(pair)).toEqual([{ ...state, dirtySince: null, passes: 1 }])
      expect(await ledgerOf(sync, state.id)).toEqual([])
      expect(await sync.issues(pair)).toEqual([])
      await settle(state.id, [record(1)])
      expect(await ledgerOf(sync, state.id)).toEqual([known(1)])
    })

    test('follows a source that was renumbered: new UIDs, no cursor, dirty from the first', async () => {
      const { id } = await intendOne()
      await settle(
        id,
        [record(1), record(2, skipped), record(3, { ...skipped, fingerprint: null })],
        [2, 3].map((uid) => issue(uid)),
      )
      await sync.advance(fence, id, advance())
      await sync.suspect(fence, id, { uid: 3, attempts: 1 })
      const records = [
        known(11, { targetUid: 41, isConfirmed: true, fingerprint: record(1).fingerprint }),
        known(12, { ...skipped, fingerprint: record(2).fingerprint }),
        known(2 ** 32, { ...skipped, fingerprint: null, isVanished: true }),
      ]
      await sync.rekey(fence, id, identity('INBOX', 8), identity('INBOX', 9), records)
      expect((await sync.folders(pair))[0]).toMatchObject({
        source: identity('INBOX', 8),
        target: identity('INBOX', 9),
        cursor: null,
        suspect: null,
        dirtySince: { uidValidity: 9, uidNext: 1 },
        passes: 1,
        idlePasses: 0,
      })
      expect(await ledgerOf(sync, id)).toEqual(records)
      expect(await sync.issues(pair)).toEqual([issue(12)])
    })

    test('follows a target that was renumbered: the cursor stays', async () => {
      const { id } = await intendOne()
      await settle(id, [record(1), record(2, skipped)], [issue(2)])
      await sync.advance(fence, id, advance())
      const records = [known(1, { targetUid: 5, isConfirmed: false }), known(2, skipped)]
      await sync.rekey(fence, id, identity('INBOX', 7), identity('INBOX', 12), records)
      expect((await sync.folders(pair))[0]).toMatchObject({
        cursor: advance().cursor,
        dirtySince: { uidValidity: 12, uidNext: 1 },
        target: identity('INBOX', 12),
      })
      expect(await ledgerOf(sync, id)).toEqual(records)
      expect(await sync.issues(pair)).toEqual([issue(2)])
    })

    test('learns the traits of a server one by one', async () => {
      expect(await sync.traits('a:993')).toEqual({ tellsUids: null, rewrites: null })
      await sync.learn('a:993', { tellsUids: true })
      await sync.learn('a:993', { rewrites: false })
      expect(await sync.traits('a:993')).toEqual({ tellsUids: true, rewrites: false })
      await sync.learn('a:993', { tellsUids: null })
      expect(await sync.traits('a:993')).toEqual({ tellsUids: null, rewrites: false })
      expect(await sync.traits('b:993')).toEqual({ tellsUids: null, rewrites: null })
    })

    const fencedWrites = [
      ['intend', (stale: Fence, id: number) => sync.intend(stale, pair, [intent('New'), intent('INBOX', { id })])],
      ['intend for a new pair', (stale: Fence) => sync.intend(stale, { ...pair, source: 'new' }, [intent('New')])],
      [
        'settle',
        (stale: Fence, id: number) => sync.settle(stale, [{ folderId: id, records: [record(2)], issues: [issue(2)] }]),
      ],
      ['advance', (stale: Fence, id: number) => sync.advance(stale, id, advance())],
      ['rekey', (stale: Fence, id: number) => sync.rekey(stale, id, identity('x', 8), identity('x', 8), [])],
      ['forget', (stale: Fence, id: number) => sync.forget(stale, id)],
      ['suspect', (stale: Fence, id: number) => sync.suspect(stale, id, { uid: 1, attempts: 9 })],
    ] as const

    test.each(fencedWrites)('refuses %s of a holder that lost its lease, and changes nothing', async (_, write) => {
      const { id } = await intendOne()
      await settle(id, [record(1, skipped)], [issue(1)])
      const look = async () => [await sync.folders(pair), await ledgerOf(sync, id), await sync.issues(pair)]
      const before = await look()
      const stale = fence
      await opened.jobs.snooze(fence, 0)
      expect(await errorOf(write(stale, id))).toMatchObject({ code: 'lease.lost', scope: 'cancelled' })
      const [job] = await opened.jobs.claim(filter({ limit: 1 }))
      expect(job?.id).toBe(stale.jobId)
      expect(await errorOf(write(stale, id))).toMatchObject({ code: 'lease.lost' })
      expect(await look()).toEqual(before)
      await write({ jobId: stale.jobId, token: job?.token ?? 0 }, id)
    })

    test('lets the writes of others through, gathered with those of a stale holder', async () => {
      const { id } = await intendOne()
      const stale = { ...fence, token: fence.token - 1 }
      const writes = [1, 2, 3, 4, 5, 6].map((uid) =>
        sync.settle(uid % 2 ? fence : stale, [{ folderId: id, records: [record(uid)], issues: [] }]),
      )
      const ends = await Promise.allSettled(writes)
      expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, false, true, false])
      expect((await ledgerOf(sync, id)).map(({ sourceUid }) => sourceUid)).toEqual([1, 3, 5])
    })
  })
}
