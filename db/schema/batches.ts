import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { PassPlan } from '../../src/domain/batch-action.ts'
import type { BatchSettings } from '../../src/domain/batch-settings.ts'
import { type BatchStatus, batchStatuses } from '../../src/domain/status.ts'
import { isOneOf, value } from './columns.ts'
import { endpoints } from './endpoints.ts'

/**
 * A start and a completion are due in the statuses in which the clock brings them about. A batch that completes by
 * itself and has none of its users under way is due at once. Null stays above every time.
 */
const dueAt = sql`nullif(min(
  coalesce(next_pass_at, 9e15),
  case when status = 'waiting' then coalesce(start_after, 9e15) else 9e15 end,
  case when status in ('synced', 'syncedWithErrors', 'incrementalSyncing')
    then coalesce(complete_after, iif(settings ->> 'autoComplete' and status <> 'incrementalSyncing', 0, 9e15)) else 9e15 end
), 9e15)`

export const batches = sqliteTable(
  'batches',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    name: text('name').notNull(),
    status: text('status').$type<BatchStatus>().notNull().default('created'),
    /** False while its users are still being written: nobody sees it, and a start of the process removes it. */
    isPublished: integer('is_published', { mode: 'boolean' }).notNull().default(false),
    sourceEndpointId: integer('source_endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    targetEndpointId: integer('target_endpoint_id')
      .notNull()
      .references(() => endpoints.id),
    priority: integer('priority').notNull().default(0),
    incrementalEveryMs: integer('incremental_every_ms').notNull(),
    settings: value<BatchSettings>('settings').notNull(),
    startAfter: integer('start_after'),
    completeAfter: integer('complete_after'),
    /** When the clock has next something to do for it, by its status. */
    dueAt: integer('due_at').generatedAlwaysAs(dueAt, { mode: 'virtual' }),
    // Users by what they are doing; written together with the transition of a user.
    total: integer('total').notNull().default(0),
    pending: integer('pending').notNull().default(0),
    active: integer('active').notNull().default(0),
    synced: integer('synced').notNull().default(0),
    completed: integer('completed').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    stopped: integer('stopped').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    startedAt: integer('started_at'),
    initialSyncedAt: integer('initial_synced_at'),
    lastSyncedAt: integer('last_synced_at'),
    completedAt: integer('completed_at'),
    /** Set while a long action is under way as well: when to see whether it has ended. */
    nextPassAt: integer('next_pass_at'),
    /** What a long action has still to queue, all of it or in part. */
    unqueued: value<PassPlan>('unqueued'),
  },
  (table) => [
    check('batches_status', isOneOf(table.status, batchStatuses)),
    uniqueIndex('batches_name').on(sql`lower(${table.name})`),
    index('batches_source').on(table.sourceEndpointId),
    index('batches_target').on(table.targetEndpointId),
    index('batches_due').on(table.dueAt).where(sql`due_at is not null`),
  ],
)
