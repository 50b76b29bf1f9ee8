import { and, asc, eq, isNotNull, isNull, or, sql } from 'drizzle-orm'
import type { Batch } from '../../src/domain/batch.ts'
import type { UserError } from '../../src/domain/user.ts'
import type { VerifyReport } from '../../src/domain/verification.ts'
import type { Database, Statement } from '../client.ts'
import { jobs } from '../schema/jobs.ts'
import { users, verifications } from '../schema/users.ts'

/** What the last verification of a user found; neither report nor error while it waits or runs. */
export interface VerificationRow {
  readonly userId: number
  readonly emailAddress: string
  readonly readsData: boolean
  readonly report: VerifyReport | null
  readonly error: UserError | null
  readonly verifiedAt: number | null
}

export async function listVerifications(db: Database, batchId: number): Promise<readonly VerificationRow[]> {
  const select = db.query
    .select({
      userId: verifications.userId,
      emailAddress: users.emailAddress,
      readsData: verifications.readsData,
      report: verifications.report,
      error: verifications.error,
      verifiedAt: verifications.verifiedAt,
    })
    .from(verifications)
    .innerJoin(users, eq(users.id, verifications.userId))
    .where(eq(users.batchId, batchId))
    .orderBy(asc(users.id))
  return (await db.read([select]))[0]
}

/** Asks for a verification of every user of the batch that was synced once; what was found before is forgotten. */
export function queueVerifications(db: Database, batch: Batch, readsData: boolean, now: number): readonly Statement[] {
  const isSynced = and(eq(users.batchId, batch.id), isNotNull(users.lastSyncedAt))
  const ofBatch = sql`${jobs.userId} in (select ${users.id} from ${users} where ${users.batchId} = ${batch.id})`
  const isVerification = and(eq(jobs.kind, 'verify-user'), ofBatch)
  return [
    db.query
      .update(jobs)
      .set({ status: 'cancelled' })
      .where(and(eq(jobs.status, 'queued'), isVerification)),
    db.query
      .delete(jobs)
      .where(
        and(
          or(eq(jobs.status, 'cancelled'), eq(jobs.status, 'completed'), eq(jobs.status, 'discarded')),
          isVerification,
        ),
      ),
    db.query.run(sql`insert into ${verifications} (user_id, reads_data, report, error, verified_at)
      select ${users.id}, ${readsData ? 1 : 0}, null, null, null from ${users} where ${isSynced}
      on conflict (user_id) do update
      set reads_data = excluded.reads_data, report = null, error = null, verified_at = null`),
    db.query.run(sql`insert into ${jobs} (kind, user_id, reads_data, priority, run_at, source_endpoint_id, target_endpoint_id, lock)
      select 'verify-user', ${users.id}, ${readsData ? 1 : 0}, ${batch.priority}, ${now}, ${batch.sourceEndpointId},
        ${batch.targetEndpointId}, ${users.targetMailbox}
      from ${users} where ${isSynced} order by ${users.id}`),
  ]
}

/** Users of the batch whose verification has not ended. */
export async function openVerifications(db: Database, batchId: number): Promise<number> {
  const open = db.query
    .select({ userId: verifications.userId })
    .from(verifications)
    .innerJoin(users, eq(users.id, verifications.userId))
    .where(and(eq(users.batchId, batchId), isNull(verifications.verifiedAt)))
  return (await db.read([open]))[0].length
}

/** What a verification found, or why it could not be made. */
export const putVerification = (db: Database, row: typeof verifications.$inferInsert): Statement =>
  db.query.insert(verifications).values(row).onConflictDoUpdate({ target: verifications.userId, set: row })
