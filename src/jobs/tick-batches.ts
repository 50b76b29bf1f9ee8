import { actOnBatch } from '../../db/queries/actions.ts'
import { batchesDue, findBatch, nextBatchPassAt, updateBatch } from '../../db/queries/batches.ts'
import type { JobContext } from './context.ts'

/** Starts the incremental passes that are due; tells when the next one is, or null. */
export async function tickBatches(context: JobContext, now: number): Promise<number | null> {
  for (const { id } of await batchesDue(context.db, now)) {
    await context.turns.take(id, () => startPass(context, id, now))
    context.changed({ batchId: id })
  }
  return await nextBatchPassAt(context.db)
}

async function startPass({ db, random }: JobContext, id: number, now: number): Promise<void> {
  const batch = await findBatch(db, id)
  if (batch === null || batch.nextPassAt === null || batch.nextPassAt > now) return
  const acted = await actOnBatch(db, batch, 'passDue', { now, random: random() })
  // A due time that its status refuses would be due for ever.
  if (acted === null) await db.write([updateBatch(db, id, { nextPassAt: null })])
}
