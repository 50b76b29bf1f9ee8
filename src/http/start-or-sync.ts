import type { Batch } from '../domain/batch.ts'
import { nextBatchStatus } from '../domain/status.ts'
import { showBatch, startBatch, syncBatchNow } from '../operations/batches.ts'
import type { Context } from '../operations/context.ts'

/** One resource for both: starting is bringing over what is new once the first pass is over. */
export async function startOrSync(context: Context, nameOrId: string): Promise<Batch> {
  const { id, status } = await showBatch(context, nameOrId)
  return nextBatchStatus(status, 'syncNow') === null ? startBatch(context, id) : syncBatchNow(context, id)
}
