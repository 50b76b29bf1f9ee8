import { setImmediate } from 'node:timers/promises'
import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import { Fault } from '../../src/domain/fault.ts'
import { FolderLedger } from '../../src/domain/folder-ledger.ts'
import { type PackedPage, packRecords } from '../../src/domain/ledger.ts'
import { pageRecordsMax, unpackColumns } from '../../src/domain/ledger-page.ts'
import { inParts } from '../../src/domain/plan.ts'
import { bits, type RecordColumns } from '../../src/domain/record-state.ts'
import type { KnownRecord, LedgerRecord, PairKey, VanishedRecord } from '../../src/domain/sync-state.ts'
import type { Database, Statement } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { folders, ledgerPages, pairs } from '../schema/ledger.ts'

/** What is unpacked between two reads takes a few milliseconds. */
const pagesRead = 4

/** Records that are packed at a time, which takes a few milliseconds too. */
const recordsPacked = 2 * pageRecordsMax

/** A folder that has more is given room for all of them at once: growing again and again takes a multiple of it. */
const manyRecords = 2000

/** The newest record of every source UID of a folder. */
export async function readLedger(db: Database, folderId: number): Promise<FolderLedger> {
  const ledger = new FolderLedger()
  let hasRoom = false
  for await (const page of readPages(db, (afterId) => selectOfFolder(db, { folderId, afterId }))) {
    putPage(ledger, page)
    if (hasRoom || ledger.size < manyRecords) continue
    const [[sizes]] = await db.read([readSizes(db, { folderId })])
    ledger.reserve(sizes?.records ?? 0)
    hasRoom = true
  }
  return ledger
}

/** All vanished records of a pair which have a fingerprint; reads only pages that hold or replace such a record. */
export async function* readVanished(
  db: Database,
  { source, target }: PairKey,
): AsyncGenerator<readonly VanishedRecord[]> {
  const folderIds = db.query
    .select({ id: folders.id })
    .from(folders)
    .innerJoin(pairs, eq(pairs.id, folders.pairId))
    .where(and(eq(pairs.source, source), eq(pairs.target, target)))
  const isWanted = sql`${ledgerPages.folderId} in ${folderIds} and (${ledgerPages.vanished} > 0 or exists (
    select 1 from ${ledgerPages} as older
    where older.folder_id = ${ledgerPages.folderId} and older.id < ${ledgerPages.id} and older.vanished > 0
    and older.uid_first <= ${ledgerPages.uidLast} and older.uid_last >= ${ledgerPages.uidFirst}))`
  const found = new Map<number, FolderLedger>()
  for await (const page of readPages(db, (afterId) => selectPages(db.query, isWanted, afterId))) {
    const ledger = found.get(page.folderId) ?? new FolderLedger()
    found.set(page.folderId, ledger)
    putPage(ledger, page)
  }
  for (const [folderId, ledger] of [...found].sort(([a], [b]) => a - b))
    yield* inParts(vanishedOf(folderId, ledger), recordsPacked)
}

function* vanishedOf(folderId: number, ledger: FolderLedger): Generator<VanishedRecord> {
  for (const record of ledger) if (record.isVanished && record.fingerprint !== null) yield { ...record, folderId }
}

/** Appends records to a folder. */
export function appendRecords(db: Database, folderId: number, records: readonly LedgerRecord[]): readonly Statement[] {
  return insertPages(db, folderId, packRecords(records))
}

/** Replaces all pages of a folder. Vanished records get pages of their own, so that they are found without the others. */
export async function replaceRecords(
  db: Database,
  folderId: number,
  records: Iterable<KnownRecord>,
): Promise<readonly Statement[]> {
  const pages = await packApart(records)
  return [
    removePages(db, folderId),
    ...insertPages(db, folderId, pages),
    db.query.update(folders).set({ packedPages: pages.length }).where(eq(folders.id, folderId)),
  ]
}

/** Packs records that ascend, the vanished ones apart, and lets the thread do other things in between. */
async function packApart(records: Iterable<KnownRecord>): Promise<readonly PackedPage[]> {
  const pages: PackedPage[] = []
  const present: KnownRecord[] = []
  const vanished: KnownRecord[] = []
  for (const part of inParts(records, recordsPacked)) {
    for (const record of part) (record.isVanished ? vanished : present).push(record)
    for (const list of [present, vanished])
      if (list.length >= recordsPacked) pages.push(...packRecords(list.splice(0, recordsPacked)))
    await setImmediate()
  }
  return [...pages, ...packRecords(present), ...packRecords(vanished)]
}

