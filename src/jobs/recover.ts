import { deleteBatch, hiddenBatchIds, listBatches, updateBatch } from '../../db/queries/batches.ts'
import { resumeLong } from '../../db/queries/long-actions.ts'
import { hasRemoval, moveUsers } from '../../db/queries/passes.ts'
import { enterPhase } from '../../db/queries/phases.ts'
import { countByStatus, deleteUsers } from '../../db/queries/users.ts'
import { enqueueJobs } from '../../db/stores/job-statements.ts'
import type { Batch } from '../domain/batch.ts'
import { countUsers, rollUp } from '../domain/batch-action.ts'
import { removalOf } from '../domain/job.ts'
import type { JobContext } from './context.ts'

/**
 * Puts right what a process that died has left, after its jobs went back to the queue and before any is taken:
 * half-made batches go, half-done starts and stops are completed, counters are derived anew.
 */
export async function recover(context: JobContext): Promise<void> {
  const { db } = context
  for (const id of await hiddenBatchIds(db)) await db.write([deleteUsers(db, id), deleteBatch(db, id)])
  for (const batch of await listBatches(db)) await recoverBatch(context, batch)
}

async function recoverBatch({ db, clock, random }: JobContext, batch: Batch): Promise<void> {
  if (batch.status === 'removing' && !(await hasRemoval(db, batch.id)))
    await db.write([...enqueueJobs(db, [removalOf(batch, clock.now())])])
  await resumeLong(db, batch, { now: clock.now(), random: random() })
  // Nobody runs: who was running waits again.
  await db.write([moveUsers(db, batch.id, ['wait'], undefined, enterPhase('queued', clock.now()))])
  const counts = countUsers(await countByStatus(db, batch.id))
  const changes = rollUp(batch, counts, clock.now(), random())
  await db.write([updateBatch(db, batch.id, changes)])
}
