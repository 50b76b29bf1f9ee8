import { sql } from 'drizzle-orm'
import { check, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { endpointLimitDefaults, type Security } from '../../src/domain/endpoint.ts'
import type { WorkingHours } from '../../src/domain/working-hours.ts'
import { isOneOf, value } from './columns.ts'

const protocols = ['imap'] as const
const securities = ['none', 'ssl', 'tls'] as const satisfies readonly Security[]

export const endpoints = sqliteTable(
  'endpoints',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    name: text('name').notNull(),
    protocol: text('protocol', { enum: protocols }).notNull().default('imap'),
    host: text('host').notNull(),
    port: integer('port').notNull(),
    security: text('security', { enum: securities }).notNull(),
    acceptsUntrustedCertificates: integer('accepts_untrusted_certificates', { mode: 'boolean' }).notNull(),
    ca: text('ca'),
    login: text('login').notNull(),
    usesAuthzid: integer('uses_authzid', { mode: 'boolean' }).notNull(),
    adminName: text('admin_name'),
    /** Sealed; its place is `endpointPlace`. */
    adminPassword: text('admin_password'),
    isHome: integer('is_home', { mode: 'boolean' }).notNull().default(false),
    concurrentMigrationsMax: integer('concurrent_migrations_max').notNull(),
    concurrentIncrementalSyncsMax: integer('concurrent_incremental_syncs_max').notNull(),
    connectionsMax: integer('connections_max').notNull(),
    literalBytesMax: integer('literal_bytes_max').notNull().default(endpointLimitDefaults.literalBytesMax),
    bytesPerSecondMax: integer('bytes_per_second_max'),
    messagesPerSecondMax: integer('messages_per_second_max'),
    bytesReadPerDayMax: integer('bytes_read_per_day_max'),
    bytesWrittenPerDayMax: integer('bytes_written_per_day_max'),
    mailboxBytesReadPerDayMax: integer('mailbox_bytes_read_per_day_max'),
    mailboxBytesWrittenPerDayMax: integer('mailbox_bytes_written_per_day_max'),
    workingHours: value<WorkingHours>('working_hours'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    check('endpoints_security', isOneOf(table.security, securities)),
    uniqueIndex('endpoints_name').on(sql`lower(${table.name})`),
    uniqueIndex('endpoints_home').on(table.isHome).where(sql`${table.isHome} = 1`),
  ],
)

/** Bytes that moved on a day of UTC at endpoints that have a cap on them. */
export const endpointDays = sqliteTable(
  'endpoint_days',
  {
    endpointId: integer('endpoint_id')
      .notNull()
      .references(() => endpoints.id, { onDelete: 'cascade' }),
    /** User name in lower case; empty for all of them together. */
    mailbox: text('mailbox').notNull(),
    /** Days since 1970. */
    day: integer('day').notNull(),
    read: integer('read').notNull().default(0),
    written: integer('written').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.endpointId, table.mailbox, table.day] })],
)
