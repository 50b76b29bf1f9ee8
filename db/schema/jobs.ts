import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { JobFailure, JobSpec, JobStatus, PassKind } from '../../src/domain/job.ts'
import { isOneOf } from './columns.ts'

const kinds = ['sync-user', 'verify-user', 'remove-batch'] as const satisfies readonly JobSpec['kind'][]
const statuses = ['queued', 'running', 'completed', 'discarded', 'cancelled'] as const satisfies readonly JobStatus[]
const passes = ['initial', 'incremental', 'final'] as const satisfies readonly PassKind[]

/** `slotKind` of src/domain/job.ts, and the endpoints whose slots a job takes. */
const lane = sql`case when kind = 'remove-batch' then '' else
  case when kind = 'sync-user' and pass <> 'incremental' then 'initial' else 'incremental' end
  || '/' || coalesce(source_endpoint_id, '') || '/' || coalesce(target_endpoint_id, '') end`

export const jobs = sqliteTable(
  'jobs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    kind: text('kind', { enum: kinds }).notNull(),
    /** Of `sync-user` and `verify-user`. */
    userId: integer('user_id'),
    /** Of `remove-batch`. */
    batchId: integer('batch_id'),
    /** Of `sync-user`. */
    pass: text('pass', { enum: passes }),
    /** Of `verify-user`. */
    readsData: integer('reads_data', { mode: 'boolean' }).notNull().default(false),
    status: text('status', { enum: statuses }).notNull().default('queued'),
    priority: integer('priority').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    runAt: integer('run_at').notNull(),
    token: integer('token').notNull().default(0),
    leaseUntil: integer('lease_until'),
    sourceEndpointId: integer('source_endpoint_id'),
    targetEndpointId: integer('target_endpoint_id'),
    lock: text('lock'),
    /** `slotKind/source endpoint/target endpoint`: jobs that wait for the same room. Empty: waits for none. */
    lane: text('lane').notNull().generatedAlwaysAs(lane, { mode: 'virtual' }),
    /** Of the last attempt that failed. */
    failureCode: text('failure_code').$type<JobFailure['code']>(),
    failureScope: text('failure_scope').$type<JobFailure['scope']>(),
    failureMessage: text('failure_message'),
  },
  (table) => [
    check('jobs_kind', isOneOf(table.kind, kinds)),
    check('jobs_status', isOneOf(table.status, statuses)),
    check('jobs_pass', isOneOf(table.pass, passes)),
    // A claim goes down each lane that has room and stops where it has enough; it reads the index alone.
    index('jobs_queue')
      .on(table.lane, sql`${table.priority} desc`, table.id, table.runAt, table.lock)
      .where(sql`${table.status} = 'queued'`),
    index('jobs_due').on(table.runAt).where(sql`${table.status} = 'queued'`),
    index('jobs_running').on(table.leaseUntil).where(sql`${table.status} = 'running'`),
    // Two jobs with one lock never run at a time, whoever claims them.
    uniqueIndex('jobs_lock').on(table.lock).where(sql`${table.status} = 'running'`),
    index('jobs_user').on(table.userId),
    index('jobs_batch').on(table.batchId),
  ],
)
