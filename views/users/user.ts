import type { UserStatus } from '../../src/domain/status.ts'
import type { User } from '../../src/domain/user.ts'

const done: ReadonlySet<UserStatus> = new Set(['synced', 'completed'])

/** All that the last pass found is over; an empty mailbox is done without a byte. */
export const isUserDone = ({ status }: User): boolean => done.has(status)

const retryable: ReadonlySet<UserStatus> = new Set([
  'failed',
  'stopped',
  'incrementalFailed',
  'incrementalStopped',
  'completionFailed',
])

/** Whether trying again can be asked for. */
export const canRetry = ({ status }: User): boolean => retryable.has(status)

const moving: ReadonlySet<UserStatus> = new Set([
  'queued',
  'validating',
  'provisioning',
  'syncing',
  'incrementalSyncing',
  'completing',
  'stopping',
])

export const isUserMoving = ({ status }: User): boolean => moving.has(status)

/** Held because a folder that we had filled is gone at the target: an answer is wanted. */
export const isHeldForFolder = ({ error }: User): boolean => error?.code === 'folder.removed-at-target'
