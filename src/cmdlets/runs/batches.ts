import type { Batch } from '../../domain/batch.ts'
import type { CopyRules, SettingsChanges } from '../../domain/batch-settings.ts'
import { Refusal } from '../../domain/refusal.ts'
import { nextBatchStatus } from '../../domain/status.ts'
import { readMoment } from '../../domain/zoned-time.ts'
import { approveBatch } from '../../operations/approvals.ts'
import {
  addUsers,
  batchReport,
  changeBatch,
  completeBatch,
  createBatch,
  listBatches,
  prioritizeBatch,
  removeBatch,
  retryBatch,
  showBatch,
  startBatch,
  stopBatch,
  syncBatchNow,
} from '../../operations/batches.ts'
import type { Context } from '../../operations/context.ts'
import { showEndpoint } from '../../operations/endpoints.ts'
import type { Given } from '../cmdlet.ts'
import { parseContentFilter } from '../content-filter.ts'
import { fileOf, isOn, limitOf, spanOf, textOf, textsOf, truthOf } from '../given.ts'
import { idOrName } from '../guid.ts'
import { migrationBatch } from '../objects/batch.ts'
import type { Run } from '../run.ts'

const identity = (given: Given): string | number => idOrName('batch', textOf(given, 'Identity') ?? '')

const theBatch = (context: Context, given: Given): Promise<Batch> => showBatch(context, identity(given))

const create: Run = async (context, given) => {
  const batch = await createBatch(context, {
    name: textOf(given, 'Name') ?? '',
    csv: fileOf(given, 'CSVData') ?? noList(),
    sourceEndpoint: endpointOf(given, 'SourceEndpoint'),
    targetEndpoint: endpointOf(given, 'TargetEndpoint'),
    settings: settingsOf(given, textOf(given, 'TimeZone') ?? 'UTC'),
    startAfter: textOf(given, 'StartAfter'),
    completeAfter: textOf(given, 'CompleteAfter'),
    autoStart: isOn(given, 'AutoStart'),
    allowUnknownColumns: isOn(given, 'AllowUnknownColumnsInCsv'),
  })
  return [migrationBatch(batch)]
}

const change: Run = async (context, given) => {
  const batch = await theBatch(context, given)
  const csv = fileOf(given, 'CSVData')
  if ((csv !== undefined) !== isOn(given, 'AddUsers'))
    throw new Refusal('invalid', `Cannot change the batch "${batch.name}": -AddUsers and -CSVData go together`)
  const settings = settingsOf(given, batch.settings.timeZone)
  const times = { startAfter: textOf(given, 'StartAfter'), completeAfter: textOf(given, 'CompleteAfter') }
  if (Object.keys(settings).length > 0 || Object.values(times).some((time) => time !== undefined))
    await changeBatch(context, batch.id, { settings, ...times })
  if (csv) await addUsers(context, batch.id, csv, { allowUnknownColumns: isOn(given, 'AllowUnknownColumnsInCsv') })
  if (isOn(given, 'MoveToQueueTop')) await prioritizeBatch(context, batch.id, 'highest')
  if (isOn(given, 'MoveToQueueBottom')) await prioritizeBatch(context, batch.id, 'lowest')
  if (isOn(given, 'SyncNow')) await syncBatchNow(context, batch.id)
  if (isOn(given, 'ApproveSkippedItems'))
    await approveBatch(context, batch.id, { reason: 'Set-MigrationBatch -ApproveSkippedItems', by: 'cmdlet' })
  return []
}

const get: Run = async (context, given) => {
  const batches = await chosen(context, given)
  const shown = batches.map(async (batch) => {
    const report = isOn(given, 'IncludeReport') ? { Report: await batchReport(context, batch.id) } : {}
    return { ...migrationBatch(batch), ...report }
  })
  return await Promise.all(shown)
}

async function chosen(context: Context, given: Given): Promise<readonly Batch[]> {
  const endpoint = textOf(given, 'Endpoint')
  if (textOf(given, 'Identity') !== undefined) {
    if (endpoint !== undefined) throw new Refusal('invalid', 'Cannot find a batch by -Identity and -Endpoint at once')
    return [await theBatch(context, given)]
  }
  const end = endpoint === undefined ? null : await showEndpoint(context, idOrName('endpoint', endpoint))
  const status = textOf(given, 'Status')?.toLowerCase()
  return (await listBatches(context))
    .filter((batch) => end === null || [batch.sourceEndpointId, batch.targetEndpointId].includes(end.id))
    .filter((batch) => status === undefined || batch.status.toLowerCase() === status)
    .slice(0, limitOf(given, 'ResultSize') === undefined ? 1000 : (limitOf(given, 'ResultSize') ?? undefined))
}

/** Starts what is pending, resumes what is stopped, retries what failed. */
const start: Run = async (context, given) => {
  const { id, status } = await theBatch(context, given)
  await (nextBatchStatus(status, 'start') === null ? retryBatch : startBatch)(context, id)
  return []
}

const stop: Run = async (context, given) => {
  await stopBatch(context, identity(given))
  return []
}

const complete: Run = async (context, given) => {
  const { id } = await theBatch(context, given)
  const notificationEmails = textsOf(given, 'NotificationEmails')
  if (notificationEmails) await changeBatch(context, id, { settings: { notificationEmails } })
  await completeBatch(context, id, { isWholeOnly: isOn(given, 'SyncAndComplete') })
  return []
}

const remove: Run = async (context, given) => {
  await removeBatch(context, identity(given), { isForced: isOn(given, 'Force') })
  return []
}

export const batchRuns: Readonly<Record<string, Run>> = {
  'New-MigrationBatch': create,
  'Set-MigrationBatch': change,
  'Get-MigrationBatch': get,
  'Start-MigrationBatch': start,
  'Stop-MigrationBatch': stop,
  'Complete-MigrationBatch': complete,
  'Remove-MigrationBatch': remove,
}

const endpointOf = (given: Given, name: string): string | number | null => {
  const text = textOf(given, name)
  return text === undefined ? null : idOrName('endpoint', text)
}

function settingsOf(given: Given, zone: string): SettingsChanges {
  const rules = rulesOf(given, zone)
  return defined({
    timeZone: textOf(given, 'TimeZone'),
    autoComplete: truthOf(given, 'AutoComplete'),
    allowsIncrementalSyncs: truthOf(given, 'AllowIncrementalSyncs'),
    badItemLimit: limitOf(given, 'BadItemLimit'),
    largeItemLimit: limitOf(given, 'LargeItemLimit'),
    notificationEmails: textsOf(given, 'NotificationEmails'),
    reportEveryMs: spanOf(given, 'ReportInterval'),
    skipsReports: truthOf(given, 'SkipReports'),
    rules: Object.keys(rules).length > 0 ? rules : undefined,
  })
}

function rulesOf(given: Given, zone: string): Partial<CopyRules> {
  const filter = textOf(given, 'ContentFilter')
  return defined({
    includeFolders: textsOf(given, 'IncludeFolders'),
    excludeFolders: textsOf(given, 'ExcludeFolders'),
    ...(filter !== undefined && parseContentFilter(filter, (text) => readMoment(text, zone) ?? unreadable(text))),
  })
}

/** What is undefined was not given. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>

function unreadable(text: string): never {
  throw new Refusal('invalid', `Cannot use the ContentFilter: "${text}" is not a time`)
}

function noList(): never {
  throw new Refusal('invalid', 'Cannot create the batch: -CSVData is missing')
}
