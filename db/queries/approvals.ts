import { and, eq, gt, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import { countUsers } from '../../src/domain/batch-action.ts'
import { type Approval, consistencies } from '../../src/domain/consistency.ts'
import { nextBatchStatus } from '../../src/domain/status.ts'
import type { Database, Statement } from '../client.ts'
import { approvals } from '../schema/approvals.ts'
import { folders, issues } from '../schema/ledger.ts'
import { users } from '../schema/users.ts'
import { updateBatch } from './batches.ts'
import { queueUsers } from './passes.ts'
import { isUnapproved, type SkippedPlace } from './skipped.ts'
import { countByStatus } from './users.ts'

const poor = consistencies.indexOf('poor')

/** Users whose skipped items are approved together: each of them has fewer than the score Poor allows. */
const approvedAtOnce = 100

/** All skipped items of the users of a batch who are not Poor, up to now. Tells how many. In the batch's turn. */
export async function approveAll(db: Database, batchId: number, approval: Approval): Promise<number> {
  let items = 0
  for (let afterId = 0; ; ) {
    const [rows] = await db.read([selectApprovable(db, batchId, afterId)])
    const last = rows.at(-1)
    if (last === undefined) return items
    items += await approve(db, areAmong(rows.map(({ id }) => id)), sql`true`, approval)
    afterId = last.id
  }
}

/** All skipped items of one user, up to now. */
export const approveAllOf = (db: Database, userId: number, approval: Approval): Promise<number> =>
  approve(db, eq(users.id, userId), sql`true`, approval)

/** One skipped item. */
export const approveOne = (
  db: Database,
  { userId, folderId, sourceUid }: SkippedPlace,
  approval: Approval,
): Promise<number> =>
  approve(
    db,
    eq(users.id, userId),
    sql`${issues.folderId} = ${folderId} and ${issues.sourceUid} = ${sourceUid}`,
    approval,
  )

const selectApprovable = ({ query }: Database, batchId: number, afterId: number) =>
  query
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.batchId, batchId),
        gt(users.id, afterId),
        gt(users.issues, 0),
        gt(users.unapproved, 0),
        or(isNull(users.consistency), lt(users.consistency, poor)),
      ),
    )
    .orderBy(users.id)
    .limit(approvedAtOnce)

const areAmong = (ids: readonly number[]): SQL =>
  sql`${users.id} in (select value from json_each(${JSON.stringify(ids)}))`

async function approve(db: Database, who: SQL, what: SQL, { by, reason, at }: Approval): Promise<number> {
  const write = [
    db.query.run(sql`insert into ${approvals} (folder_id, source_uid, uid_validity, code, messages, approved_by, reason, approved_at)
      select ${issues.folderId}, ${issues.sourceUid}, ${folders.source} ->> 'uidValidity', ${issues.issue} ->> 'code',
        coalesce(${issues.issue} ->> 'messages', 1), ${by}, ${reason}, ${at}
      from ${users} cross join ${folders} on ${folders.pairId} = ${users.pairId}
        cross join ${issues} on ${issues.folderId} = ${folders.id}
      where ${who} and ${what} and ${isUnapproved}
      on conflict do update set messages = excluded.messages, approved_by = excluded.approved_by,
        reason = excluded.reason, approved_at = excluded.approved_at`),
    db.query.all<readonly [number]>(sql`select changes()`),
    recount(db, who),
  ] as const
  const [, [changed]] = await db.write([...write])
  return (changed as readonly [number] | undefined)?.[0] ?? 0
}

const recount = (db: Database, who: SQL): Statement =>
  db.query
    .update(users)
    .set({
      unapproved: sql`(select count(*) from ${folders} cross join ${issues} on ${issues.folderId} = ${folders.id}
        where ${folders.pairId} = ${users.pairId} and ${isUnapproved})`,
    })
    .where(who)

const waits = (batchId: number) => and(eq(users.batchId, batchId), eq(users.status, 'needsApproval'))

/** Users of a batch who wait although all that can be approved together was: they are Poor. */
export async function countHeld(db: Database, batchId: number): Promise<Readonly<Record<'held' | 'freed', number>>> {
  const counts = db.query
    .select({
      held: sql<number>`count(*) filter (where ${users.unapproved} > 0)`,
      freed: sql<number>`count(*) filter (where ${users.unapproved} = 0)`,
    })
    .from(users)
    .where(waits(batchId))
  const [[row]] = await db.read([counts])
  return row ?? { held: 0, freed: 0 }
}

/**
 * Queues the final pass of those who wait and have nothing left to approve, some at a time, and takes the batch along.
 * In the batch's turn. What a dead process left half done goes on with the next approval.
 */
export async function completeFreed(db: Database, batch: Batch, now: number): Promise<void> {
  const status = nextBatchStatus(batch.status, 'approve') ?? batch.status
  const plan = { needsApproval: 'final' } as const
  const some = { status: 'needsApproval', pass: 'final', plan, now } as const
  await db.write([updateBatch(db, batch.id, { status })])
  while ((await countHeld(db, batch.id)).freed > 0) {
    const freed = db.query
      .select({ id: users.id })
      .from(users)
      .where(and(waits(batch.id), eq(users.unapproved, 0)))
      .limit(500)
    const ids = (await db.read([freed]))[0].map(({ id }) => id)
    await db.write(queueUsers(db, batch, areAmong(ids), some))
  }
  const counts = countUsers(await countByStatus(db, batch.id))
  await db.write([updateBatch(db, batch.id, { status, counts, nextPassAt: null })])
}
