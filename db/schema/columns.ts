import { sql } from 'drizzle-orm'
import { customType, type SQLiteColumn } from 'drizzle-orm/sqlite-core'

/** A BLOB. */
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'blob' })

// The only two fields of our values which are bigint; JSON has none, so they stand there as decimal text.
const bigintFields: readonly string[] = ['modseq', 'highestModseq']

/** A plain value of the domain, kept whole as JSON text: what is never searched by. */
export const value = <T>(name: string) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: toJson,
    fromDriver: (text) => fromJson(text) as T,
  })(name)

/** JSON with bigints as decimal text: what a `value` column holds. */
export const toJson = (data: unknown): string => JSON.stringify(data, hasBigint(data) ? toText : undefined)

// A function that is called for every field takes longer than all the rest, and the two fields stand at the top.
const hasBigint = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && Object.values(data).some((field) => typeof field === 'bigint')

const fromJson = (text: string): unknown =>
  bigintFields.some((field) => text.includes(`"${field}"`)) ? JSON.parse(text, revive) : JSON.parse(text)

const toText = (_: string, field: unknown): unknown => (typeof field === 'bigint' ? String(field) : field)

const revive = (key: string, field: unknown): unknown =>
  bigintFields.includes(key) && typeof field === 'string' ? BigInt(field) : field

/** Condition of a CHECK: the column holds one of the words. Words are literals of ours, never foreign text. */
export const isOneOf = (column: SQLiteColumn, words: readonly string[]) =>
  sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`
