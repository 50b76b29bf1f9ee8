import { beginUser, removeUser as deleteUser, stopUser as haltUser } from '../../db/queries/user-actions.ts'
import type { Batch } from '../domain/batch.ts'
import { Refusal } from '../domain/refusal.ts'
import { batchStatusWords } from '../domain/status.ts'
import type { User } from '../domain/user.ts'
import { planUser, type UserAction } from '../domain/user-action.ts'
import type { Context } from './context.ts'
import { getBatch, getUser } from './find.ts'

/** Starts, resumes or retries one user; its batch is under way again. */
export const startUser = (context: Context, id: number): Promise<User> => begin(context, id, 'start')

/** Brings over now what is new for one user. */
export const syncUserNow = (context: Context, id: number): Promise<User> => begin(context, id, 'syncNow')

/** Makes the final pass for one user alone; its batch is completed when all of its users are. */
export const completeUser = (context: Context, id: number): Promise<User> => begin(context, id, 'complete')

const verbs: Record<UserAction, string> = { start: 'start', syncNow: 'sync', complete: 'complete' }

async function begin(context: Context, id: number, action: UserAction): Promise<User> {
  await inTurn(context, id, async (batch, user) => {
    const plan = planUser(action, user.status, batch.status)
    if (plan === null) throw refusal(verbs[action], batch, user)
    await beginUser(context.db, batch, user, plan, momentOf(context))
    context.forgive({ batchId: batch.id, userId: id })
  })
  return await getUser(context, id)
}

/** What runs ends softly, and can be started again where it stood. */
export async function stopUser(context: Context, id: number): Promise<User> {
  await inTurn(context, id, async (batch, user) => {
    const stopped = await haltUser(context.db, batch, user, momentOf(context))
    if (stopped === null) throw refusal('stop', batch, user)
    if (stopped === 'stopping') context.halt([id])
    context.disconnect({ batchId: batch.id, userId: id })
  })
  return await getUser(context, id)
}

/** Takes one user out of its batch; what was copied stays known. The last one goes with its batch only. */
export async function removeUser(context: Context, id: number): Promise<void> {
  await inTurn(context, id, async (batch, user) => {
    if (batch.status === 'removing') throw refusal('remove', batch, user)
    if (batch.counts.total === 1)
      throw new Refusal(
        'wrong-state',
        `Cannot remove "${user.emailAddress}": it is the last one of "${batch.name}"; remove the batch`,
      )
    context.halt([id])
    await deleteUser(context.db, batch, user, momentOf(context))
    context.disconnect({ batchId: batch.id, userId: id })
  })
}

const momentOf = ({ clock, random }: Context) => ({ now: clock.now(), random: random() })

/** Both as they stand now, and nobody changes them meanwhile. */
async function inTurn(context: Context, id: number, act: (batch: Batch, user: User) => Promise<void>): Promise<void> {
  const { batchId } = await getUser(context, id)
  await context.turns.take(batchId, async () => act(await getBatch(context, batchId), await getUser(context, id)))
  context.changed({ batchId })
  context.wake()
}

function refusal(verb: string, batch: Batch, { emailAddress, status }: User): Refusal {
  const where = `in the batch "${batch.name}", which is ${batchStatusWords[batch.status]}`
  return new Refusal('wrong-state', `Cannot ${verb} "${emailAddress}" while it is ${status} ${where}`)
}
