import type { ObjectName } from './cmdlet.ts'

/** What a table of them shows; the whole is in a list, or in JSON. */
export const defaultView: Record<ObjectName, readonly string[]> = {
  MigrationBatch: ['Identity', 'Status', 'MigrationType', 'TotalCount', 'SyncedCount', 'FinalizedCount', 'FailedCount'],
  MigrationUser: ['Identity', 'BatchId', 'Status', 'LastSuccessfulSyncTime'],
  MigrationUserStatistics: [
    'Identity',
    'BatchId',
    'Status',
    'PercentageComplete',
    'SyncedItemCount',
    'SkippedItemCount',
  ],
  MigrationEndpoint: ['Identity', 'EndpointType', 'RemoteServer', 'MaxConcurrentMigrations'],
  MigrationStatistics: ['Identity', 'TotalCount', 'ActiveCount', 'SyncedCount', 'FinalizedCount', 'FailedCount'],
  MigrationConfig: ['Identity', 'MaxNumberOfBatches', 'MaxConcurrentMigrations', 'Features'],
  MigrationServerAvailability: ['Result', 'Message', 'TestedEndpoint'],
  MigrationReportRow: ['EmailAddress', 'Status', 'ItemsTotal', 'ItemsSynced', 'ItemsSkipped', 'DataConsistencyScore'],
}
