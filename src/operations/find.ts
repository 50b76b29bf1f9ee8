import { findBatch } from '../../db/queries/batches.ts'
import { findEndpoint } from '../../db/queries/endpoints.ts'
import { findUser, usersByAddress } from '../../db/queries/users.ts'
import type { Batch } from '../domain/batch.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import { Refusal } from '../domain/refusal.ts'
import type { User } from '../domain/user.ts'
import type { Context } from './context.ts'

export async function getEndpoint({ db }: Context, nameOrId: string | number): Promise<Endpoint> {
  const endpoint = await findEndpoint(db, nameOrId)
  if (endpoint === null) throw new Refusal('not-found', `Cannot find the endpoint "${nameOrId}"`)
  return endpoint
}

export async function getBatch({ db }: Context, nameOrId: string | number): Promise<Batch> {
  const batch = await findBatch(db, nameOrId)
  if (batch === null) throw new Refusal('not-found', `Cannot find the batch "${nameOrId}"`)
  return batch
}

/** A text with an @ is an address; one that stands in several batches needs the batch. */
export async function getUser(context: Context, idOrAddress: string | number, batch?: string | number): Promise<User> {
  const found = await candidates(context, idOrAddress)
  const batchId = batch === undefined ? null : (await getBatch(context, batch)).id
  const users = batchId === null ? found : found.filter((user) => user.batchId === batchId)
  const [user, second] = users
  if (user === undefined) throw new Refusal('not-found', `Cannot find the user "${idOrAddress}"`)
  if (second === undefined) return user
  const names = users.map(({ batchName }) => `"${batchName}"`).join(', ')
  throw new Refusal('conflict', `Cannot tell which user "${idOrAddress}" is meant: name one of the batches ${names}`)
}

async function candidates({ db }: Context, idOrAddress: string | number): Promise<readonly User[]> {
  const isId = typeof idOrAddress === 'number' || /^\d+$/.test(idOrAddress)
  if (!isId) return await usersByAddress(db, idOrAddress)
  const user = await findUser(db, Number(idOrAddress))
  return user ? [user] : []
}
