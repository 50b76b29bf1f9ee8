import type { User } from '../../domain/user.ts'
import { statisticsOf } from '../../domain/user-statistics.ts'
import { approveUser } from '../../operations/approvals.ts'
import { listBatches } from '../../operations/batches.ts'
import type { Context } from '../../operations/context.ts'
import {
  listUsers,
  removeUser,
  showUser,
  startUser,
  stopUser,
  syncUserNow,
  updateUser,
  userFolders,
  userIssues,
} from '../../operations/users.ts'
import type { CmdletObject, Given } from '../cmdlet.ts'
import { countOf, isOn, limitOf, textOf } from '../given.ts'
import { idOrName } from '../guid.ts'
import { folderLine, migrationUser, migrationUserStatistics, skippedItem, summaryOf } from '../objects/user.ts'
import type { Run } from '../run.ts'

const theUser = (context: Context, text: string): Promise<User> => showUser(context, idOrName('user', text))

const identity = (given: Given): string => textOf(given, 'Identity') ?? ''

const pageSize = 1000

const get: Run = async (context, given) => {
  const named = textOf(given, 'Identity') ?? textOf(given, 'MailboxGuid') ?? textOf(given, 'EmailAddress')
  if (named !== undefined) return [migrationUser(await theUser(context, named))]
  const limit = limitOf(given, 'ResultSize') === undefined ? pageSize : limitOf(given, 'ResultSize')
  const found: CmdletObject[] = []
  for await (const user of usersOf(context, given)) {
    if (found.length === (limit ?? Number.POSITIVE_INFINITY)) break
    if (isWanted(user, given)) found.push(migrationUser(user))
  }
  return found
}

async function* usersOf(context: Context, given: Given): AsyncGenerator<User> {
  const batch = textOf(given, 'BatchId')
  const batches = batch === undefined ? (await listBatches(context)).map(({ id }) => id) : [idOrName('batch', batch)]
  for (const id of batches) {
    let cursor: string | null = null
    do {
      const page = await listUsers(context, id, { cursor, limit: pageSize })
      yield* page.items
      cursor = page.nextCursor
    } while (cursor !== null)
  }
}

function isWanted(user: User, given: Given): boolean {
  const status = textOf(given, 'Status')?.toLowerCase()
  const summary = textOf(given, 'StatusSummary')
  return (
    (status === undefined || user.status.toLowerCase() === status) &&
    (summary === undefined || summaryOf(user) === summary)
  )
}

const change: Run = async (context, given) => {
  const { id } = await theUser(context, identity(given))
  const badItemLimit = limitOf(given, 'BadItemLimit')
  const largeItemLimit = limitOf(given, 'LargeItemLimit')
  const startAfter = textOf(given, 'StartAfter')
  const completeAfter = textOf(given, 'CompleteAfter')
  await updateUser(context, id, {
    ...(badItemLimit !== undefined && { badItemLimit }),
    ...(largeItemLimit !== undefined && { largeItemLimit }),
    ...(startAfter !== undefined && { startAfter }),
    ...(completeAfter !== undefined && { completeAfter }),
  })
  if (isOn(given, 'SyncNow')) await syncUserNow(context, id)
  if (isOn(given, 'ApproveSkippedItems'))
    await approveUser(context, id, { reason: 'Set-MigrationUser -ApproveSkippedItems', by: 'cmdlet' })
  return []
}

const start: Run = async (context, given) => {
  await startUser(context, (await theUser(context, identity(given))).id)
  return []
}

const stop: Run = async (context, given) => {
  await stopUser(context, (await theUser(context, identity(given))).id)
  return []
}

const remove: Run = async (context, given) => {
  await removeUser(context, (await theUser(context, identity(given))).id)
  return []
}

const statistics: Run = async (context, given) => {
  const user = await theUser(context, identity(given))
  const skipped = isOn(given, 'IncludeSkippedItems') ? await userIssues(context, user.id) : null
  const folders = isOn(given, 'IncludeReport') ? await userFolders(context, user.id) : null
  return [
    {
      ...migrationUserStatistics(user, statisticsOf(user, context.clock.now())),
      ...(skipped && { SkippedItems: skipped.slice(0, countOf(given, 'LimitSkippedItemsTo')).map(skippedItem) }),
      ...(folders && { Report: folders.map(folderLine) }),
    },
  ]
}

export const userRuns: Readonly<Record<string, Run>> = {
  'Get-MigrationUser': get,
  'Set-MigrationUser': change,
  'Start-MigrationUser': start,
  'Stop-MigrationUser': stop,
  'Remove-MigrationUser': remove,
  'Get-MigrationUserStatistics': statistics,
}
