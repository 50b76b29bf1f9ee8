import { readLoss } from '../../db/queries/skipped.ts'
import type { UserChanges } from '../../db/queries/users.ts'
import { findWork } from '../../db/queries/work.ts'
import { pairOf } from '../domain/access.ts'
import { consistencies, consistencyOf, needsApproval } from '../domain/consistency.ts'
import type { JobContext } from './context.ts'

/** What a pass left over, as it is written with its end. */
export interface LossOfUser {
  readonly changes: Pick<UserChanges, 'pairId' | 'consistency' | 'issues' | 'unapproved'>
  /** A completion waits until somebody has approved it. */
  readonly isHeld: boolean
}

/** Null for a user whose mailbox no pass has looked into. */
export async function lossOf({ db }: Pick<JobContext, 'db'>, userId: number): Promise<LossOfUser | null> {
  const work = await findWork(db, userId)
  const loss = work && (await readLoss(db, pairOf(work.source, work.target, work.user)))
  if (!loss) return null
  const { pairId, issues, unapproved } = loss
  const consistency = consistencyOf(loss)
  return {
    changes: { pairId, consistency: consistencies.indexOf(consistency), issues, unapproved },
    isHeld: needsApproval(consistency, unapproved),
  }
}
