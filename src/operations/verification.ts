import type { Batch } from '../domain/batch.ts'
import type { User } from '../domain/user.ts'
import type { VerifyReport } from '../domain/verification.ts'
import type { Context } from './context.ts'

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

/** Asks that both servers are read again and compared, for every user that was synced once. */
export declare function verifyBatch(
  context: Context,
  batch: string | number,
  options: { readonly readsData: boolean },
): Promise<Batch>
export declare function verification(context: Context, batch: string | number): Promise<BatchVerification>
