import { sql } from 'drizzle-orm'
import { customType, type SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** A BLOB as Uint8Array, whatever the driver gives. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array | ArrayBuffer }>({
  dataType: () => 'blob',
  toDriver: (data) => data,
  fromDriver: (data) => new Uint8Array(data as ArrayBuffer),
})

// The only two fields of our values which are bigint; JSON has none, so they stand there as decimal text.
const bigintFields: readonly string[] = ['modseq', 'highestModseq']

/** A plain value of the domain, kept whole as JSON text: what is never searched by. */
export const value = <T>(name: string) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: toJson,
    fromDriver: (text) => JSON.parse(text, revive) as T,
  })(name)

/** JSON with bigints as decimal text: what a `value` column holds. */
export const toJson = (data: unknown): string =>
  JSON.stringify(data, (_, field) => (typeof field === 'bigint' ? String(field) : field))

const revive = (key: string, field: unknown): unknown =>
  bigintFields.includes(key) && typeof field === 'string' ? BigInt(field) : field

/** Condition of a CHECK: the column holds one of the words. Words are literals of ours, never foreign text. */
export const isOneOf = (column: SQLiteColumn, words: readonly string[]) =>
  sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`
