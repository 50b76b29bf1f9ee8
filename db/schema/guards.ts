import { sql } from 'drizzle-orm'
import { check, integer, sqliteTable } from 'drizzle-orm/sqlite-core'

/**
 * Always empty. A write that depends on a condition first inserts a row here unless the condition holds, and the
 * CHECK then undoes the whole write: an update that meets no row would not stop the statements after it.
 */
export const guards = sqliteTable(
  'guards',
  {
    leaseIsHeld: integer('lease_is_held'),
    conditionHolds: integer('condition_holds'),
  },
  (table) => [
    check('lease_is_held', sql`${table.leaseIsHeld} is null`),
    check('condition_holds', sql`${table.conditionHolds} is null`),
  ],
)
