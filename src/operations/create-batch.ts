import { ConstraintFailed } from '../../db/faults.ts'
import { countOpenBatches } from '../../db/queries/batch-edits.ts'
import { deleteBatch, insertBatch, publishBatch } from '../../db/queries/batches.ts'
import { findHomeEndpoint } from '../../db/queries/endpoints.ts'
import { deleteUsers, insertUsers, passwordPlace, type UserRow as StoredRow } from '../../db/queries/users.ts'
import { writeHidden } from '../../db/rows.ts'
import { mailboxName } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import { defaultSettings, type SettingsChanges } from '../domain/batch-settings.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import { checkName, findProblems } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import { incrementalEveryMsDefault } from '../domain/schedule.ts'
import type { UserListRules, UserRow } from '../domain/user-list.ts'
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
import { readUserList } from './user-list.ts'

/** What is given to make a batch. An endpoint that is left out is the home endpoint. */
export interface NewBatch extends GivenTimes {
  readonly name: string
  readonly sourceEndpoint?: string | number | null
  readonly targetEndpoint?: string | number | null
  readonly csv: Uint8Array | string
  /** Gap between incremental passes, milliseconds; default 24 hours. */
  readonly incrementalEveryMs?: number
  /** What differs from the defaults. */
  readonly settings?: SettingsChanges
  readonly autoStart?: boolean
  readonly allowUnknownColumns?: boolean
}

/** Rows whose passwords are sealed before others have their turn. */
const sealedAtOnce = 100

/** Both endpoints of a batch. */
export interface Ends {
  readonly source: Endpoint
  readonly target: Endpoint
}

/** All of it or nothing; not started. */
export async function insertNewBatch(context: Context, input: NewBatch): Promise<Batch> {
  const settings = changedSettings(defaultSettings, input.settings)
  const problems = findProblems({
    name: checkName(input.name),
    incrementalEveryMs: checkInterval(input.incrementalEveryMs ?? incrementalEveryMsDefault),
    startAfter: timeProblem(input.startAfter, settings.timeZone),
    completeAfter: timeProblem(input.completeAfter, settings.timeZone),
    ...settingsProblems(settings),
  })
  if (problems.length > 0) throw new Refusal('invalid', `Cannot create the batch: ${problems[0]?.message}`, problems)
  await refuseTooMany(context, input.name)
  const ends = await endsOf(context, input)
  const rows = await readRows(input, ends)
  const id = await insertHidden(context, input, ends)
  await insertRows(context, id, ends, rows)
  return await getBatch(context, id)
}

/** Batches that have ended are history and do not count. */
async function refuseTooMany({ db, openBatchesMax }: Context, name: string): Promise<void> {
  if ((await countOpenBatches(db)) < openBatchesMax) return
  const message = `${openBatchesMax} batches are open already: complete or remove one, or raise --max-batches`
  throw new Refusal('conflict', `Cannot create the batch "${name}": ${message}`)
}

async function endsOf(context: Context, { name, sourceEndpoint, targetEndpoint }: NewBatch): Promise<Ends> {
  const home = await findHomeEndpoint(context.db)
  const end = async (nameOrId: string | number | null | undefined, side: 'source' | 'target'): Promise<Endpoint> => {
    if (nameOrId !== null && nameOrId !== undefined && nameOrId !== '') return await getEndpoint(context, nameOrId)
    if (home !== null) return home
    const message = `The ${side} endpoint is missing, and no endpoint is the home endpoint`
    throw new Refusal('invalid', `Cannot create the batch "${name}": ${message}`, [
      { line: null, column: `${side}Endpoint`, message },
    ])
  }
  const [source, target] = [await end(sourceEndpoint, 'source'), await end(targetEndpoint, 'target')]
  if (source.id !== target.id || (sourceEndpoint && targetEndpoint)) return { source, target }
  const isNamed = Boolean(sourceEndpoint || targetEndpoint)
  const reason = isNamed ? 'source and target are the same endpoint' : 'neither its source nor its target is named'
  throw new Refusal('invalid', `Cannot create the batch "${name}": ${reason}`)
}

