import { listVerifications, openVerifications, queueVerifications } from '../../db/queries/verifications.ts'
import type { Batch } from '../domain/batch.ts'
import { Refusal } from '../domain/refusal.ts'
import { type BatchStatus, batchStatusWords } from '../domain/status.ts'
import type { User } from '../domain/user.ts'
import type { VerifyReport } from '../domain/verification.ts'
import type { Context } from './context.ts'
import { getBatch } from './find.ts'

/** What the last verification of a user found: a report, or why there is none; neither while it waits or runs. */
export interface UserVerification {
  readonly userId: number
  readonly emailAddress: string
  readonly isRunning: boolean
  readonly report: VerifyReport | null
  readonly error: User['error']
  readonly verifiedAt: number | null
}

/** The last verification of a batch. `users` is empty when none was ever asked for. */
export interface BatchVerification {
  readonly batch: Batch
  readonly isRunning: boolean
  readonly differences: number
  readonly itemsChecked: number
  /** Users whose verification could not be made. */
  readonly failed: number
  readonly users: readonly UserVerification[]
}

/** In these no pass writes to the targets while they are compared. */
const restful: readonly BatchStatus[] = [
  'synced',
  'syncedWithErrors',
  'needsApproval',
  'completed',
  'completedWithErrors',
  'stopped',
  'failed',
]

/** Asks that both servers are read again and compared, for every user that was synced once. */
export async function verifyBatch(
  context: Context,
  nameOrId: string | number,
  { readsData }: { readonly readsData: boolean },
): Promise<Batch> {
  const { db, turns, clock } = context
  const { id } = await getBatch(context, nameOrId)
  const batch = await turns.take(id, async () => {
    const batch = await getBatch(context, id)
    if (!restful.includes(batch.status)) throw refusal(batch, `while it is ${batchStatusWords[batch.status]}`)
    if ((await openVerifications(db, id)) > 0) throw refusal(batch, 'while a verification of it is under way')
    await db.write(queueVerifications(db, batch, readsData, clock.now()))
    if ((await openVerifications(db, id)) === 0) throw refusal(batch, 'of which no user was synced')
    return batch
  })
  context.forgive({ batchId: id })
  context.changed({ batchId: id })
  context.wake()
  return batch
}

export async function verification(context: Context, nameOrId: string | number): Promise<BatchVerification> {
  const batch = await getBatch(context, nameOrId)
  const users = (await listVerifications(context.db, batch.id)).map(
    ({ userId, emailAddress, report, error, verifiedAt }) => ({
      userId,
      emailAddress,
      isRunning: verifiedAt === null,
      report,
      error,
      verifiedAt,
    }),
  )
  return {
    batch,
    isRunning: users.some(({ isRunning }) => isRunning),
    differences: users.reduce((sum, { report }) => sum + (report?.differences ?? 0), 0),
    itemsChecked: users.reduce((sum, { report }) => sum + (report?.itemsChecked ?? 0), 0),
    failed: users.filter(({ error }) => error !== null).length,
    users,
  }
}

const refusal = ({ name }: Batch, why: string): Refusal =>
  new Refusal('wrong-state', `Cannot verify the batch "${name}" ${why}`)
