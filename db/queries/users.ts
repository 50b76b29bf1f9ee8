import { and, asc, count, eq, gt, inArray, type SQL, sql } from 'drizzle-orm'
import type { UserProgress } from '../../src/domain/batch.ts'
import { consistencies } from '../../src/domain/consistency.ts'
import type { LiveProgress, User } from '../../src/domain/user.ts'
import type { UserStatus } from '../../src/domain/user-status.ts'
import type { Place } from '../../src/platform/vault.ts'
import type { Database, Statement } from '../client.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { insertRows } from '../rows.ts'
import { batches } from '../schema/batches.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'
import { enterPhase } from './phases.ts'

export type UserRow = Omit<typeof users.$inferInsert, 'id'>

type Row = typeof users.$inferSelect

/** What may be set of a user; progress as a whole or not at all. */
export type UserChanges = Partial<
  Pick<
    Row,
    | 'sourceUserName'
    | 'sourcePassword'
    | 'targetUserName'
    | 'targetPassword'
    | 'targetMailbox'
    | 'userRoot'
    | 'missingTargetFolder'
    | 'status'
    | 'error'
    | 'passes'
    | 'attempts'
    | 'lastSyncedAt'
    | 'retryAt'
    | 'startAfter'
    | 'completeAfter'
    | 'badItemLimit'
    | 'largeItemLimit'
    | 'pairId'
    | 'consistency'
    | 'issues'
    | 'unapproved'
  >
> & { readonly progress?: UserProgress }

/** Where a user's password is sealed for: known before its row has an id, and never another's. */
export const passwordPlace = (batchId: number, emailAddress: string, side: 'source' | 'target'): Place => ({
  table: 'users',
  row: `${batchId}/${emailAddress.toLowerCase()}`,
  field: `${side}_password`,
})

export interface UserSlice {
  readonly status: UserStatus | null
  readonly afterId: number
  readonly limit: number
}

/** By id. */
export async function listUsers(db: Database, batchId: number, slice: UserSlice): Promise<readonly User[]> {
  const { status, ...page } = slice
  const select = status === null ? selectPage(db, { batchId, ...page }) : selectPageOf(db, { batchId, status, ...page })
  const [rows] = await db.read([select])
  return rows.map(toUser)
}

export async function findUser(db: Database, id: number): Promise<User | null> {
  const [[row]] = await db.read([selectUser(db, { id })])
  return row ? toUser(row) : null
}

/** The same address may stand in several batches. */
export async function usersByAddress(db: Database, address: string): Promise<readonly User[]> {
  const [rows] = await db.read([selectByAddress(db, { address })])
  return rows.map(toUser)
}

/** Ids by address in lower case. */
export async function userIdsByAddress(db: Database, batchId: number): Promise<ReadonlyMap<string, number>> {
  const { id, emailAddress: address } = users
  const [rows] = await db.read([db.query.select({ id, address }).from(users).where(eq(users.batchId, batchId))])
  return new Map(rows.map(({ id, address }) => [address.toLowerCase(), id]))
}

/** How many users of a batch have each status. */
export async function countByStatus(db: Database, batchId: number): Promise<ReadonlyMap<UserStatus, number>> {
  const [rows] = await db.read([selectCounts(db, { batchId })])
  return new Map(rows.map((row) => [row.status, row.users]))
}

const selectCounts = prepared((query, { batchId }: Places<{ batchId: number }>) =>
  query
    .select({ status: users.status, users: count() })
    .from(users)
    .where(eq(users.batchId, batchId))
    .groupBy(users.status),
)

export const insertUsers = (db: Database, rows: readonly UserRow[]): Statement =>
  db.query.run(insertRows(users, [...rows]))

export const updateUser = (db: Database, id: number, { progress, ...changes }: UserChanges): Statement =>
  updateRow(db, id, { ...changes, ...(progress && progressColumns(progress)) })

const updateRow = updateOf(users)

/** A pass of a user begins. False: the status was not `from` any more, and nothing was changed. */
export async function beginPass(db: Database, move: Begin): Promise<boolean> {
  const [rows] = await db.write([moveUser(db, move)])
  return rows.length > 0
}

interface Begin {
  readonly id: number
  readonly from: UserStatus
  readonly to: UserStatus
  readonly now: number
}

const moveUser = prepared((query, { id, from, to, now }: Places<Begin>) =>
  query
    .update(users)
    .set({
      status: sql`${to}`,
      retryAt: null,
      startedAt: sql`coalesce(${users.startedAt}, ${now})`,
      ...enterPhase('inProgress', now),
    })
    .where(and(eq(users.id, id), eq(users.status, from)))
    .returning({ id: users.id }),
)

