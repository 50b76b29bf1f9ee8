import type { Statement } from '../../db/client.ts'
import { ConstraintFailed } from '../../db/faults.ts'
import { actOnBatch } from '../../db/queries/actions.ts'
import { type BatchEdit, editBatch, renameTargets, usersWithoutPassword } from '../../db/queries/batch-edits.ts'
import { mailboxName } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import type { BatchSettings, SettingsChanges } from '../domain/batch-settings.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import type { Side } from '../domain/fault.ts'
import { checkName, findProblems } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import { nextPassAt } from '../domain/schedule.ts'
import { type BatchStatus, batchStatusWords, nextBatchStatus } from '../domain/status.ts'
import {
  changedSettings,
  checkInterval,
  type GivenTimes,
  momentOf,
  settingsProblems,
  timeProblem,
} from './batch-settings.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint } from './find.ts'

/** What may be changed of a batch; what is undefined stays as it is. */
export interface BatchChanges extends GivenTimes {
  readonly name?: string | undefined
  /** Gap between incremental passes, milliseconds. */
  readonly incrementalEveryMs?: number | undefined
  readonly settings?: SettingsChanges | undefined
  readonly sourceEndpoint?: string | number | undefined
  readonly targetEndpoint?: string | number | undefined
}

/**
 * Takes effect with the next pass. Whatever has ended can only be given another name; endpoints can be changed while
 * nothing of the batch runs or waits.
 */
export async function changeBatch(context: Context, nameOrId: string | number, changes: BatchChanges): Promise<Batch> {
  const { id } = await getBatch(context, nameOrId)
  await context.turns.take(id, async () => {
    const batch = await getBatch(context, id)
    refuseEnded(batch, changes)
    const settings = changedSettings(batch.settings, changes.settings)
    refuseMistakes(batch, changes, settings)
    await change(context, batch, changes, settings)
  })
  context.changed({ batchId: id })
  context.wake()
  return await getBatch(context, id)
}

const ended: readonly BatchStatus[] = ['completed', 'completedWithErrors', 'removing']

function refuseEnded(batch: Batch, { name, ...others }: BatchChanges): void {
  const isNameOnly = name !== undefined && Object.values(others).every((value) => value === undefined)
  if (batch.status === 'removing' || (ended.includes(batch.status) && !isNameOnly))
    throw new Refusal(
      'wrong-state',
      `Cannot change the batch "${batch.name}" while it is ${batchStatusWords[batch.status]}`,
    )
}

function refuseMistakes(batch: Batch, changes: BatchChanges, settings: BatchSettings): void {
  const { name, incrementalEveryMs, startAfter, completeAfter } = changes
  const problems = findProblems({
    name: name === undefined ? null : checkName(name),
    incrementalEveryMs: incrementalEveryMs === undefined ? null : checkInterval(incrementalEveryMs),
    startAfter: timeProblem(startAfter, settings.timeZone) ?? startProblem(batch, startAfter),
    completeAfter: timeProblem(completeAfter, settings.timeZone),
    ...settingsProblems(settings),
  })
  if (problems.length === 0) return
  throw new Refusal('invalid', `Cannot change the batch "${batch.name}": ${problems[0]?.message}`, problems)
}

function startProblem({ status }: Batch, startAfter: string | null | undefined): string | null {
  if (startAfter === undefined) return null
  if (startAfter === null) return status === 'waiting' ? 'Stop the batch, or start it now' : null
  return nextBatchStatus(status, 'schedule') === null ? 'The batch was started already' : null
}

async function change(context: Context, batch: Batch, changes: BatchChanges, settings: BatchSettings): Promise<void> {
  const { db, clock, random } = context
  const ends = await changedEnds(context, batch, changes)
  const edit: BatchEdit = {
    name: changes.name,
    settings,
    ...endIds(ends),
    ...intervalOf(batch, changes, clock.now(), random()),
    ...times(changes, settings),
  }
  try {
    await db.write([editBatch(db, batch.id, edit), ...(ends.target ? await moveTo(context, batch, ends.target) : [])])
  } catch (error) {
    if (!(error instanceof ConstraintFailed)) throw error
    throw new Refusal('conflict', `Cannot call the batch "${changes.name}": there is one of that name`)
  }
  if (ends.source || ends.target) context.disconnect({ batchId: batch.id })
  if (typeof changes.startAfter === 'string')
    await actOnBatch(db, await getBatch(context, batch.id), 'schedule', { now: clock.now(), random: random() })
}

type Ends = Partial<Record<Side, Endpoint>>

const endIds = ({ source, target }: Ends): BatchEdit => ({
  ...(source && { sourceEndpointId: source.id }),
  ...(target && { targetEndpointId: target.id }),
})

const times = ({ startAfter, completeAfter }: BatchChanges, { timeZone }: BatchSettings): BatchEdit => ({
  ...(startAfter !== undefined && { startAfter: momentOf(startAfter, timeZone) }),
  ...(completeAfter !== undefined && { completeAfter: momentOf(completeAfter, timeZone) }),
})

/** A batch that waits for its next pass waits for the new gap, from its last pass on. */
function intervalOf(batch: Batch, { incrementalEveryMs }: BatchChanges, now: number, random: number): BatchEdit {
  if (incrementalEveryMs === undefined) return {}
  const isWaiting = batch.nextPassAt !== null && batch.lastSyncedAt !== null
  const due = isWaiting ? nextPassAt({ ...batch, incrementalEveryMs }, batch.lastSyncedAt ?? now, random) : null
  return { incrementalEveryMs, ...(due !== null && { nextPassAt: due }) }
}

/** In these none of its users runs or waits for a connection. */
const restful: readonly BatchStatus[] = ['created', 'waiting', 'stopped', 'failed']

async function changedEnds(context: Context, batch: Batch, changes: BatchChanges): Promise<Ends> {
  const end = async (side: Side): Promise<Endpoint | undefined> => {
    const given = changes[`${side}Endpoint`]
    const endpoint = given === undefined ? null : await getEndpoint(context, given)
    return endpoint && endpoint.id !== batch[`${side}EndpointId`] ? endpoint : undefined
  }
  const [source, target] = [await end('source'), await end('target')]
  if (!source && !target) return {}
  const cannot = `Cannot change the endpoints of the batch "${batch.name}"`
  if (!restful.includes(batch.status))
    throw new Refusal('wrong-state', `${cannot} while it is ${batchStatusWords[batch.status]}: stop it first`)
  if ((source?.id ?? batch.sourceEndpointId) === (target?.id ?? batch.targetEndpointId))
    throw new Refusal('invalid', `${cannot}: source and target would be the same endpoint`)
  for (const [side, endpoint] of Object.entries({ source, target }) as [Side, Endpoint | undefined][]) {
    const lacking = endpoint && !endpoint.hasAdminPassword ? await usersWithoutPassword(context.db, batch.id, side) : 0
    if (lacking > 0)
      throw new Refusal(
        'invalid',
        `${cannot}: "${endpoint?.name}" has no administrator, and ${lacking} users have no password for the ${side}`,
      )
  }
  return { ...(source && { source }), ...(target && { target }) }
}

/** The mailboxes that its users write to are others now: their jobs are locked by them. */
const moveTo = ({ db }: Context, { id }: Batch, target: Endpoint): Promise<readonly Statement[]> =>
  renameTargets(db, id, (userName) => mailboxName(target, { userName, userRoot: null }))
