import { and, eq, sql } from 'drizzle-orm'
import { runsOf } from '../../src/domain/ledger.ts'
import {
  type Fence,
  type ItemIssue,
  type LedgerPage,
  type SyncStore,
  wholeFolder,
} from '../../src/domain/sync-state.ts'
import type { Database, Statement } from '../client.ts'
import { fence as holds } from '../guards.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { chunks, insertRows } from '../rows.ts'
import { folders, issues, ledgerPages, traits } from '../schema/ledger.ts'
import { advanced, followIssues, forgotten, hasIssue, rekeyed } from './folder-patches.ts'
import { intend } from './intents.ts'
import {
  appendRecords,
  needsPacking,
  readLedger,
  readSizes,
  readVanished,
  removePages,
  replaceRecords,
} from './ledger-pages.ts'
import { ofPair, readFolder, readFolders, readIssues, readTraits } from './sync-reads.ts'

/** The memory of the engine on libSQL. */
export function createSyncStore(db: Database): SyncStore {
  /** The fence stands first: a stale one stops the whole write. */
  const write = async (fence: Fence, statements: readonly Statement[]): Promise<void> => {
    await db.write([holds(db, fence), ...statements])
  }
  return {
    folders: (pair) => readFolders(db, pair),
    ledger: (folderId) => readLedger(db, folderId),
    vanished: (pair) => readVanished(db, pair),
    intend: (fence, pair, intents) => intend(db, fence, pair, intents),
    settle: (fence, pages) =>
      write(
        fence,
        pages.flatMap((page) => settlePage(db, page)),
      ),
    async advance(fence, folderId, advance) {
      const [, , , , sizes] = await db.write([
        holds(db, fence),
        patchFolder(db, folderId, advanced(advance)),
        confirm(db, { folderId }),
        forgetWholeFolder(db, { folderId }),
        readSizes(db, { folderId }),
      ])
      if (sizes[0] && needsPacking(sizes[0]))
        await write(fence, await replaceRecords(db, folderId, await readLedger(db, folderId)))
    },
    rest: (fence, folderIds) => write(fence, [countIdle(db, { list: JSON.stringify(folderIds) })]),
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

/** Statements of one page: its records, and which issues stand after it. */
function settlePage(db: Database, { folderId, records, issues: reported }: LedgerPage): readonly Statement[] {
  const settled = records.filter((record) => !hasIssue(record)).map(({ sourceUid }) => sourceUid)
  return [
    ...appendRecords(db, folderId, records),
    forgetIssues(db, { folderId, runs: JSON.stringify(runsOf(settled)) }),
    ...putIssues(db, folderId, reported),
  ]
}

/** Goes by the issues that the folder has, which are few if any; the plus keeps the settled ones from being looked up each. */
const forgetIssues = prepared((query, { folderId, runs }: Places<{ folderId: number; runs: string }>) =>
  query.run(sql`delete from ${issues} where ${issues.folderId} = ${folderId} and exists (
    select 1 from json_each(${runs}) where +${issues.sourceUid} between value ->> 0 and value ->> 1)`),
)

const forgetWholeFolder = prepared((query, { folderId }: Places<{ folderId: number }>) =>
  query.delete(issues).where(and(eq(issues.folderId, folderId), eq(issues.sourceUid, wholeFolder))),
)

const putIssues = (db: Database, folderId: number, list: readonly ItemIssue[]): readonly Statement[] =>
  chunks(list).map((chunk) =>
    db.query.run(
      sql`${insertRows(
        issues,
        chunk.map((issue) => ({ folderId, sourceUid: issue.sourceUid, issue })),
      )} on conflict (folder_id, source_uid) do update set issue = excluded.issue`,
    ),
  )

const patchFolder = updateOf(folders)

/** What is in the ledger now is confirmed, by the place of its newest page. */
const countIdle = prepared((query, { list }: Places<{ list: string }>) =>
  query.run(
    sql`update ${folders} set idle_passes = idle_passes + 1 where id in (select value from json_each(${list}))`,
  ),
)

const confirm = prepared((query, { folderId }: Places<{ folderId: number }>) =>
  query.run(sql`update ${folders} set passes = passes + 1, confirmed_page_id = (
    select coalesce(max(id), 0) from ${ledgerPages} where folder_id = ${folderId}) where id = ${folderId}`),
)
