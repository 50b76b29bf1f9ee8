/** `bun tests/bench/store.ts [MESSAGES] [JOBS]`: what the store costs, on a database of its own in the temp folder. */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import process from 'node:process'
import type { Database } from '../../db/client.ts'
import { createJobStore } from '../../db/stores/job-store.ts'
import { createSyncStore } from '../../db/stores/sync-store.ts'
import type { Fence, LedgerRecord, PairKey } from '../../src/domain/sync-state.ts'
import { tempDatabase } from '../support/temp-database.ts'

const messages = Number(process.argv[2] ?? 20_000)
const queued = Number(process.argv[3] ?? 50_000)
const pair: PairKey = { source: 'a.example:993/ann', target: 'b.example:993/ann' }
const identity = { name: 'INBOX', path: ['INBOX'], uidValidity: 7, uidNext: 1, id: null }
const anything = { now: 1, leaseMs: 60_000, limit: 1, fullForInitial: [], fullForIncremental: [] }

const print = (what: string, value: string) => process.stdout.write(`${what.padEnd(52)} ${value}\n`)

const message = (uid: number): LedgerRecord => ({
  sourceUid: uid,
  targetUid: uid + 3,
  outcome: 'copied',
  isVanished: false,
  isRemoved: false,
  sizeBytes: 1500 + ((uid * 7919) % 90_000),
  flags: uid % 5 === 0 ? ['\\Seen', '$Forwarded'] : uid % 2 === 0 ? ['\\Seen'] : [],
  fingerprint: createHash('sha256').update(`f${uid}`).digest().subarray(0, 16),
  sha256: createHash('sha256').update(`s${uid}`).digest(),
})

/** Time of the work, CPU of all threads, and the longest time that the event loop did not turn meanwhile. */
async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; cpuMs: number; stallMs: number; value: T }> {
  let last = performance.now()
  let stallMs = 0
  const beat = setInterval(() => {
    stallMs = Math.max(stallMs, performance.now() - last - 1)
    last = performance.now()
  }, 1)
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  const value = await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(beat)
  return { ms, cpuMs: (user + system) / 1000, stallMs: Math.max(stallMs, performance.now() - last - 1), value }
}

async function holdJob(db: Database): Promise<Fence> {
  const jobs = createJobStore(db)
  const spec = { kind: 'sync-user', userId: 1, pass: 'initial' } as const
  await jobs.enqueue([{ spec, priority: 9, runAt: 0, sourceEndpointId: 1, targetEndpointId: 2, lock: 'x' }])
  const [job] = await jobs.claim(anything)
  return { jobId: job?.id ?? 0, token: job?.token ?? 0 }
}

async function ledger(pageRecords: number): Promise<void> {
  await using temp = await tempDatabase()
  const sync = createSyncStore(temp.db)
  const fence = await holdJob(temp.db)
  const [folder] = await sync.intend(fence, pair, [
    { id: null, source: identity, target: identity, dirtySince: { uidValidity: 7, uidNext: 1 } },
  ])
  const folderId = folder?.id ?? 0
  const pages = Array.from({ length: Math.ceil(messages / pageRecords) }, (_, page) =>
    Array.from({ length: pageRecords }, (_, index) => message(page * pageRecords + index + 1)),
  )
  const written = await timed(async () => {
    for (const records of pages) await sync.settle(fence, [{ folderId, records, issues: [] }])
  })
  const status = { messages, uidNext: messages + 1, uidValidity: 7, highestModseq: null }
  const counts = {
    source: messages,
    copied: messages,
    adopted: 0,
    excluded: 0,
    removed: 0,
    skipped: 0,
    failed: 0,
    gone: 0,
  }
  const cursor = { uidValidity: 7, uidDone: messages, modseq: null }
  const advanced = await timed(() =>
    sync.advance(fence, folderId, {
      cursor,
      source: identity,
      target: identity,
      targetSeen: status,
      counts,
      sizeBytes: 0,
    }),
  )
  const read = await timed(() => sync.ledger(folderId))
  const vanished = await timed(() => Array.fromAsync(sync.vanished(pair)))
  await temp.db.close()
  const bytes = statSync(temp.path).size
  print(
    `${messages} records settled by ${pageRecords}`,
    `${Math.round(messages / (written.ms / 1000))} records/s, CPU ${((written.cpuMs * 1000) / messages).toFixed(1)} ms per 1,000, stall ${written.stallMs.toFixed(1)} ms`,
  )
  print('  advance', `${advanced.ms.toFixed(1)} ms, stall ${advanced.stallMs.toFixed(1)} ms`)
  print(
    '  ledger read',
    `${read.ms.toFixed(1)} ms (${Math.round(read.value.size / (read.ms / 1000))} records/s), stall ${read.stallMs.toFixed(1)} ms`,
  )
  print('  vanished read', `${vanished.ms.toFixed(1)} ms`)
  print('  database file', `${bytes} bytes, ${(bytes / messages).toFixed(1)} an item`)
}

async function writes(): Promise<void> {
  await using temp = await tempDatabase()
  const sync = createSyncStore(temp.db)
  const fence = await holdJob(temp.db)
  const [folder] = await sync.intend(fence, pair, [
    { id: null, source: identity, target: identity, dirtySince: { uidValidity: 7, uidNext: 1 } },
  ])
  const settle = (uid: number) =>
    sync.settle(fence, [{ folderId: folder?.id ?? 0, records: [message(uid)], issues: [] }])
  for (const writers of [1, 20, 64]) {
    const each = Math.ceil(1000 / writers)
    const { ms, stallMs } = await timed(() =>
      Promise.all(
        Array.from({ length: writers }, async () => {
          for (let uid = 1; uid <= each; uid += 1) await settle(uid)
        }),
      ),
    )
    print(
      `settles of one record, ${writers} at a time`,
      `${Math.round((each * writers) / (ms / 1000))} writes/s, stall ${stallMs.toFixed(1)} ms`,
    )
  }
}

async function claims(): Promise<void> {
  await using temp = await tempDatabase()
  const jobs = createJobStore(temp.db)
  const all = Array.from({ length: queued }, (_, index) => ({
    spec: { kind: 'sync-user', userId: index, pass: 'initial' } as const,
    priority: index % 3,
    runAt: 0,
    sourceEndpointId: 1 + (index % 4),
    targetEndpointId: 9,
    lock: `b.example:993/user${index}`,
  }))
  const made = await timed(() => jobs.enqueue(all))
  print(`${queued} jobs queued in one write`, `${made.ms.toFixed(0)} ms, stall ${made.stallMs.toFixed(1)} ms`)
  const one = await timed(async () => {
    for (let round = 0; round < 100; round += 1) await jobs.claim(anything)
  })
  print('claim of one', `${(one.ms / 100).toFixed(2)} ms`)
  const full = await timed(async () => {
    for (let round = 0; round < 20; round += 1) await jobs.claim({ ...anything, fullForInitial: [9] })
  })
  print('claim where every endpoint is full', `${(full.ms / 20).toFixed(2)} ms`)
  const due = await timed(() => jobs.nextDueAt(0))
  print('nextDueAt', `${due.ms.toFixed(2)} ms`)
  const rescued = await timed(() => jobs.rescue(Number.POSITIVE_INFINITY))
  print(`rescue of ${rescued.value.length}`, `${rescued.ms.toFixed(2)} ms`)
}

for (const size of [500, 250, 100, 20]) await ledger(size)
await writes()
await claims()
