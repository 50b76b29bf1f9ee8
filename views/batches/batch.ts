import type { Batch, UserCounts } from '../../src/domain/batch.ts'
import type { BatchStatus } from '../../src/domain/status.ts'

export const directionLabel: Record<Batch['direction'], string> = {
  onboarding: 'Onboarding',
  offboarding: 'Offboarding',
  direct: 'Direct',
}

const moving: ReadonlySet<BatchStatus> = new Set([
  'syncing',
  'incrementalSyncing',
  'completing',
  'stopping',
  'removing',
])

/** Whether what is shown of a batch changes without anybody asking for it. */
export const isMoving = (batch: Batch): boolean => moving.has(batch.status)

/** Users whose mail is over, as far as the last pass knows. */
export const settledUsers = (counts: UserCounts): number => counts.synced + counts.completed