const deletePages = prepared((query, { folderId }: Places<{ folderId: number }>) =>
  query.delete(ledgerPages).where(eq(ledgerPages.folderId, folderId)),
)

export const removePages = (db: Database, folderId: number): Statement => deletePages(db, { folderId })

/** How many pages a folder has, and how many records they hold. */
export interface LedgerSizes {
  readonly pages: number
  readonly records: number
  /** Pages after the last packing; 0 where there was none. */
  readonly packedPages: number
}

export const readSizes = prepared((query, { folderId }: Places<{ folderId: number }>) =>
  query
    .select({
      pages: sql<number>`count(*)`,
      records: sql<number>`coalesce(sum(${ledgerPages.records}), 0)`,
      packedPages: sql<number>`(select packed_pages from ${folders} where id = ${folderId})`,
    })
    .from(ledgerPages)
    .where(eq(ledgerPages.folderId, folderId)),
)

/**
 * Whether a folder has more than twice the pages that it needs. Every packing is so paid by as many appended pages as
 * it writes, and a folder never takes much more than twice its room.
 */
export function needsPacking({ pages, records, packedPages }: LedgerSizes): boolean {
  const needed = packedPages || Math.ceil(records / pageRecordsMax)
  return pages > smallFolderPages + 2 * needed
}

/** Pages that a folder may have without being packed, be it ever so small. */
const smallFolderPages = 16

interface ReadPage {
  readonly folderId: number
  readonly columns: RecordColumns
  /** Whatever its records say themselves. */
  readonly isConfirmed: boolean
}

const putPage = (ledger: FolderLedger, { columns, isConfirmed }: ReadPage): void =>
  ledger.putColumns(columns, isConfirmed ? bits.confirmed : 0)

/** Oldest first. */
const selectPages = (
  query: Database['query'],
  isWanted: SQL,
  afterId: number | Places<{ afterId: number }>['afterId'],
) =>
  query
    .select({
      id: ledgerPages.id,
      folderId: ledgerPages.folderId,
      page: ledgerPages.page,
      isConfirmed: sql<number>`${ledgerPages.id} <= ${folders.confirmedPageId}`,
    })
    .from(ledgerPages)
    .innerJoin(folders, eq(folders.id, ledgerPages.folderId))
    .where(and(isWanted, gt(ledgerPages.id, afterId)))
    .orderBy(asc(ledgerPages.id))
    .limit(pagesRead)

const selectOfFolder = prepared((query, { folderId, afterId }: Places<{ folderId: number; afterId: number }>) =>
  selectPages(query, eq(ledgerPages.folderId, folderId), afterId),
)

/** Few at a time: what is unpacked between two reads must not hold up the thread. */
async function* readPages(
  db: Database,
  select: (afterId: number) => ReturnType<typeof selectPages>,
): AsyncGenerator<ReadPage> {
  let lastId = 0
  for (;;) {
    const [pages] = await db.read([select(lastId)])
    for (const { folderId, page, isConfirmed } of pages)
      yield { folderId, columns: unpack(page), isConfirmed: isConfirmed !== 0 }
    lastId = pages.at(-1)?.id ?? 0
    if (pages.length < pagesRead) return
  }
}

function unpack(page: Uint8Array): RecordColumns {
  try {
    return unpackColumns(page)
  } catch (cause) {
    throw new Fault('store.failed', 'Cannot read the ledger: a page of it is damaged', { cause, retry: 'never' })
  }
}

const insertPages = (db: Database, folderId: number, pages: readonly PackedPage[]): readonly Statement[] =>
  pages.map((page) => insertPage(db, { ...page, folderId }))

const insertPage = prepared((query, page: Places<PackedPage & { folderId: number }>) =>
  query.insert(ledgerPages).values({
    folderId: page.folderId,
    records: page.records,
    vanished: page.vanished,
    uidFirst: page.uidFirst,
    uidLast: page.uidLast,
    page: page.page,
  }),
)
