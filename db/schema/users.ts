import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { User, UserError, UserPhase } from '../../src/domain/user.ts'
import { type UserStatus, userStatuses } from '../../src/domain/user-status.ts'
import type { VerifyReport } from '../../src/domain/verification.ts'
import { batches } from './batches.ts'
import { isOneOf, value } from './columns.ts'

const phases = ['queued', 'inProgress', 'synced', 'stalled'] as const satisfies readonly UserPhase[]
const missingTargetFolders = ['hold', 'recreate', 'leave'] as const satisfies readonly User['missingTargetFolder'][]

export const users = sqliteTable(
  'users',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    batchId: integer('batch_id')
      .notNull()
      .references(() => batches.id),
    emailAddress: text('email_address').notNull(),
    sourceUserName: text('source_user_name').notNull(),
    targetUserName: text('target_user_name').notNull(),
    userRoot: text('user_root'),
    /** Sealed; their places are `userPlace`. */
    sourcePassword: text('source_password'),
    targetPassword: text('target_password'),
    /** By what its jobs are locked: the same mailbox is never written to by two, whatever their batches. */
    targetMailbox: text('target_mailbox').notNull(),
    status: text('status').$type<UserStatus>().notNull().default('created'),
    error: value<UserError>('error'),
    missingTargetFolder: text('missing_target_folder', { enum: missingTargetFolders }).notNull().default('hold'),
    passes: integer('passes').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    lastSyncedAt: integer('last_synced_at'),
    retryAt: integer('retry_at'),
    // The equation of the last pass.
    source: integer('source').notNull().default(0),
    copied: integer('copied').notNull().default(0),
    adopted: integer('adopted').notNull().default(0),
    excluded: integer('excluded').notNull().default(0),
    removed: integer('removed').notNull().default(0),
    skipped: integer('skipped').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    gone: integer('gone').notNull().default(0),
    itemsTotal: integer('items_total').notNull().default(0),
    itemsDone: integer('items_done').notNull().default(0),
    bytesTotal: integer('bytes_total').notNull().default(0),
    bytesDone: integer('bytes_done').notNull().default(0),
    copiedLastPass: integer('copied_last_pass').notNull().default(0),
    flagsChangedLastPass: integer('flags_changed_last_pass').notNull().default(0),
    movedLastPass: integer('moved_last_pass').notNull().default(0),
    /** Of the ledger, as of the last pass. */
    pairId: integer('pair_id'),
    // Where its time went. `phase` is what it does since `phaseSince`; the sums tell of the phases before.
    phase: text('phase', { enum: phases }),
    phaseSince: integer('phase_since').notNull().default(0),
    queuedMs: integer('queued_ms').notNull().default(0),
    inProgressMs: integer('in_progress_ms').notNull().default(0),
    syncedMs: integer('synced_ms').notNull().default(0),
    stalledMs: integer('stalled_ms').notNull().default(0),
    startedAt: integer('started_at'),
    initialSyncedAt: integer('initial_synced_at'),
    // What it was given of its own, instead of what its batch says.
    startAfter: integer('start_after'),
    completeAfter: integer('complete_after'),
    badItemLimit: integer('bad_item_limit'),
    largeItemLimit: integer('large_item_limit'),
    // What the last pass left over. The score by its place in `consistencies`: the worst of a batch is the greatest.
    consistency: integer('consistency'),
    issues: integer('issues').notNull().default(0),
    unapproved: integer('unapproved').notNull().default(0),
  },
  (table) => [
    check('users_status', isOneOf(table.status, userStatuses)),
    uniqueIndex('users_address').on(table.batchId, sql`lower(${table.emailAddress})`),
    index('users_status').on(table.batchId, table.status, table.id),
    index('users_list').on(table.batchId, table.id),
    index('users_consistency').on(table.batchId, table.consistency),
    index('users_issues').on(table.batchId, table.id).where(sql`${table.issues} > 0`),
    index('users_complete_after').on(table.completeAfter).where(sql`${table.completeAfter} is not null`),
    index('users_lookup').on(sql`lower(${table.emailAddress})`),
  ],
)

/** The last verification of a user. `verifiedAt` is null until it has ended; then there is a report or an error. */
export const verifications = sqliteTable('verifications', {
  userId: integer('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  readsData: integer('reads_data', { mode: 'boolean' }).notNull(),
  report: value<VerifyReport>('report'),
  error: value<UserError>('error'),
  verifiedAt: integer('verified_at'),
})
