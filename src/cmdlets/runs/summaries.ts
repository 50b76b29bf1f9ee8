import type { User } from '../../domain/user.ts'
import { statisticsOf } from '../../domain/user-statistics.ts'
import { listBatches, showBatch } from '../../operations/batches.ts'
import type { Context } from '../../operations/context.ts'
import { listEndpoints } from '../../operations/endpoints.ts'
import { listUsers } from '../../operations/users.ts'
import type { CmdletObject } from '../cmdlet.ts'
import { countOf, textOf } from '../given.ts'
import { idOrName, pascal } from '../guid.ts'
import { migrationConfig, migrationStatistics } from '../objects/summaries.ts'
import { span, utc } from '../objects/times.ts'
import type { Run } from '../run.ts'

const config: Run = async (context) => {
  const ended = ['completed', 'completedWithErrors', 'removing']
  const open = (await listBatches(context)).filter(({ status }) => !ended.includes(status))
  const limits = (await listEndpoints(context)).map((endpoint) => endpoint.limits.concurrentMigrationsMax)
  return [
    migrationConfig({
      batchesMax: context.openBatchesMax,
      openBatches: open.length,
      concurrentMigrationsMax: limits.reduce((sum, limit) => sum + limit, 0),
    }),
  ]
}

const statistics: Run = async (context) => [migrationStatistics(await listBatches(context))]

const rowsMax = 1000

const exportReport: Run = async (context, given) => {
  const { id } = await showBatch(context, idOrName('batch', textOf(given, 'Identity') ?? ''))
  const first = countOf(given, 'StartingRowIndex') ?? 0
  const rows = countOf(given, 'RowCount') ?? Number.POSITIVE_INFINITY
  const found: CmdletObject[] = []
  let at = 0
  for await (const user of usersOf(context, id)) {
    if (at >= first && found.length < rows) found.push(reportRow(user, context.clock.now()))
    if (found.length >= rows) break
    at += 1
  }
  return found
}

async function* usersOf(context: Context, batchId: number): AsyncGenerator<User> {
  let cursor: string | null = null
  do {
    const page = await listUsers(context, batchId, { cursor, limit: rowsMax })
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

function reportRow(user: User, now: number): CmdletObject {
  const { itemsTotal, itemsSynced, itemsSkipped, bytesTotal, bytesSynced, inProgressMs } = statisticsOf(user, now)
  return {
    EmailAddress: user.emailAddress,
    SourceUser: user.sourceUserName,
    Status: pascal(user.status),
    ItemsTotal: itemsTotal,
    ItemsSynced: itemsSynced,
    ItemsSkipped: itemsSkipped,
    DataConsistencyScore: user.consistency && pascal(user.consistency),
    BytesTotal: bytesTotal,
    BytesSynced: bytesSynced,
    Started: utc(user.times.startedAt),
    InitialSyncEnded: utc(user.times.initialSyncedAt),
    LastSuccessfulSync: utc(user.lastSyncedAt),
    Duration: span(inProgressMs),
    Error: user.error?.message ?? null,
  }
}

export const summaryRuns: Readonly<Record<string, Run>> = {
  'Get-MigrationConfig': config,
  'Get-MigrationStatistics': statistics,
  'Export-MigrationReport': exportReport,
}
