import { eq, sql } from 'drizzle-orm'
import type { FolderCounts } from '../../src/domain/sync-state.ts'
import { noCounts } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { users } from '../schema/users.ts'

/** The equation over all users of a batch, each as its last pass left it. */
export async function sumCounts(db: Database, batchId: number): Promise<FolderCounts> {
  const sum = (column: keyof FolderCounts) => sql<number>`coalesce(sum(${users[column]}), 0)`
  const sums = db.query
    .select({
      source: sum('source'),
      copied: sum('copied'),
      adopted: sum('adopted'),
      excluded: sum('excluded'),
      removed: sum('removed'),
      skipped: sum('skipped'),
      failed: sum('failed'),
      gone: sum('gone'),
    })
    .from(users)
    .where(eq(users.batchId, batchId))
  const [[row]] = await db.read([sums])
  return row ?? noCounts
}
