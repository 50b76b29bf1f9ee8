import { eq, sql } from 'drizzle-orm'
import type { BatchTotals } from '../../src/domain/batch.ts'
import type { Database } from '../client.ts'
import { users } from '../schema/users.ts'

export type Amounts = Omit<BatchTotals, 'counts'>

/** Items and bytes over the users of a batch but those named, who are told of from elsewhere. */
export async function sumAmounts(db: Database, batchId: number, exceptIds: readonly number[]): Promise<Amounts> {
  const isExcepted = sql`${users.id} in (select value from json_each(${JSON.stringify(exceptIds)}))`
  const sum = (column: keyof Amounts) =>
    sql<number>`coalesce(sum(case when ${isExcepted} then 0 else ${users[column]} end), 0)`
  const [[row]] = await db.read([
    db.query
      .select({
        itemsTotal: sum('itemsTotal'),
        itemsDone: sum('itemsDone'),
        bytesTotal: sum('bytesTotal'),
        bytesDone: sum('bytesDone'),
      })
      .from(users)
      .where(eq(users.batchId, batchId)),
  ])
  return row ?? { itemsTotal: 0, itemsDone: 0, bytesTotal: 0, bytesDone: 0 }
}
