import type { Batch } from '../domain/batch.ts'
import type { ItemIssue } from '../domain/sync-state.ts'
import type { User } from '../domain/user.ts'
import { statisticsOf, type UserStatistics } from '../domain/user-statistics.ts'
import type { Context } from './context.ts'
import { getBatch, getUser } from './find.ts'
import { type UserFolder, userFolders, userIssues } from './users.ts'

/** All that there is to tell of one user. */
export interface UserReport {
  readonly batch: Batch
  readonly user: User
  readonly statistics: UserStatistics
  readonly folders: readonly UserFolder[]
  readonly issues: readonly ItemIssue[]
}

export async function userReport(context: Context, id: number): Promise<UserReport> {
  const user = await getUser(context, id)
  const [batch, folders, issues] = await Promise.all([
    getBatch(context, user.batchId),
    userFolders(context, id),
    userIssues(context, id),
  ])
  return { batch, user, statistics: statisticsOf(user, context.clock.now()), folders, issues }
}
