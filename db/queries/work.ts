import { eq, inArray } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import type { Endpoint } from '../../src/domain/endpoint.ts'
import type { User } from '../../src/domain/user.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
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
  const [[user], [batch], [source], [target]] = await db.read([
    selectUser(db, { userId }),
    selectBatch(db, { userId }),
    selectSource(db, { userId }),
    selectTarget(db, { userId }),
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

type OfUser = Places<{ userId: number }>

const selectUser = prepared((query, { userId }: OfUser) => query.select().from(users).where(eq(users.id, userId)))

const selectBatchId = prepared((query, { userId }: OfUser) => batchIds(query, userId))

const selectBatch = prepared((query, { userId }: OfUser) =>
  selectBatches({ query }, inArray(batches.id, batchIds(query, userId))),
)

const selectEnd = (column: typeof batches.sourceEndpointId | typeof batches.targetEndpointId) =>
  prepared((query, { userId }: OfUser) => {
    const ofBatch = inArray(batches.id, batchIds(query, userId))
    const ids = query.select({ id: column }).from(batches).where(ofBatch)
    return query.select().from(endpoints).where(inArray(endpoints.id, ids))
  })

const selectSource = selectEnd(batches.sourceEndpointId)
const selectTarget = selectEnd(batches.targetEndpointId)

const batchIds = (query: Database['query'], userId: OfUser['userId']) =>
  query.select({ id: users.batchId }).from(users).where(eq(users.id, userId))

/** What decides how a pass of a user ends. */
export interface Standing {
  readonly user: Pick<User, 'id' | 'status' | 'passes' | 'attempts'> & Pick<User['settings'], 'completeAfter'>
  readonly batch: Batch
}

/** Null when the user is gone. */
export async function findStanding(db: Database, userId: number): Promise<Standing | null> {
  const [[user], [batch]] = await db.read([selectStanding(db, { userId }), selectBatch(db, { userId })])
  return user && batch ? { user, batch: toBatch(batch) } : null
}

const selectStanding = prepared((query, { userId }: OfUser) => {
  const { id, status, passes, attempts, completeAfter } = users
  return query.select({ id, status, passes, attempts, completeAfter }).from(users).where(eq(id, userId))
})

export async function batchIdOf(db: Database, userId: number): Promise<number | null> {
  const [[row]] = await db.read([selectBatchId(db, { userId })])
  return row?.id ?? null
}
