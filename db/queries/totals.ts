import { eq, type SQL, sql } from 'drizzle-orm'
import type { BatchTotals } from '../../src/domain/batch.ts'
import { type FolderCounts, noCounts } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { users } from '../schema/users.ts'

const countNames = Object.keys(noCounts) as (keyof FolderCounts)[]

/**
 * Sums over the users of a batch. Items and bytes leave out the users named, who are told of from elsewhere.
 * One pass over perhaps 50,000 rows.
 */
export async function sumTotals(db: Database, batchId: number, exceptIds: readonly number[]): Promise<BatchTotals> {
  const [[row]] = await db.read([selectTotals(db, { batchId, excepted: JSON.stringify(exceptIds) })])
  if (row === undefined) throw new Error(`Cannot sum up batch ${batchId}: there is no row`)
  return row
}

const selectTotals = prepared((query, { batchId, excepted }: Places<{ batchId: number; excepted: string }>) => {
  const isExcepted = sql`${users.id} in (select value from json_each(${excepted}))`
  const sum = (value: SQL): SQL<number> => sql<number>`coalesce(sum(${value}), 0)`
  const others = (name: 'itemsTotal' | 'itemsDone' | 'bytesTotal' | 'bytesDone') =>
    sum(sql`case when ${isExcepted} then 0 else ${users[name]} end`)
  return query
    .select({
      counts: Object.fromEntries(countNames.map((name) => [name, sum(sql`${users[name]}`)])) as CountSums,
      itemsTotal: others('itemsTotal'),
      itemsDone: others('itemsDone'),
      bytesTotal: others('bytesTotal'),
      bytesDone: others('bytesDone'),
      usersKnown: sum(sql`not ${isExcepted} and (${users.passes} > 0 or ${users.itemsTotal} > 0)`),
    })
    .from(users)
    .where(eq(users.batchId, batchId))
})

type CountSums = Readonly<Record<keyof FolderCounts, SQL<number>>>
