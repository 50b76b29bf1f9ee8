import type { Batch } from '../../domain/batch.ts'
import { allowedActions, type BatchAction, type BatchStatus } from '../../domain/status.ts'
import type { CmdletObject } from '../cmdlet.ts'
import { guidOf, pascal } from '../guid.ts'
import { bothTimes, span } from './times.ts'

/** The coarse state of Exchange for each status. */
const states: Record<BatchStatus, 'Active' | 'Waiting' | 'Completed' | 'Stopped' | 'Failed'> = {
  created: 'Stopped',
  waiting: 'Waiting',
  syncing: 'Active',
  synced: 'Waiting',
  syncedWithErrors: 'Waiting',
  incrementalSyncing: 'Active',
  completing: 'Active',
  needsApproval: 'Waiting',
  completed: 'Completed',
  completedWithErrors: 'Completed',
  stopping: 'Active',
  stopped: 'Stopped',
  failed: 'Failed',
  removing: 'Active',
}

const actionWords: Partial<Record<BatchAction, string>> = {
  start: 'Start',
  retry: 'Start',
  stop: 'Stop',
  complete: 'Complete',
  syncNow: 'Set',
  approve: 'Approve',
  remove: 'Remove',
}

/** A batch as Get-MigrationBatch puts it out. */
export const migrationBatch = (batch: Batch): CmdletObject => ({
  Identity: batch.name,
  BatchGuid: guidOf('batch', batch.id),
  Status: pascal(batch.status),
  DataConsistencyScore: batch.consistency && pascal(batch.consistency),
  State: states[batch.status],
  MigrationType: 'IMAP',
  BatchDirection: pascal(batch.direction),
  SourceEndpoint: batch.sourceEndpointName,
  TargetEndpoint: batch.targetEndpointName,
  TotalCount: batch.counts.total,
  ActiveCount: batch.counts.active,
  PendingCount: batch.counts.pending,
  StoppedCount: batch.counts.stopped,
  SyncedCount: batch.counts.synced,
  FinalizedCount: batch.counts.completed,
  FailedCount: batch.counts.failed,
  ...settingsOf(batch),
  ...timesOf(batch),
  SupportedActions: [...new Set(allowedActions(batch.status).flatMap((action) => actionWords[action] ?? []))],
  IsValid: true,
})

const settingsOf = ({ settings }: Batch): CmdletObject => ({
  UserTimeZone: settings.timeZone,
  AutoComplete: settings.autoComplete,
  AllowIncrementalSyncs: settings.allowsIncrementalSyncs,
  BadItemLimit: settings.badItemLimit ?? 'Unlimited',
  LargeItemLimit: settings.largeItemLimit ?? 'Unlimited',
  IncludeFolders: settings.rules.includeFolders,
  ExcludeFolders: settings.rules.excludeFolders,
  NotificationEmails: settings.notificationEmails,
  ReportInterval: span(settings.reportEveryMs),
  SkipReports: settings.skipsReports,
})

const timesOf = (batch: Batch): CmdletObject => {
  const { timeZone } = batch.settings
  const { startedAt, initialSyncedAt } = batch
  return {
    ...bothTimes('CreationDateTime', batch.createdAt, timeZone),
    ...bothTimes('StartDateTime', startedAt, timeZone),
    ...bothTimes('InitialSyncDateTime', initialSyncedAt, timeZone),
    InitialSyncDuration: span(startedAt === null || initialSyncedAt === null ? null : initialSyncedAt - startedAt),
    ...bothTimes('LastSyncedDateTime', batch.lastSyncedAt, timeZone),
    ...bothTimes('FinalizedDateTime', batch.completedAt, timeZone),
    ...bothTimes('StartAfter', batch.startAfter, timeZone),
    ...bothTimes('CompleteAfter', batch.completeAfter, timeZone),
  }
}
