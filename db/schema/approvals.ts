import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { FaultCode } from '../../src/domain/fault.ts'
import { folders } from './ledger.ts'
import { users } from './users.ts'

/**
 * Skipped items that may stay behind. They stand beside the issues, which come and go with the passes, and hold for one
 * numbering of the source folder, one reason, and as many messages as there were: whatever is new needs a new approval.
 */
export const approvals = sqliteTable(
  'approvals',
  {
    folderId: integer('folder_id')
      .notNull()
      .references(() => folders.id, { onDelete: 'cascade' }),
    sourceUid: integer('source_uid').notNull(),
    /** Of the source folder. */
    uidValidity: integer('uid_validity').notNull(),
    code: text('code').$type<FaultCode>().notNull(),
    /** One, or those of a whole folder. */
    messages: integer('messages').notNull(),
    approvedBy: text('approved_by').notNull(),
    reason: text('reason').notNull(),
    approvedAt: integer('approved_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.folderId, table.sourceUid, table.uidValidity, table.code] })],
)

/** Skipped messages whose content was saved in the data folder, for as long as their batch is there. */
export const savedMessages = sqliteTable(
  'saved_messages',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    folderId: integer('folder_id').notNull(),
    sourceUid: integer('source_uid').notNull(),
    /** Of the source folder. */
    uidValidity: integer('uid_validity').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    savedAt: integer('saved_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.folderId, table.sourceUid, table.uidValidity] })],
)
