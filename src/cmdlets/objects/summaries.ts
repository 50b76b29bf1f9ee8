import type { Batch, UserCounts } from '../../domain/batch.ts'
import type { ProbeReport } from '../../domain/endpoint.ts'
import type { CmdletObject } from '../cmdlet.ts'

const counted: readonly (readonly [property: string, count: keyof UserCounts])[] = [
  ['TotalCount', 'total'],
  ['ActiveCount', 'active'],
  ['PendingCount', 'pending'],
  ['StoppedCount', 'stopped'],
  ['SyncedCount', 'synced'],
  ['FinalizedCount', 'completed'],
  ['FailedCount', 'failed'],
]

/** The users of all batches together. */
export const migrationStatistics = (batches: readonly Batch[]): CmdletObject => ({
  Identity: 'Postferry',
  MigrationType: 'IMAP',
  ...Object.fromEntries(
    counted.map(([property, count]) => [property, batches.reduce((sum, { counts }) => sum + counts[count], 0)]),
  ),
})

export interface ConfigFacts {
  readonly batchesMax: number
  readonly openBatches: number
  /** Of all endpoints together. */
  readonly concurrentMigrationsMax: number
}

export const migrationConfig = ({ batchesMax, openBatches, concurrentMigrationsMax }: ConfigFacts): CmdletObject => ({
  Identity: 'Postferry',
  CanSubmitNewBatch: openBatches < batchesMax,
  MaxNumberOfBatches: batchesMax,
  MaxConcurrentMigrations: concurrentMigrationsMax,
  Features: 'MultiBatch, Endpoints',
  SupportsCutover: false,
})

/** What the test ladder found; the rung that broke is the error. */
export function availability(report: ProbeReport, endpoint: string): CmdletObject {
  const broken = report.steps.find(({ isOk }) => !isOk)
  return {
    Result: report.isOk ? 'Success' : 'Failed',
    Message: broken ? `${broken.step}: ${broken.detail}` : 'The server was reached',
    SupportsCutover: false,
    ErrorDetail: broken?.remedy ?? null,
    TestedEndpoint: endpoint,
    IsValid: true,
  }
}
