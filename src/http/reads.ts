import { type Amounts, sumAmounts } from '../../db/queries/amounts.ts'
import { sumCounts } from '../../db/queries/reports.ts'
import type { Batch, BatchTotals } from '../domain/batch.ts'
import type { User } from '../domain/user.ts'
import type { Shared } from './environment.ts'
import { withLive } from './live.ts'

/** The sums of a batch as of now: what is stored, and for running passes what they told last. */
export async function totalsNow({ app, live }: Shared, batch: Batch): Promise<BatchTotals> {
  const { db } = app.context
  const running = live.running(batch.id)
  const [counts, stored] = await Promise.all([sumCounts(db, batch.id), sumAmounts(db, batch.id, [...running.keys()])])
  return { counts, ...[stored, ...running.values()].reduce<Amounts>(add, nothing) }
}

const nothing: Amounts = { itemsTotal: 0, itemsDone: 0, bytesTotal: 0, bytesDone: 0 }

const add = (a: Amounts, b: Amounts): Amounts => ({
  itemsTotal: a.itemsTotal + b.itemsTotal,
  itemsDone: a.itemsDone + b.itemsDone,
  bytesTotal: a.bytesTotal + b.bytesTotal,
  bytesDone: a.bytesDone + b.bytesDone,
})

export const userNow = ({ live }: Shared, user: User): User => withLive(user, live.of(user.batchId, user.id))
