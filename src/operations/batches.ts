import type { Statement } from '../../db/client.ts'
import { actOnBatch } from '../../db/queries/actions.ts'
import { listBatches as selectBatches } from '../../db/queries/batches.ts'
import { busyUserIds, cancelQueuedJobs as cancelQueued } from '../../db/queries/passes.ts'
import { enqueueJobs } from '../../db/stores/job-statements.ts'
import type { Batch } from '../domain/batch.ts'
import { removalOf } from '../domain/job.ts'
import { Refusal } from '../domain/refusal.ts'
import { type BatchAction, batchStatusWords } from '../domain/status.ts'
import type { Context } from './context.ts'
import { insertNewBatch, type NewBatch } from './create-batch.ts'
import { getBatch } from './find.ts'

export type { NewBatch } from './create-batch.ts'
export { type BatchReport, batchReport } from './report.ts'

/** All or nothing: a list with a mistake makes no batch (code `invalid`, with line and column of each). */
export async function createBatch(context: Context, input: NewBatch): Promise<Batch> {
  const batch = await insertNewBatch(context, input)
  context.changed({ batchId: batch.id })
  return input.autoStart ? await startBatch(context, batch.id) : batch
}

export const listBatches = ({ db }: Context): Promise<readonly Batch[]> => selectBatches(db)

export const showBatch = (context: Context, nameOrId: string | number): Promise<Batch> => getBatch(context, nameOrId)

export const startBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'start')

/** What runs ends softly; the batch is stopped when all has. */
export const stopBatch = (context: Context, nameOrId: string | number): Promise<Batch> => act(context, nameOrId, 'stop')

export const completeBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'complete')

export const syncBatchNow = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'syncNow')

/** Tries the failed users again. */
export const retryBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'retry')

/** Begins to remove the batch and its users; what was copied stays known. */
export const removeBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'remove')

/** What goes with an action, beside the passes that it asks for. */
interface Around {
  /** Written together with it. */
  readonly also?: (context: Context, batch: Batch) => readonly Statement[]
  readonly after?: (context: Context, batch: Batch) => void | Promise<void>
}

async function halt(context: Context, { id }: Batch): Promise<void> {
  context.halt(await busyUserIds(context.db, id))
  context.disconnect({ batchId: id })
}

const forgive = (context: Context, { id }: Batch): void => context.forgive({ batchId: id })

const around: Partial<Record<BatchAction, Around>> = {
  start: { after: forgive },
  retry: { after: forgive },
  stop: { after: halt },
  remove: {
    also: ({ db, clock }, batch) => [cancelQueued(db, batch.id), ...enqueueJobs(db, [removalOf(batch, clock.now())])],
    after: halt,
  },
}

async function act(context: Context, nameOrId: string | number, action: BatchAction): Promise<Batch> {
  const { id } = await getBatch(context, nameOrId)
  const { also, after } = around[action] ?? {}
  const batch = await context.turns.take(id, async () => {
    const before = await getBatch(context, id)
    if (action === 'retry' && before.counts.failed === 0) throw refusal(before, action, 'of which no user failed')
    const moment = { now: context.clock.now(), random: context.random() }
    const acted = await actOnBatch(context.db, before, action, moment, also?.(context, before))
    return acted ?? refuse(before, action)
  })
  await after?.(context, batch)
  context.changed({ batchId: id })
  context.wake()
  return batch
}

const verbs: Record<BatchAction, string> = {
  start: 'start',
  stop: 'stop',
  retry: 'retry',
  syncNow: 'sync',
  complete: 'complete',
  approve: 'approve',
  remove: 'remove',
}

function refuse(batch: Batch, action: BatchAction): never {
  throw refusal(batch, action, `while it is ${batchStatusWords[batch.status]}`)
}

const refusal = ({ name, status }: Batch, action: BatchAction, why: string): Refusal => {
  const code = status === 'needsApproval' && action === 'complete' ? 'needs-approval' : 'wrong-state'
  return new Refusal(code, `Cannot ${verbs[action]} the batch "${name}" ${why}`)
}
