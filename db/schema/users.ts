import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { User, UserError } from '../../src/domain/user.ts'
import { type UserStatus, userStatuses } from '../../src/domain/user-status.ts'
import type { VerifyReport } from '../../src/domain/verification.ts'
import { batches } from './batches.ts'
import { isOneOf, value } from './columns.ts'

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
  },
  (table) => [
    check('users_status', isOneOf(table.status, userStatuses)),
    uniqueIndex('users_address').on(table.batchId, sql`lower(${table.emailAddress})`),
    index('users_status').on(table.batchId, table.status, table.id),
    index('users_list').on(table.batchId, table.id),
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
