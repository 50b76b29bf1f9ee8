import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Cursor, FolderStatus, Mark } from '../../src/domain/mail.ts'
import {
  type FolderCounts,
  type FolderIdentity,
  type ItemIssue,
  noCounts,
  type Suspect,
} from '../../src/domain/sync-state.ts'
import { bytes, toJson, value } from './columns.ts'

/** Source and target mailboxes, apart from any batch: removing a batch keeps its ledger. */
export const pairs = sqliteTable(
  'pairs',
  {
    id: integer('id').primaryKey(),
    source: text('source').notNull(),
    target: text('target').notNull(),
  },
  (table) => [uniqueIndex('pairs_source_target').on(table.source, table.target)],
)

export const folders = sqliteTable(
  'folders',
  {
    // Never used again after a folder was removed: ids stand in issues and in memory.
    id: integer('id').primaryKey({ autoIncrement: true }),
    pairId: integer('pair_id')
      .notNull()
      .references(() => pairs.id, { onDelete: 'cascade' }),
    source: value<FolderIdentity>('source').notNull(),
    target: value<FolderIdentity>('target').notNull(),
    cursor: value<Cursor>('cursor'),
    dirtySince: value<Mark>('dirty_since'),
    targetSeen: value<FolderStatus>('target_seen'),
    suspect: value<Suspect>('suspect'),
    counts: value<FolderCounts>('counts')
      .notNull()
      .default(sql.raw(`'${toJson(noCounts)}'`)),
    sizeBytes: integer('size_bytes').notNull().default(0),
    passes: integer('passes').notNull().default(0),
    idlePasses: integer('idle_passes').notNull().default(0),
    /** Pages up to this id are confirmed. */
    confirmedPageId: integer('confirmed_page_id').notNull().default(0),
    /** Pages after the last packing; 0 where there was none. */
    packedPages: integer('packed_pages').notNull().default(0),
  },
  (table) => [index('folders_pair').on(table.pairId)],
)

/** Packed pages of settled items (domain/ledger.ts), append only: a later page's record of an item replaces earlier ones. */
export const ledgerPages = sqliteTable(
  'ledger_pages',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    folderId: integer('folder_id')
      .notNull()
      .references(() => folders.id, { onDelete: 'cascade' }),
    records: integer('records').notNull(),
    /** How many of them have vanished: pages without any are not read for moves. */
    vanished: integer('vanished').notNull(),
    uidFirst: integer('uid_first').notNull(),
    uidLast: integer('uid_last').notNull(),
    page: bytes('page').notNull(),
  },
  (table) => [
    index('ledger_pages_folder').on(table.folderId, table.id),
    check('ledger_pages_uids', sql`${table.uidFirst} <= ${table.uidLast}`),
  ],
)

/** Skipped and failed items: the only ones whose subject and sender are kept. */
export const issues = sqliteTable(
  'issues',
  {
    folderId: integer('folder_id')
      .notNull()
      .references(() => folders.id, { onDelete: 'cascade' }),
    sourceUid: integer('source_uid').notNull(),
    issue: value<ItemIssue>('issue').notNull(),
  },
  (table) => [primaryKey({ columns: [table.folderId, table.sourceUid] })],
)

/** What was learnt of a server, by `host:port`. Null: not known yet. */
export const traits = sqliteTable('traits', {
  endpoint: text('endpoint').primaryKey(),
  tellsUids: integer('tells_uids', { mode: 'boolean' }),
  rewrites: integer('rewrites', { mode: 'boolean' }),
})
