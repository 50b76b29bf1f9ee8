import { sumTotals } from '../../db/queries/totals.ts'
import type { Batch, BatchTotals } from '../domain/batch.ts'
import type { LiveProgress, User } from '../domain/user.ts'
import type { Shared } from './environment.ts'
import { withLive } from './live.ts'

/** The sums of a batch as of now: what is stored, and for running passes what they told last. */
export async function totalsNow({ app, live }: Shared, batch: Batch): Promise<BatchTotals> {
  const running = live.running(batch.id)
  const stored = await sumTotals(app.context.db, batch.id, [...running.keys()])
  return [...running.values()].reduce(add, stored)
}

const add = (totals: BatchTotals, told: LiveProgress): BatchTotals => ({
  counts: totals.counts,
  itemsTotal: totals.itemsTotal + told.itemsTotal,
  itemsDone: totals.itemsDone + told.itemsDone,
  bytesTotal: totals.bytesTotal + told.bytesTotal,
  bytesDone: totals.bytesDone + told.bytesDone,
  usersKnown: totals.usersKnown + 1,
})

export const userNow = ({ live }: Shared, user: User): User => withLive(user, live.of(user.batchId, user.id))
