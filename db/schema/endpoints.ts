import { sql } from 'drizzle-orm'
import { check, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { endpointLimitDefaults, type Security } from '../../src/domain/endpoint.ts'
import { isOneOf } from './columns.ts'

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
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    check('endpoints_security', isOneOf(table.security, securities)),
    uniqueIndex('endpoints_name').on(sql`lower(${table.name})`),
    uniqueIndex('endpoints_home').on(table.isHome).where(sql`${table.isHome} = 1`),
  ],
)
