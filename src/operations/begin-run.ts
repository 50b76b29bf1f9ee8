import { ConstraintFailed } from '../../db/faults.ts'
import { startNew } from '../../db/queries/actions.ts'
import { insertBatch } from '../../db/queries/batches.ts'
import { insertEndpoint, toEndpoint } from '../../db/queries/endpoints.ts'
import { forgetRun, nextIds } from '../../db/queries/runs.ts'
import { insertUsers, type UserRow as StoredRow } from '../../db/queries/users.ts'
import { chunks } from '../../db/rows.ts'
import type { Batch } from '../domain/batch.ts'
import { defaultSettings } from '../domain/batch-settings.ts'
import { Refusal } from '../domain/refusal.ts'
import { incrementalEveryMsDefault } from '../domain/schedule.ts'
import type { Context } from './context.ts'
import { type Ends, readRows, sealRows } from './create-batch.ts'
import { endpointRow, type NewEndpoint, type NewEndpointRow } from './endpoints.ts'

/** A batch whose endpoints are made for it alone. */
export interface NewRun {
  readonly source: NewEndpoint
  readonly target: NewEndpoint
  readonly batchName: string
  readonly csv: Uint8Array
  readonly allowsUnknownColumns: boolean
}

interface Run {
  readonly ends: Ends
  readonly endRows: readonly (NewEndpointRow & { readonly id: number })[]
  readonly batch: Batch
  readonly users: readonly StoredRow[]
}

/**
 * Checks all of a run, and gives the one write that makes it and starts it, in place of what an earlier run left under
 * the same names. For a process that runs no jobs yet. Nothing is copied twice for that: what is known of a mailbox is
 * kept by its two servers and names, not by batch.
 */
export async function prepareRun(context: Context, input: NewRun): Promise<() => Promise<Batch>> {
  const run = await readRun(context, input)
  return async () => {
    await write(context, run)
    context.changed({ batchId: run.batch.id })
    context.wake()
    return run.batch
  }
}

async function readRun(context: Context, input: NewRun): Promise<Run> {
  const [ids, sourceRow, targetRow] = await Promise.all([
    nextIds(context.db),
    endpointRow(context, input.source),
    endpointRow(context, input.target),
  ])
  const source = { ...sourceRow, id: ids.endpoint }
  const target = { ...targetRow, id: ids.endpoint + 1 }
  const ends = { source: toEndpoint(source), target: toEndpoint(target) }
  const list = await readRows({ csv: input.csv, allowUnknownColumns: input.allowsUnknownColumns }, ends)
  const users = await sealRows(context, ids.batch, ends, list)
  const batch = newBatch(ids.batch, input.batchName, ends, users.length, context.clock.now())
  return { ends, endRows: [source, target], batch, users }
}

const newBatch = (id: number, name: string, { source, target }: Ends, total: number, createdAt: number): Batch => ({
  ...{ id, name, type: 'imap', direction: 'direct', status: 'created', priority: 0 },
  ...{ sourceEndpointId: source.id, sourceEndpointName: source.name },
  ...{ targetEndpointId: target.id, targetEndpointName: target.name },
  incrementalEveryMs: incrementalEveryMsDefault,
  ...{ settings: defaultSettings, startAfter: null, completeAfter: null, consistency: null },
  counts: { total, pending: total, active: 0, synced: 0, completed: 0, failed: 0, stopped: 0 },
  ...{ createdAt, startedAt: null, initialSyncedAt: null, lastSyncedAt: null, completedAt: null, nextPassAt: null },
})

async function write({ db, clock, random }: Context, { ends, endRows, batch, users }: Run): Promise<void> {
  const { id, name, priority, incrementalEveryMs, settings, createdAt, sourceEndpointId, targetEndpointId, counts } =
    batch
  try {
    await db.write([
      ...forgetRun(db, { batch: name, source: ends.source.name, target: ends.target.name }),
      ...endRows.map((row) => insertEndpoint(db, row)),
      insertBatch(db, {
        ...{ id, name, priority, incrementalEveryMs, settings, createdAt, sourceEndpointId, targetEndpointId },
        ...{ ...counts, isPublished: true },
      }),
      ...chunks(users).map((chunk) => insertUsers(db, chunk)),
      ...startNew(db, batch, { now: clock.now(), random: random() }),
    ])
  } catch (error) {
    if (!(error instanceof ConstraintFailed)) throw error
    throw new Refusal('conflict', `Cannot begin the batch "${name}": another batch uses its endpoints`)
  }
}
