import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import type { Database } from '../../db/client.ts'
import { ledgerPages } from '../../db/schema/ledger.ts'
import { createJobStore } from '../../db/stores/job-store.ts'
import { createSyncStore } from '../../db/stores/sync-store.ts'
import { type Fence, type LedgerRecord, outcomes, type SyncStore } from '../../src/domain/sync-state.ts'
import { errorOf } from '../support/error-of.ts'
import { createMemoryStores } from '../support/memory-stores.ts'
import { type TempDatabase, tempDatabase } from '../support/temp-database.ts'
import { fenceOf, filter, newJob } from './job-suite.ts'
import { advance, identity, intent, issue, known, ledgerOf, pair, record, vanishedIn } from './sync-suite.ts'

let temp: TempDatabase
let db: Database
let sync: SyncStore
let fence: Fence
let folderId: number

beforeEach(async () => {
  temp = await tempDatabase()
  db = temp.db
  sync = createSyncStore(db)
  fence = await holdJob(db)
  const [state] = await sync.intend(fence, pair, [intent('INBOX')])
  folderId = state?.id ?? 0
})
afterEach(async () => await temp[Symbol.asyncDispose]())

async function holdJob(database: Database): Promise<Fence> {
  const jobs = createJobStore(database)
  await jobs.enqueue([newJob()])
  const [job] = await jobs.claim(filter())
  if (!job) throw new Error('Cannot claim the job that was just queued')
  return fenceOf(job)
}

const settle = (records: readonly LedgerRecord[]) => sync.settle(fence, [{ folderId, records, issues: [] }])

async function pages() {
  const columns = { id: ledgerPages.id, records: ledgerPages.records, vanished: ledgerPages.vanished }
  const [rows] = await db.read([db.query.select(columns).from(ledgerPages).orderBy(ledgerPages.id)])
  return rows
}

const hash = (text: string) => createHash('sha256').update(text).digest()

const message = (uid: number): LedgerRecord =>
  record(uid, {
    sizeBytes: 2000 + ((uid * 7919) % 90_000),
    flags: uid % 5 === 0 ? ['\\Seen', '$Forwarded'] : uid % 2 === 0 ? ['\\Seen'] : [],
    fingerprint: hash(`f${uid}`).subarray(0, 16),
    sha256: hash(`s${uid}`),
  })

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('pages of the ledger', () => {
  test('of 20,000 messages cost under 3 MB of database file', async () => {
    for (let first = 1; first <= 20_000; first += 500) await settle(range(first, first + 499).map(message))
    await sync.advance(fence, folderId, advance())
    expect(await ledgerOf(sync, folderId)).toHaveLength(20_000)
    await db.close()
    expect(statSync(temp.path).size).toBeLessThan(3_000_000)
  })

  test('settled one by one are packed when the folder advances, and stay confirmed', async () => {
    for (const uid of range(1, 60)) await settle([record(uid), record(61, { sizeBytes: uid })])
    expect(await pages()).toHaveLength(60)
    await sync.advance(fence, folderId, advance())
    expect((await pages()).map(({ records }) => records)).toEqual([61])
    const all = [...range(1, 60).map((uid) => known(uid, { isConfirmed: true }))]
    expect(await ledgerOf(sync, folderId)).toEqual([...all, known(61, { sizeBytes: 60, isConfirmed: true })])
  })

  test('are packed once there are more than twice as many as needed, not at each pass', async () => {
    const counts: number[] = []
    for (const pass of range(1, 40)) {
      await settle([record(pass)])
      await sync.advance(fence, folderId, advance())
      counts.push((await pages()).length)
    }
    expect(Math.max(...counts)).toBe(18)
    expect(counts.filter((count, index) => count < (counts[index - 1] ?? 0))).toHaveLength(2)
    expect(await ledgerOf(sync, folderId)).toHaveLength(40)
  })

  test('that are well filled are left as they are', async () => {
    for (let first = 1; first <= 10_000; first += 500) await settle(range(first, first + 499).map(message))
    const before = await pages()
    await sync.advance(fence, folderId, advance())
    expect(await pages()).toEqual(before)
  })

  test('hold vanished records apart once they were packed', async () => {
    for (const uid of range(1, 40)) await settle([record(uid, { isVanished: uid % 4 === 0 })])
    await sync.advance(fence, folderId, advance())
    expect(await pages()).toMatchObject([
      { records: 30, vanished: 0 },
      { records: 10, vanished: 10 },
    ])
    expect(await ledgerOf(sync, folderId)).toHaveLength(40)
    expect((await vanishedIn(sync)).map(({ sourceUid }) => sourceUid)).toEqual(range(1, 10).map((n) => n * 4))
  })

  test('without vanished records are not even read for them', async () => {
    await settle([record(1), record(2), record(3)])
    await settle([record(2, { isVanished: true })])
    await settle([record(3)])
    const garbage = db.query.update(ledgerPages).set({ page: new Uint8Array(9) })
    const [first, , last] = await pages()
    for (const page of [first, last]) await db.write([garbage.where(eq(ledgerPages.id, page?.id ?? 0))])
    expect((await vanishedIn(sync)).map(({ sourceUid }) => sourceUid)).toEqual([2])
    expect(await errorOf(ledgerOf(sync, folderId))).toMatchObject({ code: 'store.failed', retry: 'never' })
  })

  test('are settled again after the disk was full, once', async () => {
    await settle(range(1, 500).map(message))
    const [[used]] = await db.read([db.query.all<[number]>(sql`pragma page_count`)])
    await db.write([db.query.all(sql.raw(`pragma max_page_count = ${used?.[0]}`))])
    const page = { folderId, records: range(501, 1000).map(message), issues: range(501, 520).map((uid) => issue(uid)) }
    expect(await errorOf(sync.settle(fence, [page]))).toMatchObject({ code: 'store.full', scope: 'store' })
    expect(await ledgerOf(sync, folderId)).toHaveLength(500)
    expect(await sync.issues(pair)).toEqual([])
    await db.write([db.query.all(sql`pragma max_page_count = 1000000`)])
    await sync.settle(fence, [page])
    expect(await ledgerOf(sync, folderId)).toEqual(
      range(1, 1000).map((uid) => ({ ...message(uid), isConfirmed: false })),
    )
    expect((await pages()).map(({ records }) => records)).toEqual([500, 500])
  })
})

