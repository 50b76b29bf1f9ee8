/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { BatchStatus, UserStatus } from '../../src/domain/status.ts'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'quiet' | 'busy' | 'good' | 'warn' | 'bad'

type Look = readonly [tone: Tone, icon: IconName, words: string]

const batchLooks: Record<BatchStatus, Look> = {
  created: ['quiet', 'dot', 'Created'],
  waiting: ['quiet', 'clock', 'Waiting'],
  syncing: ['busy', 'sync', 'Syncing'],
  synced: ['good', 'check', 'Synced'],
  syncedWithErrors: ['warn', 'alert', 'Synced with errors'],
  incrementalSyncing: ['busy', 'sync', 'Incremental syncing'],
  completing: ['busy', 'flag', 'Completing'],
  needsApproval: ['warn', 'alert', 'Needs approval'],
  completed: ['good', 'flag', 'Completed'],
  completedWithErrors: ['warn', 'alert', 'Completed with errors'],
  stopping: ['busy', 'stop', 'Stopping'],
  stopped: ['quiet', 'stop', 'Stopped'],
  failed: ['bad', 'cross', 'Failed'],
  removing: ['busy', 'trash', 'Removing'],
}

const userLooks: Record<UserStatus, Look> = {
  created: ['quiet', 'dot', 'Created'],
  queued: ['quiet', 'clock', 'Queued'],
  validating: ['busy', 'sync', 'Validating'],
  provisioning: ['busy', 'sync', 'Provisioning'],
  syncing: ['busy', 'sync', 'Syncing'],
  synced: ['good', 'check', 'Synced'],
  incrementalSyncing: ['busy', 'sync', 'Incremental syncing'],
  incrementalFailed: ['bad', 'cross', 'Incremental sync failed'],
  incrementalStopped: ['quiet', 'stop', 'Incremental sync stopped'],
  completing: ['busy', 'flag', 'Completing'],
  completionFailed: ['bad', 'cross', 'Completion failed'],
  needsApproval: ['warn', 'alert', 'Needs approval'],
  completed: ['good', 'flag', 'Completed'],
  stopping: ['busy', 'stop', 'Stopping'],
  stopped: ['quiet', 'stop', 'Stopped'],
  failed: ['bad', 'cross', 'Failed'],
}

export const batchStatusLabel = (status: BatchStatus): string => batchLooks[status][2]
export const userStatusLabel = (status: UserStatus): string => userLooks[status][2]
export const userStatusTone = (status: UserStatus): Tone => userLooks[status][0]

export const BatchBadge: FC<{ status: BatchStatus }> = ({ status }) => <Badge look={batchLooks[status]} />
export const UserBadge: FC<{ status: UserStatus }> = ({ status }) => <Badge look={userLooks[status]} />

const Badge: FC<{ look: Look }> = ({ look: [tone, icon, words] }) => (
  <span class={`badge ${tone}`}>
    <Icon name={icon} />
    {words}
  </span>
)
