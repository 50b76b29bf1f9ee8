import { busyUserIds } from '../../db/queries/passes.ts'
import { deleteSomeUsers, hasUsers } from '../../db/queries/users.ts'
import { chunkRowsMax } from '../../db/rows.ts'
import type { JobControl } from '../domain/job.ts'
import { sleep } from '../platform/timers.ts'
import type { JobContext } from './context.ts'

/** How often it is looked whether the jobs that were halted have ended. */
const lookEveryMs = 200

/** Deletes the users of a batch, some at a time; the batch itself goes with the end of the job, the ledger stays. */
export async function removeBatch(context: JobContext, batchId: number, { signal }: JobControl): Promise<void> {
  const { db, timers, saved } = context
  while ((await busyUserIds(db, batchId)).length > 0) await sleep(timers, lookEveryMs, signal)
  while (await hasUsers(db, batchId)) {
    signal.throwIfAborted()
    await db.write(deleteSomeUsers(db, batchId, chunkRowsMax))
  }
  await saved.removeBatch(batchId)
}
