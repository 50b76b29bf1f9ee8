import { listUsers as selectUsers } from '../../db/queries/users.ts'
import { pairOf } from '../domain/access.ts'
import { Refusal } from '../domain/refusal.ts'
import type { FolderCounts, ItemIssue, PairKey } from '../domain/sync-state.ts'
import type { User } from '../domain/user.ts'
import { type UserStatus, userStatuses } from '../domain/user-status.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint, getUser } from './find.ts'

export { type UserChanges, updateUser, updateUsersFromCsv } from './update-users.ts'
export { completeUser, removeUser, startUser, stopUser, syncUserNow } from './user-actions.ts'

export interface UserQuery {
  readonly status?: UserStatus | null
  /** `nextCursor` of the page before. */
  readonly cursor?: string | null
  /** 1 to 1000, default 100. */
  readonly limit?: number
}

export interface UserPage {
  readonly items: readonly User[]
  readonly nextCursor: string | null
}

/** One folder of a user as the last pass left it. */
export interface UserFolder {
  readonly sourcePath: readonly string[]
  readonly targetPath: readonly string[]
  readonly counts: FolderCounts
  /** A pass is under way in it, or was cut. */
  readonly isDirty: boolean
}

const limitDefault = 100
const limitMax = 1000

export async function listUsers(context: Context, batch: string | number, query: UserQuery = {}): Promise<UserPage> {
  const { id } = await getBatch(context, batch)
  const { status = null, limit = limitDefault, cursor } = query
  if (status !== null && !userStatuses.includes(status)) throw unusable('status', `There is no status "${status}"`)
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw unusable('limit', `A whole number from 1 to ${limitMax} is needed`)
  const found = await selectUsers(context.db, id, { status, afterId: afterIdOf(cursor ?? null), limit: limit + 1 })
  const items = found.slice(0, limit)
  return { items, nextCursor: found.length > limit ? String(items.at(-1)?.id) : null }
}

/** An address that stands in several batches needs the batch. */
export const showUser = (context: Context, idOrAddress: string | number, batch?: string | number): Promise<User> =>
  getUser(context, idOrAddress, batch)

export async function userFolders(context: Context, id: number): Promise<readonly UserFolder[]> {
  const states = await context.sync.folders(await pairOfUser(context, await getUser(context, id)))
  return states.map(({ source, target, counts, dirtySince }) => ({
    sourcePath: source.path,
    targetPath: target.path,
    counts,
    isDirty: dirtySince !== null,
  }))
}

export const userIssues = async (context: Context, id: number): Promise<readonly ItemIssue[]> =>
  await context.sync.issues(await pairOfUser(context, await getUser(context, id)))

/** By what the ledger keeps a user. */
async function pairOfUser(context: Context, user: User): Promise<PairKey> {
  const batch = await getBatch(context, user.batchId)
  const source = await getEndpoint(context, batch.sourceEndpointId)
  const target = await getEndpoint(context, batch.targetEndpointId)
  return pairOf(source, target, user)
}

function afterIdOf(cursor: string | null): number {
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) throw unusable('cursor', 'The cursor is not one of ours')
  return Number(cursor ?? 0)
}

const unusable = (column: string, message: string): Refusal =>
  new Refusal('invalid', `Cannot list users: ${message}`, [{ line: null, column, message }])
