import { setImmediate } from 'node:timers/promises'
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { Fault } from '../../src/domain/fault.ts'
import { ascending, type PackedPage, packRecords, putNewest } from '../../src/domain/ledger.ts'
import { pageRecordsMax, unpackPage } from '../../src/domain/ledger-page.ts'
import type { KnownRecord, LedgerRecord, PairKey, VanishedRecord } from '../../src/domain/sync-state.ts'
import type { Database, Statement } from '../client.ts'
import { folders, ledgerPages, pairs } from '../schema/ledger.ts'

/** What is unpacked between two reads takes a few milliseconds. */
const pagesRead = 4

/** Records that are packed at a time, which takes a few milliseconds too. */
const recordsPacked = 2 * pageRecordsMax

/** Pages of one INSERT. */
const pagesInserted = 100

/** The newest record of every source UID of a folder, ascending. */
export async function readLedger(db: Database, folderId: number): Promise<readonly KnownRecord[]> {
  const newest = new Map<number, KnownRecord>()
  for await (const { records } of readPages(db, eq(ledgerPages.folderId, folderId))) putNewest(newest, records)
  return ascending(newest)
}

/** All vanished records of a pair which have a fingerprint; reads only pages that hold or replace such a record. */
export async function readVanished(db: Database, { source, target }: PairKey): Promise<readonly VanishedRecord[]> {
  const folderIds = db.query
    .select({ id: folders.id })
    .from(folders)
    .innerJoin(pairs, eq(pairs.id, folders.pairId))
    .where(and(eq(pairs.source, source), eq(pairs.target, target)))
  const isWanted = sql`${ledgerPages.folderId} in ${folderIds} and (${ledgerPages.vanished} > 0 or exists (
    select 1 from ${ledgerPages} as older
    where older.folder_id = ${ledgerPages.folderId} and older.id < ${ledgerPages.id} and older.vanished > 0
    and older.uid_first <= ${ledgerPages.uidLast} and older.uid_last >= ${ledgerPages.uidFirst}))`
  const found = new Map<number, Map<number, KnownRecord>>()
  for await (const { folderId, records } of readPages(db, isWanted)) {
    const newest = found.get(folderId) ?? new Map<number, KnownRecord>()
    putNewest(newest, records)
    found.set(folderId, newest)
  }
  return [...found].sort(([a], [b]) => a - b).flatMap(([folderId, newest]) => vanishedOf(folderId, newest))
}

const vanishedOf = (folderId: number, newest: ReadonlyMap<number, KnownRecord>): readonly VanishedRecord[] =>
  ascending(newest)
    .filter(({ isVanished, fingerprint }) => isVanished && fingerprint !== null)
    .map((record) => ({ ...record, folderId }))

/** Appends records to a folder. */
export function appendRecords(db: Database, folderId: number, records: readonly LedgerRecord[]): readonly Statement[] {
  return insertPages(db, folderId, packRecords(records))
}

/** Replaces all pages of a folder. Vanished records get pages of their own, so that they are found without the others. */
export async function replaceRecords(
  db: Database,
  folderId: number,
  records: readonly KnownRecord[],
): Promise<readonly Statement[]> {
  const pages = [
    ...(await packAll(records.filter(({ isVanished }) => !isVanished))),
    ...(await packAll(records.filter(({ isVanished }) => isVanished))),
  ]
  return [
    removePages(db, folderId),
    ...insertPages(db, folderId, pages),
    db.query.update(folders).set({ packedPages: pages.length }).where(eq(folders.id, folderId)),
  ]
}

/** Packs records that ascend, and lets the thread do other things in between. */
async function packAll(records: readonly KnownRecord[]): Promise<readonly PackedPage[]> {
  const pages: PackedPage[] = []
  for (let from = 0; from < records.length; from += recordsPacked) {
    pages.push(...packRecords(records.slice(from, from + recordsPacked)))
    await setImmediate()
  }
  return pages
}

export const removePages = (db: Database, folderId: number): Statement =>
  db.query.delete(ledgerPages).where(eq(ledgerPages.folderId, folderId))

/**
 * Whether a folder has more than twice the pages that it needs. Every packing is so paid by as many appended pages as
 * it writes, and a folder never takes much more than twice its room.
 */
export async function needsPacking(db: Database, folderId: number): Promise<boolean> {
  const [[sizes], [folder]] = await db.read([
    db.query
      .select({ pages: sql<number>`count(*)`, records: sql<number>`coalesce(sum(${ledgerPages.records}), 0)` })
      .from(ledgerPages)
      .where(eq(ledgerPages.folderId, folderId)),
    db.query.select({ packedPages: folders.packedPages }).from(folders).where(eq(folders.id, folderId)),
  ])
  if (sizes === undefined || folder === undefined) return false
  const needed = folder.packedPages || Math.ceil(sizes.records / pageRecordsMax)
  return sizes.pages > smallFolderPages + 2 * needed
}

/** Pages that a folder may have without being packed, be it ever so small. */
const smallFolderPages = 16

interface ReadPage {
  readonly folderId: number
  readonly records: readonly KnownRecord[]
}

/** Oldest first, few at a time: what is unpacked between two reads must not hold up the thread. */
async function* readPages(db: Database, isWanted: ReturnType<typeof sql>): AsyncGenerator<ReadPage> {
  let lastId = 0
  for (;;) {
    const [pages] = await db.read([
      db.query
        .select({
          id: ledgerPages.id,
          folderId: ledgerPages.folderId,
          page: ledgerPages.page,
          isConfirmed: sql<number>`${ledgerPages.id} <= ${folders.confirmedPageId}`,
        })
        .from(ledgerPages)
        .innerJoin(folders, eq(folders.id, ledgerPages.folderId))
        .where(and(isWanted, gt(ledgerPages.id, lastId)))
        .orderBy(asc(ledgerPages.id))
        .limit(pagesRead),
    ])
    for (const { folderId, page, isConfirmed } of pages)
      yield { folderId, records: isConfirmed ? unpack(page).map(asConfirmed) : unpack(page) }
    lastId = pages.at(-1)?.id ?? 0
    if (pages.length < pagesRead) return
  }
}

function unpack(page: Uint8Array): readonly KnownRecord[] {
  try {
    return unpackPage(page)
  } catch (cause) {
    throw new Fault('store.failed', 'Cannot read the ledger: a page of it is damaged', { cause, retry: 'never' })
  }
}

const asConfirmed = (record: KnownRecord): KnownRecord => ({ ...record, isConfirmed: true })

function insertPages(db: Database, folderId: number, pages: readonly PackedPage[]): readonly Statement[] {
  const statements: Statement[] = []
  for (let from = 0; from < pages.length; from += pagesInserted) {
    const rows = pages.slice(from, from + pagesInserted).map((page) => ({ ...page, folderId }))
    statements.push(db.query.insert(ledgerPages).values(rows))
  }
  return statements
}
