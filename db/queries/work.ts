import { eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { Batch } from '../../src/domain/batch.ts'
import type { Endpoint } from '../../src/domain/endpoint.ts'
import type { User } from '../../src/domain/user.ts'
import type { Database } from '../client.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'
import { users } from '../schema/users.ts'
import { toBatch } from './batches.ts'
import { toEndpoint } from './endpoints.ts'
import { toUser } from './users.ts'

/** What a job about one user is about. */
export interface Work {
  readonly user: User
  readonly batch: Batch
  readonly source: Endpoint
  readonly target: Endpoint
  /** Sealed passwords of the user's own, and of the administrators of either endpoint; null where there is none. */
  readonly sealed: Readonly<Record<'source' | 'target' | 'sourceAdmin' | 'targetAdmin', string | null>>
}

const source = alias(endpoints, 'source')
const target = alias(endpoints, 'target')

/** All in one look; null when the user is gone. */
export async function findWork(db: Database, userId: number): Promise<Work | null> {
  const select = db.query
    .select({ user: users, batch: batches, source, target })
    .from(users)
    .innerJoin(batches, eq(batches.id, users.batchId))
    .innerJoin(source, eq(source.id, batches.sourceEndpointId))
    .innerJoin(target, eq(target.id, batches.targetEndpointId))
    .where(eq(users.id, userId))
  const [[row]] = await db.read([select])
  if (row === undefined) return null
  return {
    user: toUser({ user: row.user, batchName: row.batch.name }),
    batch: toBatch(row),
    source: toEndpoint(row.source),
    target: toEndpoint(row.target),
    sealed: {
      source: row.user.sourcePassword,
      target: row.user.targetPassword,
      sourceAdmin: row.source.adminPassword,
      targetAdmin: row.target.adminPassword,
    },
  }
}
