import type { User } from '../../src/domain/user.ts'
import { userSummary } from '../../src/domain/user-status.ts'

const summaryOf = ({ status }: User) => userSummary[status]

/** All that the last pass found is over; an empty mailbox is done without a byte. */
export const isUserDone = (user: User): boolean => summaryOf(user) === 'synced' || summaryOf(user) === 'completed'

/** Whether trying again can be asked for. */
export const canRetry = (user: User): boolean => summaryOf(user) === 'failed' || summaryOf(user) === 'stopped'

export const isUserMoving = (user: User): boolean => summaryOf(user) === 'active'

/** Held because a folder that we had filled is gone at the target: an answer is wanted. */
export const isHeldForFolder = ({ error }: User): boolean => error?.code === 'folder.removed-at-target'

/** Whether it is known how much mail there is. */
export const isCounted = ({ passes, progress }: User): boolean => passes > 0 || progress.itemsTotal > 0
