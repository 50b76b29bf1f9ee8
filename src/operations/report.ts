import { sumCounts } from '../../db/queries/reports.ts'
import { listUsers } from '../../db/queries/users.ts'
import { pairOf } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import { type FolderCounts, type ItemIssue, isBalanced } from '../domain/sync-state.ts'
import type { User } from '../domain/user.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint } from './find.ts'

/** An item that is not at the target, and whose it is. */
export interface UserIssue extends ItemIssue {
  readonly userId: number
  readonly emailAddress: string
}

/** The page a batch ends with: P1's equation, and everything that is not at the target by name. */
export interface BatchReport {
  readonly batch: Batch
  readonly counts: FolderCounts
  readonly isBalanced: boolean
  readonly users: readonly User[]
  readonly issues: readonly UserIssue[]
}

export async function batchReport(context: Context, nameOrId: string | number): Promise<BatchReport> {
  const batch = await getBatch(context, nameOrId)
  const [counts, users] = await Promise.all([sumCounts(context.db, batch.id), allUsers(context, batch.id)])
  return { batch, counts, isBalanced: isBalanced(counts), users, issues: await issuesOf(context, batch, users) }
}

async function allUsers({ db }: Context, batchId: number): Promise<readonly User[]> {
  const users: User[] = []
  const slice = { status: null, limit: 1000 }
  for (;;) {
    const page = await listUsers(db, batchId, { ...slice, afterId: users.at(-1)?.id ?? 0 })
    users.push(...page)
    if (page.length < slice.limit) return users
  }
}

/** Only of users who have some: a question for each of them. */
async function issuesOf(context: Context, batch: Batch, users: readonly User[]): Promise<readonly UserIssue[]> {
  const withIssues = users.filter(({ progress: { counts } }) => counts.skipped + counts.failed > 0)
  if (withIssues.length === 0) return []
  const source = await getEndpoint(context, batch.sourceEndpointId)
  const target = await getEndpoint(context, batch.targetEndpointId)
  const issues: UserIssue[] = []
  for (const user of withIssues) {
    const { id: userId, emailAddress } = user
    const found = await context.sync.issues(pairOf(source, target, user))
    issues.push(...found.map((issue) => ({ ...issue, userId, emailAddress })))
  }
  return issues
}