/** The list, without a mistake in it. */
export async function readRows(
  input: Pick<NewBatch, 'csv' | 'allowUnknownColumns'>,
  ends: Ends,
): Promise<readonly UserRow[]> {
  const rows = await readUserList(input.csv, rulesFor(ends, input.allowUnknownColumns ?? false))
  refuseSelfCopies(ends, rows)
  return rows
}

/** A side whose endpoint has no administrator needs a password in every row. */
const rulesFor = ({ source, target }: Ends, allowsUnknownColumns: boolean): UserListRules => ({
  allowsUnknownColumns,
  required: {
    EmailAddress: '',
    UserName: '',
    ...(!source.hasAdminPassword && { Password: 'the source endpoint has no administrator to sign in with' }),
    ...(!target.hasAdminPassword && { TargetPassword: 'the target endpoint has no administrator to sign in with' }),
  },
})

function refuseSelfCopies({ source, target }: Ends, rows: readonly UserRow[]): void {
  if (source.id !== target.id) return
  const name = (userName: string) => mailboxName(source, { userName, userRoot: null })
  const problems = rows
    .filter(
      ({ userName, targetUserName, emailAddress }) => name(userName ?? '') === name(targetUserName ?? emailAddress),
    )
    .map(({ line }) => ({ line, column: 'TargetUserName', message: 'Source and target are the same mailbox' }))
  if (problems.length > 0) throw new Refusal('invalid', 'Cannot copy a mailbox into itself', problems)
}

async function insertHidden({ db, clock }: Context, input: NewBatch, { source, target }: Ends): Promise<number> {
  const settings = changedSettings(defaultSettings, input.settings)
  try {
    const [rows] = await db.write([
      insertBatch(db, {
        name: input.name,
        sourceEndpointId: source.id,
        targetEndpointId: target.id,
        incrementalEveryMs: input.incrementalEveryMs ?? incrementalEveryMsDefault,
        settings,
        startAfter: momentOf(input.startAfter ?? null, settings.timeZone),
        completeAfter: momentOf(input.completeAfter ?? null, settings.timeZone),
        createdAt: clock.now(),
      }),
    ])
    return rows[0]?.id ?? 0
  } catch (error) {
    if (!(error instanceof ConstraintFailed)) throw error
    const reason = error.columns === '' ? 'an endpoint of it was removed' : 'there is one of that name'
    throw new Refusal('conflict', `Cannot create the batch "${input.name}": ${reason}`)
  }
}

async function insertRows(context: Context, id: number, ends: Ends, list: readonly UserRow[]): Promise<void> {
  const { db } = context
  await writeHidden(db, {
    rows: await sealRows(context, id, ends, list),
    insert: (chunk) => [insertUsers(db, chunk)],
    publish: [publishBatch(db, id, list.length)],
    abandon: [deleteUsers(db, id), deleteBatch(db, id)],
  })
}

/** What is to be written for the rows of a batch, with their passwords sealed. */
export async function sealRows(
  context: Context,
  batchId: number,
  ends: Ends,
  list: readonly UserRow[],
): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = []
  for (let from = 0; from < list.length; from += sealedAtOnce) {
    const chunk = list.slice(from, from + sealedAtOnce)
    rows.push(...(await Promise.all(chunk.map((row) => sealRow(context, batchId, ends, row)))))
  }
  return rows
}

async function sealRow({ vault }: Context, batchId: number, { target }: Ends, row: UserRow): Promise<StoredRow> {
  const { emailAddress, userRoot } = row
  const seal = async (password: string | null, side: 'source' | 'target') =>
    password && (await vault.seal(password, passwordPlace(batchId, emailAddress, side)))
  const targetUserName = row.targetUserName ?? emailAddress
  return {
    batchId,
    emailAddress,
    sourceUserName: row.userName ?? emailAddress,
    targetUserName,
    userRoot,
    sourcePassword: await seal(row.password, 'source'),
    targetPassword: await seal(row.targetPassword, 'target'),
    targetMailbox: mailboxName(target, { userName: targetUserName, userRoot: null }),
  }
}
