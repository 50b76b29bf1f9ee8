import { findBatch } from '../../db/queries/batches.ts'
import { nextUserDueAt, usersDue } from '../../db/queries/due-users.ts'
import { beginUser } from '../../db/queries/user-actions.ts'
import { findUser } from '../../db/queries/users.ts'
import { planUser } from '../domain/user-action.ts'
import type { JobContext } from './context.ts'

/** Completes the users whose own time has come; tells when the next one's comes, or null. */
export async function tickUsers(context: JobContext, now: number): Promise<number | null> {
  for (const { id, batchId } of await usersDue(context.db, now)) {
    await context.turns.take(batchId, () => complete(context, id, batchId, now))
    context.changed({ batchId, userId: id })
  }
  return await nextUserDueAt(context.db)
}

async function complete({ db, random }: JobContext, id: number, batchId: number, now: number): Promise<void> {
  const [user, batch] = [await findUser(db, id), await findBatch(db, batchId)]
  const plan = user && batch && planUser('complete', user.status, batch.status)
  if (plan) await beginUser(db, batch, user, plan, { now, random: random() })
}
