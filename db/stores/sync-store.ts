import { and, eq, sql } from 'drizzle-orm'
import {
  type Fence,
  type FolderIntent,
  type FolderState,
  type ItemIssue,
  type LedgerPage,
  type PairKey,
  type SyncStore,
  wholeFolder,
} from '../../src/domain/sync-state.ts'
import type { Database, Statement } from '../client.ts'
import { fence as holds } from '../guards.ts'
import { chunks, insertRows } from '../rows.ts'
import { folders, issues, ledgerPages, pairs, traits } from '../schema/ledger.ts'
import { advanced, type FolderPatch, followIssues, forgotten, hasIssue, intended, rekeyed } from './folder-patches.ts'
import { appendRecords, needsPacking, readLedger, readVanished, removePages, replaceRecords } from './ledger-pages.ts'
import { ofPair, readFolder, readFolders, readIssues, readTraits } from './sync-reads.ts'

/** The memory of the engine on libSQL. */
export function createSyncStore(db: Database): SyncStore {
  /** The fence stands first: a stale one stops the whole write. */
  const write = async (fence: Fence, statements: readonly Statement[]): Promise<void> => {
    await db.write([holds(db, fence), ...statements])
  }
  return {
    folders: (pair) => readFolders(db, ofPair(pair)),
    ledger: (folderId) => readLedger(db, folderId),
    vanished: (pair) => readVanished(db, pair),
    intend: (fence, pair, intents) => intend(db, fence, pair, intents),
    settle: (fence, pages) =>
      write(
        fence,
        pages.flatMap((page) => settlePage(db, page)),
      ),
    async advance(fence, folderId, advance) {
      const packing = (await needsPacking(db, folderId))
        ? await replaceRecords(db, folderId, await readLedger(db, folderId))
        : []
      const ofWhole = and(eq(issues.folderId, folderId), eq(issues.sourceUid, wholeFolder))
      await write(fence, [
        ...packing,
        patchFolder(db, folderId, advanced(advance)),
        confirm(db, folderId),
        db.query.delete(issues).where(ofWhole),
      ])
    },
    async rekey(fence, folderId, source, target, records) {
      const state = await readFolder(db, folderId)
      const old = await readIssues(db, eq(issues.folderId, folderId))
      const before = old.length > 0 ? await readLedger(db, folderId) : []
      const isSourceNew = source.uidValidity !== state.source.uidValidity
      await write(fence, [
        ...(await replaceRecords(db, folderId, records)),
        patchFolder(db, folderId, rekeyed(state, source, target)),
        db.query.delete(issues).where(eq(issues.folderId, folderId)),
        ...putIssues(db, folderId, followIssues(old, before, records, isSourceNew)),
      ])
    },
    forget: (fence, folderId) =>
      write(fence, [
        removePages(db, folderId),
        db.query.delete(issues).where(eq(issues.folderId, folderId)),
        patchFolder(db, folderId, forgotten),
      ]),
    suspect: (fence, folderId, suspect) => write(fence, [patchFolder(db, folderId, { suspect })]),
    issues: (pair) => readIssues(db, ofPair(pair)),
    traits: (endpoint) => readTraits(db, endpoint),
    async learn(endpoint, learnt) {
      const known = db.query.insert(traits).values({ endpoint, ...learnt })
      await db.write([known.onConflictDoUpdate({ target: traits.endpoint, set: { endpoint, ...learnt } })])
    },
  }
}

async function intend(
  db: Database,
  fence: Fence,
  pair: PairKey,
  intents: readonly FolderIntent[],
): Promise<readonly FolderState[]> {
  const pairId = await ensurePair(db, fence, pair)
  const before = byId(await readFolders(db, ofPair(pair)))
  const rows = intents.map((intent) => ({
    id: intent.id ?? undefined,
    pairId,
    ...intended(known(before, intent), intent),
  }))
  await db.write([holds(db, fence), ...chunks(rows).map((chunk) => putFolders(db, chunk))])
  const after = byId(await readFolders(db, ofPair(pair)))
  const created = new Map(
    [...after.values()].flatMap((state) => (before.has(state.id) ? [] : [[state.source.name, state]])),
  )
  return intents.map(({ id, source }) => found(id === null ? created.get(source.name) : after.get(id)))
}

/** The pair may be written before its folders: by itself it says nothing. */
async function ensurePair(db: Database, fence: Fence, pair: PairKey): Promise<number> {
  const select = db.query.select({ id: pairs.id }).from(pairs).where(ofPair(pair))
  const [known] = await db.read([select])
  if (known[0] !== undefined) return known[0].id
  const [, , made] = await db.write([
    holds(db, fence),
    db.query.insert(pairs).values(pair).onConflictDoNothing(),
    select,
  ])
  return found(made[0]).id
}

const putFolders = (db: Database, rows: readonly (typeof folders.$inferInsert)[]): Statement =>
  db.query.run(sql`${insertRows(folders, rows)} on conflict (id) do update
    set source = excluded.source, target = excluded.target, dirty_since = excluded.dirty_since`)

const known = (states: ReadonlyMap<number, FolderState>, { id }: FolderIntent): FolderState | null =>
  id === null ? null : found(states.get(id))

const byId = (states: readonly FolderState[]): ReadonlyMap<number, FolderState> =>
  new Map(states.map((state) => [state.id, state]))

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Cannot find a folder of the mailbox in the database')
  return value
}

/** Statements of one page: its records, and which issues stand after it. */
function settlePage(db: Database, { folderId, records, issues: reported }: LedgerPage): readonly Statement[] {
  const settled = records.filter((record) => !hasIssue(record)).map(({ sourceUid }) => sourceUid)
  return [
    ...appendRecords(db, folderId, records),
    db.query.run(sql`delete from ${issues} where ${issues.folderId} = ${folderId}
      and ${issues.sourceUid} in (select value from json_each(${JSON.stringify(settled)}))`),
    ...putIssues(db, folderId, reported),
  ]
}

const putIssues = (db: Database, folderId: number, list: readonly ItemIssue[]): readonly Statement[] =>
  chunks(list).map((chunk) =>
    db.query.run(
      sql`${insertRows(
        issues,
        chunk.map((issue) => ({ folderId, sourceUid: issue.sourceUid, issue })),
      )} on conflict (folder_id, source_uid) do update set issue = excluded.issue`,
    ),
  )

const patchFolder = (db: Database, folderId: number, patch: FolderPatch): Statement =>
  db.query.update(folders).set(patch).where(eq(folders.id, folderId))

/** What is in the ledger now is confirmed, by the place of its newest page. */
const confirm = (db: Database, folderId: number): Statement =>
  db.query
    .update(folders)
    .set({
      passes: sql`${folders.passes} + 1`,
      confirmedPageId: sql`(select coalesce(max(${ledgerPages.id}), 0) from ${ledgerPages} where ${ledgerPages.folderId} = ${folderId})`,
    })
    .where(eq(folders.id, folderId))
