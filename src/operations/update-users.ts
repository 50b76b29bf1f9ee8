import type { Statement } from '../../db/client.ts'
import {
  passwordPlace,
  type UserChanges as StoredChanges,
  updateUser as setUser,
  userIdsByAddress,
} from '../../db/queries/users.ts'
import { chunkRowsMax } from '../../db/rows.ts'
import { mailboxName } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import { checkLine, findProblems } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import type { User } from '../domain/user.ts'
import { type UserRow, userListLimits } from '../domain/user-list.ts'
import { checkLimit, type GivenTimes, momentOf, timeProblem } from './batch-settings.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint, getUser } from './find.ts'
import { readUserList } from './user-list.ts'

/** What may be changed of a user. A password is written, never read back. */
export interface UserChanges extends GivenTimes {
  readonly sourceUserName?: string
  readonly sourcePassword?: string
  readonly targetUserName?: string
  readonly targetPassword?: string
  readonly userRoot?: string
  readonly missingTargetFolder?: User['missingTargetFolder']
  /** These beat those of the batch; null takes one back. */
  readonly badItemLimit?: number | null
  readonly largeItemLimit?: number | null
}

/** Takes effect with the next attempt; a pass that runs ends as it began. */
export async function updateUser(context: Context, id: number, changes: UserChanges): Promise<User> {
  const user = await getUser(context, id)
  const batch = await getChangeableBatch(context, user.batchId)
  const problems = findProblems({
    ...Object.fromEntries(textFields.map((field) => [field, checkText(changes[field])])),
    missingTargetFolder: checkMissingTargetFolder(changes.missingTargetFolder),
    badItemLimit: checkLimit(changes.badItemLimit),
    largeItemLimit: checkLimit(changes.largeItemLimit),
    startAfter: timeProblem(changes.startAfter, batch.settings.timeZone),
    completeAfter: timeProblem(changes.completeAfter, batch.settings.timeZone),
  })
  if (problems.length > 0)
    throw new Refusal('invalid', `Cannot change "${user.emailAddress}": ${problems[0]?.message}`, problems)
  const target = await getEndpoint(context, batch.targetEndpointId)
  await context.db.write(await updateOf(context, { batch, target }, user, changes))
  context.forgive({ batchId: batch.id, userId: id })
  context.disconnect({ batchId: batch.id, userId: id })
  context.changed({ batchId: batch.id })
  context.wake()
  return await getUser(context, id)
}

/**
 * Updates the users that a CSV names by EmailAddress; empty cells change nothing. The whole list is checked before the
 * first user is changed. Returns how many were.
 */
export async function updateUsersFromCsv(
  context: Context,
  batchNameOrId: string | number,
  csv: Uint8Array | string,
): Promise<number> {
  const batch = await getChangeableBatch(context, batchNameOrId)
  const target = await getEndpoint(context, batch.targetEndpointId)
  const rows = await readUserList(csv, { allowsUnknownColumns: false, required: { EmailAddress: '' } })
  const listed = await idsOf(context, batch, rows)
  for (let from = 0; from < listed.length; from += chunkRowsMax) {
    const chunk = listed.slice(from, from + chunkRowsMax)
    const updates = chunk.map((user) => updateOf(context, { batch, target }, user, changesOf(user.row)))
    await context.db.write((await Promise.all(updates)).flat())
  }
  context.forgive({ batchId: batch.id })
  context.disconnect({ batchId: batch.id })
  context.changed({ batchId: batch.id })
  return rows.length
}

interface Where {
  readonly batch: Batch
  readonly target: Endpoint
}

interface Named {
  readonly id: number
  readonly emailAddress: string
}

interface ListedUser extends Named {
  readonly row: UserRow
}

async function getChangeableBatch(context: Context, nameOrId: string | number): Promise<Batch> {
  const batch = await getBatch(context, nameOrId)
  if (batch.status !== 'removing') return batch
  throw new Refusal('wrong-state', `Cannot change users of the batch "${batch.name}" while it is being removed`)
}

async function idsOf({ db }: Context, batch: Batch, rows: readonly UserRow[]): Promise<readonly ListedUser[]> {
  const ids = await userIdsByAddress(db, batch.id)
  const listed = rows.map((row) => ({ id: ids.get(row.emailAddress.toLowerCase()), row }))
  const problems = listed
    .filter(({ id }) => id === undefined)
    .slice(0, userListLimits.problemsMax)
    .map(({ row: { line, emailAddress } }) => ({
      line,
      column: 'EmailAddress',
      message: `The batch has no user "${emailAddress}"`,
    }))
  if (problems.length === 0)
    return listed.flatMap(({ id, row }) => (id === undefined ? [] : [{ id, emailAddress: row.emailAddress, row }]))
  throw new Refusal('invalid', `Cannot change users of the batch "${batch.name}": the list names others`, problems)
}

const changesOf = (row: UserRow): UserChanges => ({
  sourceUserName: row.userName ?? undefined,
  sourcePassword: row.password ?? undefined,
  targetUserName: row.targetUserName ?? undefined,
  targetPassword: row.targetPassword ?? undefined,
  userRoot: row.userRoot ?? undefined,
})

/** No statement where nothing is given. */
async function updateOf(context: Context, where: Where, user: Named, changes: UserChanges): Promise<Statement[]> {
  const stored = await toStored(context, where, user, changes)
  const isEmpty = Object.values(stored).every((field) => field === undefined)
  return isEmpty ? [] : [setUser(context.db, user.id, stored)]
}

async function toStored(
  { vault }: Context,
  { batch, target }: Where,
  { emailAddress }: Named,
  { sourcePassword, targetPassword, startAfter, completeAfter, ...others }: UserChanges,
): Promise<StoredChanges> {
  const { timeZone } = batch.settings
  const seal = (password: string, side: 'source' | 'target') =>
    vault.seal(password, passwordPlace(batch.id, emailAddress, side))
  return {
    ...others,
    ...(startAfter !== undefined && { startAfter: momentOf(startAfter, timeZone) }),
    ...(completeAfter !== undefined && { completeAfter: momentOf(completeAfter, timeZone) }),
    ...(others.targetUserName && {
      targetMailbox: mailboxName(target, { userName: others.targetUserName, userRoot: null }),
    }),
    ...(sourcePassword && { sourcePassword: await seal(sourcePassword, 'source') }),
    ...(targetPassword && { targetPassword: await seal(targetPassword, 'target') }),
  }
}

const textFields = ['sourceUserName', 'sourcePassword', 'targetUserName', 'targetPassword', 'userRoot'] as const

const checkText = (text: string | undefined): string | null =>
  text === '' ? 'An empty text cannot be set' : checkLine(text)

const checkMissingTargetFolder = (value: string | undefined): string | null =>
  value === undefined || ['hold', 'recreate', 'leave'].includes(value) ? null : 'One of hold, recreate, leave is needed'
