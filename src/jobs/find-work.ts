import { findBatch } from '../../db/queries/batches.ts'
import { findEndpoint } from '../../db/queries/endpoints.ts'
import { findUser } from '../../db/queries/users.ts'
import type { Batch } from '../domain/batch.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import type { User } from '../domain/user.ts'
import type { JobContext } from './context.ts'

/** What a job about one user is about. */
export interface Work {
  readonly user: User
  readonly batch: Batch
  readonly source: Endpoint
  readonly target: Endpoint
}

/** Null when the user is gone, and its batch with it. */
export async function findWork({ db }: JobContext, userId: number): Promise<Work | null> {
  const user = await findUser(db, userId)
  const batch = user && (await findBatch(db, user.batchId))
  const source = batch && (await findEndpoint(db, batch.sourceEndpointId))
  const target = batch && (await findEndpoint(db, batch.targetEndpointId))
  return user && batch && source && target ? { user, batch, source, target } : null
}
