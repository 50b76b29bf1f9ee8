import { actOnBatch } from '../../db/queries/actions.ts'
import { batchesDue, findBatch, nextBatchDueAt, updateBatch } from '../../db/queries/batches.ts'
import { completeOneByOne, hasLaterUsers } from '../../db/queries/due-users.ts'
import type { Batch } from '../domain/batch.ts'
import { completesAtOnce } from '../domain/batch-action.ts'
import type { BatchEvent } from '../domain/status.ts'
import type { JobContext } from './context.ts'
import { tickUsers } from './tick-users.ts'

/** Brings about what is due: starts, incremental passes, completions. Tells when it wants to be asked again, or null. */
export async function tickBatches(context: JobContext, now: number): Promise<number | null> {
  for (const { id } of await batchesDue(context.db, now)) {
    await context.turns.take(id, () => bringAbout(context, id, now))
    context.changed({ batchId: id })
  }
  const due = [await nextBatchDueAt(context.db), await tickUsers(context, now)].filter((at) => at !== null)
  return due.length > 0 ? Math.min(...due) : null
}

async function bringAbout({ db, random }: JobContext, id: number, now: number): Promise<void> {
  const batch = await findBatch(db, id)
  if (batch === null) return
  for (const event of eventsDue(batch, now)) {
    if (event === 'completeDue' && (await hasLaterUsers(db, id, now))) {
      await db.write([...completeOneByOne(db, id, batch.completeAfter ?? now)])
      return
    }
    if (await actOnBatch(db, batch, event, { now, random: random() })) return
  }
  // A due time that its status refuses would be due for ever.
  if (batch.nextPassAt !== null && batch.nextPassAt <= now) await db.write([updateBatch(db, id, { nextPassAt: null })])
}

/** What the clock asks of a batch, the most important first. A long action that is unfinished comes before all. */
function eventsDue(batch: Batch, now: number): readonly BatchEvent[] {
  const isDue = (at: number | null): boolean => at !== null && at <= now
  const rests = batch.status === 'synced' || batch.status === 'syncedWithErrors'
  const completes = rests || batch.status === 'incrementalSyncing'
  return [
    ...(isDue(batch.nextPassAt) && !rests ? (['passDue'] as const) : []),
    ...(batch.status === 'waiting' && isDue(batch.startAfter) ? (['startDue'] as const) : []),
    ...(completes && isDue(batch.completeAfter) ? (['completeDue'] as const) : []),
    ...(rests && completesAtOnce(batch, now) ? (['completeDue'] as const) : []),
    ...(isDue(batch.nextPassAt) ? (['passDue'] as const) : []),
  ]
}
