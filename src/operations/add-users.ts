import { actOnBatch } from '../../db/queries/actions.ts'
import { updateBatch } from '../../db/queries/batches.ts'
import { insertUsers, userIdsByAddress } from '../../db/queries/users.ts'
import { chunks } from '../../db/rows.ts'
import type { Batch } from '../domain/batch.ts'
import { Refusal } from '../domain/refusal.ts'
import { batchStatusWords, nextBatchStatus } from '../domain/status.ts'
import type { Context } from './context.ts'
import { readRows, sealRows } from './create-batch.ts'
import { getBatch, getEndpoint } from './find.ts'

/** What became of a list of further users. */
export interface AddedUsers {
  readonly added: number
  /** Rows of users who are in the batch already: nothing of them was changed. */
  readonly known: number
}

/**
 * Adds the users of a CSV whose addresses are new in the batch. The whole list is checked first. A batch that was
 * started begins with them at once, and is syncing again.
 */
export async function addUsers(
  context: Context,
  nameOrId: string | number,
  csv: Uint8Array | string,
  { allowUnknownColumns = false }: { readonly allowUnknownColumns?: boolean } = {},
): Promise<AddedUsers> {
  const found = await getBatch(context, nameOrId)
  const ends = {
    source: await getEndpoint(context, found.sourceEndpointId),
    target: await getEndpoint(context, found.targetEndpointId),
  }
  const rows = await readRows({ csv, allowUnknownColumns }, ends)
  const added = await context.turns.take(found.id, async () => {
    const batch = await getBatch(context, found.id)
    if (nextBatchStatus(batch.status, 'addUsers') === null) throw refusal(batch)
    if (ends.source.id !== batch.sourceEndpointId || ends.target.id !== batch.targetEndpointId)
      throw new Refusal('conflict', `Cannot add users to the batch "${batch.name}": its endpoints were just changed`)
    const known = await userIdsByAddress(context.db, batch.id)
    const further = rows.filter(({ emailAddress }) => !known.has(emailAddress.toLowerCase()))
    await insert(context, batch, await sealRows(context, batch.id, ends, further))
    const moment = { now: context.clock.now(), random: context.random() }
    const grown = await getBatch(context, batch.id)
    if (grown.counts.pending > 0) await actOnBatch(context.db, grown, 'addUsers', moment)
    return further.length
  })
  context.changed({ batchId: found.id })
  context.wake()
  return { added, known: rows.length - added }
}

/** The counters grow with each chunk: a list that was cut half-way can be given once more. */
async function insert({ db }: Context, batch: Batch, rows: Awaited<ReturnType<typeof sealRows>>): Promise<void> {
  let { counts } = batch
  for (const chunk of chunks(rows)) {
    counts = { ...counts, total: counts.total + chunk.length, pending: counts.pending + chunk.length }
    await db.write([insertUsers(db, chunk), updateBatch(db, batch.id, { counts })])
  }
}

const refusal = ({ name, status }: Batch): Refusal =>
  new Refusal('wrong-state', `Cannot add users to the batch "${name}" while it is ${batchStatusWords[status]}`)
