import type { Statement } from '../../db/client.ts'
import { actOnBatch } from '../../db/queries/actions.ts'
import { priorityRange, setPriority } from '../../db/queries/batch-edits.ts'
import { listBatches as selectBatches } from '../../db/queries/batches.ts'
import { busyUserIds, cancelQueuedJobs as cancelQueued } from '../../db/queries/passes.ts'
import { sumCounts } from '../../db/queries/reports.ts'
import { enqueueJobs } from '../../db/stores/job-statements.ts'
import type { Batch } from '../domain/batch.ts'
import { removalOf } from '../domain/job.ts'
import { Refusal } from '../domain/refusal.ts'
import { type BatchAction, batchStatusWords } from '../domain/status.ts'
import type { Context } from './context.ts'
import { insertNewBatch, type NewBatch } from './create-batch.ts'
import { getBatch } from './find.ts'

export { addUsers } from './add-users.ts'
export type { NewBatch } from './create-batch.ts'
export { type BatchChanges, changeBatch } from './edit-batch.ts'
export { type BatchReport, batchReport } from './report.ts'

/** All or nothing: a list with a mistake makes no batch (code `invalid`, with line and column of each). */
export async function createBatch(context: Context, input: NewBatch): Promise<Batch> {
  const batch = await insertNewBatch(context, input)
  context.changed({ batchId: batch.id })
  if (input.autoStart && batch.startAfter === null) return await startBatch(context, batch.id)
  return batch.startAfter === null ? batch : await act(context, batch.id, 'schedule')
}

export const listBatches = ({ db }: Context): Promise<readonly Batch[]> => selectBatches(db)

export const showBatch = (context: Context, nameOrId: string | number): Promise<Batch> => getBatch(context, nameOrId)

export const startBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'start')

/** What runs ends softly; the batch is stopped when all has. */
export const stopBatch = (context: Context, nameOrId: string | number): Promise<Batch> => act(context, nameOrId, 'stop')

export interface Completion {
  /** Refused unless all is well: nothing failed, nothing was skipped, nobody is stopped. */
  readonly isWholeOnly?: boolean
}

/** Final passes for all who are synced. For a batch that is completing already, or completed, nothing changes. */
export async function completeBatch(
  context: Context,
  nameOrId: string | number,
  { isWholeOnly = false }: Completion = {},
): Promise<Batch> {
  const batch = await getBatch(context, nameOrId)
  if (batch.status === 'completing' || batch.status === 'completed') return batch
  if (isWholeOnly) await refuseIncomplete(context, batch)
  return await act(context, batch.id, 'complete')
}

async function refuseIncomplete({ db }: Context, batch: Batch): Promise<void> {
  const { failed, stopped, pending } = batch.counts
  const { skipped } = await sumCounts(db, batch.id)
  const left = Object.entries({ failed, stopped, 'not started': pending }).filter(([, users]) => users > 0)
  const reasons = left.map(([word, users]) => `${users} users are ${word}`)
  if (skipped > 0) reasons.push(`${skipped} items were skipped`)
  if (reasons.length > 0) throw refusal(batch, 'complete', `while ${reasons.join(' and ')}`)
}

/** Its users go before those of all other batches, or after them; what runs is not touched. */
export async function prioritizeBatch(
  context: Context,
  nameOrId: string | number,
  to: 'highest' | 'lowest',
): Promise<Batch> {
  const { db } = context
  const { id } = await getBatch(context, nameOrId)
  await context.turns.take(id, async () => {
    const { highest, lowest } = await priorityRange(db)
    await setPriority(db, id, to === 'highest' ? highest + 1 : lowest - 1)
  })
  context.changed({ batchId: id })
  context.wake()
  return await getBatch(context, id)
}

export const syncBatchNow = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'syncNow')

/** Tries the failed users again. */
export const retryBatch = (context: Context, nameOrId: string | number): Promise<Batch> =>
  act(context, nameOrId, 'retry')

/** Begins to remove the batch and its users; what was copied stays known. By force, what runs of it is ended first. */
export const removeBatch = (
  context: Context,
  nameOrId: string | number,
  { isForced = false }: { readonly isForced?: boolean } = {},
): Promise<Batch> => act(context, nameOrId, isForced ? 'forceRemove' : 'remove')

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

const removing: Around = {
  also: ({ db, clock }, batch) => [cancelQueued(db, batch.id), ...enqueueJobs(db, [removalOf(batch, clock.now())])],
  after: halt,
}

/** What may be asked by name, and what only here. */
type Asked = BatchAction | 'forceRemove' | 'schedule'

const around: Partial<Record<Asked, Around>> = {
  start: { after: forgive },
  retry: { after: forgive },
  stop: { after: halt },
  remove: removing,
  forceRemove: removing,
}

async function act(context: Context, nameOrId: string | number, action: Asked): Promise<Batch> {
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

const verbs: Record<Asked, string> = {
  schedule: 'schedule',
  forceRemove: 'remove',
  start: 'start',
  stop: 'stop',
  retry: 'retry',
  syncNow: 'sync',
  complete: 'complete',
  approve: 'approve',
  remove: 'remove',
}

function refuse(batch: Batch, action: Asked): never {
  throw refusal(batch, action, `while it is ${batchStatusWords[batch.status]}`)
}

const refusal = ({ name, status }: Batch, action: Asked, why: string): Refusal => {
  const code = status === 'needsApproval' && action === 'complete' ? 'needs-approval' : 'wrong-state'
  return new Refusal(code, `Cannot ${verbs[action]} the batch "${name}" ${why}`)
}
