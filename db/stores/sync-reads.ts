import { and, asc, eq, getTableColumns, type SQL } from 'drizzle-orm'
import type { EndpointTraits, FolderState, ItemIssue, PairKey } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { folders, issues, pairs, traits } from '../schema/ledger.ts'

export const ofPair = ({ source, target }: PairKey) => and(eq(pairs.source, source), eq(pairs.target, target))

const { pairId: _, confirmedPageId: __, packedPages: ___, ...stateColumns } = getTableColumns(folders)

/** All folders of a pair, by id. */
export const selectFolders = prepared((query, { source, target }: Places<PairKey>) =>
  query
    .select(stateColumns)
    .from(folders)
    .innerJoin(pairs, eq(pairs.id, folders.pairId))
    .where(and(eq(pairs.source, source), eq(pairs.target, target)))
    .orderBy(asc(folders.id)),
)

const selectFolder = prepared((query, { id }: Places<{ id: number }>) =>
  query.select(stateColumns).from(folders).where(eq(folders.id, id)),
)

export async function readFolders(db: Database, pair: PairKey): Promise<readonly FolderState[]> {
  const [states] = await db.read([selectFolders(db, pair)])
  return states
}

export async function readFolder(db: Database, id: number): Promise<FolderState> {
  const [[state]] = await db.read([selectFolder(db, { id })])
  if (state === undefined) throw new Error(`Cannot find the folder ${id}`)
  return state
}

export async function readIssues(db: Database, where: SQL | undefined): Promise<readonly ItemIssue[]> {
  const [rows] = await db.read([
    db.query
      .select({ issue: issues.issue })
      .from(issues)
      .innerJoin(folders, eq(folders.id, issues.folderId))
      .innerJoin(pairs, eq(pairs.id, folders.pairId))
      .where(where)
      .orderBy(asc(issues.folderId), asc(issues.sourceUid)),
  ])
  return rows.map(({ issue }) => issue)
}

const selectTraits = prepared((query, { endpoint }: Places<{ endpoint: string }>) =>
  query.select().from(traits).where(eq(traits.endpoint, endpoint)),
)

export async function readTraits(db: Database, endpoint: string): Promise<EndpointTraits> {
  const [rows] = await db.read([selectTraits(db, { endpoint })])
  return { tellsUids: rows[0]?.tellsUids ?? null, rewrites: rows[0]?.rewrites ?? null }
}