/** What a life of a folder is made of. */
type Step =
  | { readonly kind: 'settle'; readonly records: readonly LedgerRecord[] }
  | { readonly kind: 'advance' | 'forget' }
  | { readonly kind: 'rekey'; readonly uidValidity: number; readonly shift: number }

const settled: fc.Arbitrary<LedgerRecord> = fc.record({
  sourceUid: fc.integer({ min: 1, max: 40 }),
  targetUid: fc.option(fc.integer({ min: 1, max: 90 }), { nil: null }),
  outcome: fc.constantFrom(...outcomes),
  isVanished: fc.boolean(),
  isRemoved: fc.boolean(),
  sizeBytes: fc.nat(9999),
  flags: fc.subarray(['\\Seen', '\\Flagged']),
  fingerprint: fc.option(
    fc.nat(5).map((byte) => new Uint8Array(16).fill(byte)),
    { nil: null },
  ),
  sha256: fc.constant(null),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('settle'), records: fc.array(settled, { maxLength: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rekey'), uidValidity: fc.integer({ min: 7, max: 8 }), shift: fc.nat(3) }),
  },
)

async function take(store: SyncStore, holder: Fence, id: number, taken: Step): Promise<void> {
  if (taken.kind === 'settle') {
    const issues = taken.records.filter(({ outcome }) => outcome === 'skipped').map(({ sourceUid }) => issue(sourceUid))
    return await store.settle(holder, [{ folderId: id, records: taken.records, issues }])
  }
  if (taken.kind === 'rekey') {
    const records = (await ledgerOf(store, id)).map((each) => ({ ...each, sourceUid: each.sourceUid + taken.shift }))
    return await store.rekey(holder, id, identity('INBOX', taken.uidValidity), identity('INBOX', 9), records)
  }
  await (taken.kind === 'advance' ? store.advance(holder, id, advance()) : store.forget(holder, id))
}

const look = async (store: SyncStore, id: number) => ({
  states: (await store.folders(pair)).map((state) => ({ ...state, id: 0 })),
  ledger: await ledgerOf(store, id),
  vanished: (await vanishedIn(store)).map((each) => ({ ...each, folderId: 0 })),
  issues: await store.issues(pair),
})

describe('the ledger on libSQL', () => {
  test('lives as the one in memory does', async () => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 50 }), async (steps) => {
        const memory = createMemoryStores()
        const held = await memory.holdJob()
        count += 1
        const lives = { ...pair, source: `life ${count}` }
        const [inMemory] = await memory.sync.intend(held, pair, [intent('INBOX')])
        const [onDisk] = await sync.intend(fence, lives, [intent('INBOX')])
        for (const each of steps) {
          await take(memory.sync, held, inMemory?.id ?? 0, each)
          await take(sync, fence, onDisk?.id ?? 0, each)
        }
        const mirror: SyncStore = {
          ...sync,
          folders: () => sync.folders(lives),
          vanished: () => sync.vanished(lives),
          issues: () => sync.issues(lives),
        }
        expect(await look(mirror, onDisk?.id ?? 0)).toEqual(await look(memory.sync, inMemory?.id ?? 0))
      }),
      { numRuns: 15 },
    )
  }, 60_000)
})
