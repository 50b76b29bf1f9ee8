import { and, asc, eq, type SQL } from 'drizzle-orm'
import type { EndpointTraits, FolderState, ItemIssue, PairKey } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { folders, issues, pairs, traits } from '../schema/ledger.ts'

export const ofPair = ({ source, target }: PairKey) => and(eq(pairs.source, source), eq(pairs.target, target))

export async function readFolders(db: Database, where: SQL | undefined): Promise<readonly FolderState[]> {
  const [rows] = await db.read([
    db.query
      .select({ folder: folders })
      .from(folders)
      .innerJoin(pairs, eq(pairs.id, folders.pairId))
      .where(where)
      .orderBy(asc(folders.id)),
  ])
  return rows.map(({ folder: { pairId: _, confirmedPageId: __, packedPages: ___, ...state } }) => state)
}

export async function readFolder(db: Database, folderId: number): Promise<FolderState> {
  const [state] = await readFolders(db, eq(folders.id, folderId))
  if (state === undefined) throw new Error(`Cannot find the folder ${folderId}`)
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

export async function readTraits(db: Database, endpoint: string): Promise<EndpointTraits> {
  const [rows] = await db.read([db.query.select().from(traits).where(eq(traits.endpoint, endpoint))])
  return { tellsUids: rows[0]?.tellsUids ?? null, rewrites: rows[0]?.rewrites ?? null }
}