/** Without jobs and verifications, which a batch that was never seen has none of. */
export const deleteUsers = (db: Database, batchId: number): Statement =>
  db.query.delete(users).where(eq(users.batchId, batchId))

/** The first users of a batch, with their jobs and verifications. */
export function deleteSomeUsers(db: Database, batchId: number, limit: number): readonly Statement[] {
  const some = db.query
    .select({ id: users.id })
    .from(users)
    .where(eq(users.batchId, batchId))
    .orderBy(asc(users.id))
    .limit(limit)
  return [
    db.query.delete(jobs).where(inArray(jobs.userId, some)),
    db.query.delete(users).where(inArray(users.id, some)),
  ]
}

export async function hasUsers(db: Database, batchId: number): Promise<boolean> {
  const one = db.query.select({ id: users.id }).from(users).where(eq(users.batchId, batchId)).limit(1)
  const [rows] = await db.read([one])
  return rows.length > 0
}

/** How far running passes are, for whoever reads it from the store. */
export const setLiveProgress = (db: Database, progress: ReadonlyMap<number, LiveProgress>): readonly Statement[] =>
  [...progress].map(([id, { itemsTotal, itemsDone, bytesTotal, bytesDone }]) =>
    updateRow(db, id, { itemsTotal, itemsDone, bytesTotal, bytesDone }),
  )

const selectUsers = (query: Database['query'], where: SQL | undefined) =>
  query
    .select({ user: users, batchName: batches.name })
    .from(users)
    .innerJoin(batches, eq(batches.id, users.batchId))
    .where(and(eq(batches.isPublished, true), where))
    .orderBy(asc(users.id))

const selectUser = prepared((query, { id }: Places<{ id: number }>) => selectUsers(query, eq(users.id, id)))

const selectByAddress = prepared((query, { address }: Places<{ address: string }>) =>
  selectUsers(query, sql`lower(${users.emailAddress}) = lower(${address})`).limit(100),
)

type Page = Pick<UserSlice, 'afterId' | 'limit'> & { readonly batchId: number }

const selectPage = prepared((query, { batchId, afterId, limit }: Places<Page>) =>
  selectUsers(query, and(eq(users.batchId, batchId), gt(users.id, afterId))).limit(limit),
)

const selectPageOf = prepared((query, { batchId, status, afterId, limit }: Places<Page & { status: UserStatus }>) =>
  selectUsers(query, and(eq(users.batchId, batchId), eq(users.status, status), gt(users.id, afterId))).limit(limit),
)

function progressColumns({ counts, ...progress }: UserProgress) {
  return { ...progress, ...counts }
}

export const toUser = ({ user, batchName }: { readonly user: Row; readonly batchName: string }): User => ({
  id: user.id,
  batchId: user.batchId,
  batchName,
  emailAddress: user.emailAddress,
  sourceUserName: user.sourceUserName,
  targetUserName: user.targetUserName,
  userRoot: user.userRoot,
  hasSourcePassword: user.sourcePassword !== null,
  hasTargetPassword: user.targetPassword !== null,
  status: user.status,
  error: user.error,
  progress: toProgress(user),
  missingTargetFolder: user.missingTargetFolder,
  passes: user.passes,
  attempts: user.attempts,
  lastSyncedAt: user.lastSyncedAt,
  consistency: consistencies[user.consistency ?? -1] ?? null,
  unapproved: user.unapproved,
  times: {
    phase: user.phase,
    phaseSince: user.phaseSince,
    queuedMs: user.queuedMs,
    inProgressMs: user.inProgressMs,
    syncedMs: user.syncedMs,
    stalledMs: user.stalledMs,
    startedAt: user.startedAt,
    initialSyncedAt: user.initialSyncedAt,
  },
  settings: {
    startAfter: user.startAfter,
    completeAfter: user.completeAfter,
    badItemLimit: user.badItemLimit,
    largeItemLimit: user.largeItemLimit,
  },
  retryAt: user.retryAt,
})

const toProgress = (user: Row): UserProgress => ({
  counts: {
    source: user.source,
    copied: user.copied,
    adopted: user.adopted,
    excluded: user.excluded,
    removed: user.removed,
    skipped: user.skipped,
    failed: user.failed,
    gone: user.gone,
  },
  itemsTotal: user.itemsTotal,
  itemsDone: user.itemsDone,
  bytesTotal: user.bytesTotal,
  bytesDone: user.bytesDone,
  copiedLastPass: user.copiedLastPass,
  flagsChangedLastPass: user.flagsChangedLastPass,
  movedLastPass: user.movedLastPass,
})
