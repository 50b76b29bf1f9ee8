import { eq, inArray } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import type { Endpoint } from '../../src/domain/endpoint.ts'
import type { User } from '../../src/domain/user.ts'
import type { Database } from '../client.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'
import { users } from '../schema/users.ts'
import { selectBatches, toBatch } from './batches.ts'
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

/** All of one moment; null when the user is gone. Four selects, because one over aliases costs ten times as much. */
export async function findWork(db: Database, userId: number): Promise<Work | null> {
  const batchIds = ofUser(db, userId)
  const end = (column: typeof batches.sourceEndpointId | typeof batches.targetEndpointId) => {
    const ids = db.query.select({ id: column }).from(batches).where(inArray(batches.id, batchIds))
    return db.query.select().from(endpoints).where(inArray(endpoints.id, ids))
  }
  const [[user], [batch], [source], [target]] = await db.read([
    db.query.select().from(users).where(eq(users.id, userId)),
    selectBatches(db, inArray(batches.id, batchIds)),
    end(batches.sourceEndpointId),
    end(batches.targetEndpointId),
  ])
  if (!user || !batch || !source || !target) return null
  return {
    user: toUser({ user, batchName: batch.batch.name }),
    batch: toBatch(batch),
    source: toEndpoint(source),
    target: toEndpoint(target),
    sealed: {
      source: user.sourcePassword,
      target: user.targetPassword,
      sourceAdmin: source.adminPassword,
      targetAdmin: target.adminPassword,
    },
  }
}

/** What decides how a pass of a user ends. */
export interface Standing {
  readonly user: Pick<User, 'id' | 'status' | 'passes' | 'attempts'>
  readonly batch: Batch
}

/** Null when the user is gone. */
export async function findStanding(db: Database, userId: number): Promise<Standing | null> {
  const { id, status, passes, attempts } = users
  const user = db.query.select({ id, status, passes, attempts }).from(users).where(eq(id, userId))
  const [[found], [batch]] = await db.read([user, selectBatches(db, inArray(batches.id, ofUser(db, userId)))])
  return found && batch ? { user: found, batch: toBatch(batch) } : null
}

export async function batchIdOf(db: Database, userId: number): Promise<number | null> {
  const [[row]] = await db.read([ofUser(db, userId)])
  return row?.id ?? null
}

const ofUser = (db: Database, userId: number) =>
  db.query.select({ id: users.batchId }).from(users).where(eq(users.id, userId))
