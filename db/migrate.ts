import type { Client } from '@libsql/client'
import { NewerSchema } from './faults.ts'
import init from './migrations/0000_init.sql' with { type: 'text' }

/** Oldest first. A released one is never changed; its place in the list, from 1, is the schema's version. */
const migrations: readonly string[] = [init]

/** Brings the file to the schema of this executable, in one transaction. Refuses a file of a newer one. */
export async function migrate(client: Client): Promise<void> {
  const version = Number((await client.execute('PRAGMA user_version')).rows[0]?.[0])
  if (version > migrations.length) throw tooNew(version)
  const steps = migrations.slice(version).flatMap(statementsOf)
  if (steps.length > 0) await client.migrate([...steps, `PRAGMA user_version = ${migrations.length}`])
}

const tooNew = (version: number) =>
  new NewerSchema(
    `Cannot open the database: its schema ${version} is of a newer release, this one knows schema ${migrations.length}`,
  )

/** Statements of a file that drizzle-kit wrote. */
const statementsOf = (text: string): string[] => text.split('--> statement-breakpoint')
