import type { Database as File } from 'libsql'
import { NewerSchema } from './faults.ts'
import init from './migrations/0000_init.sql' with { type: 'text' }

/** Oldest first. A released one is never changed; its place in the list, from 1, is the schema's version. */
const migrations: readonly string[] = [init]

/** Brings the file to the schema of this executable, in one transaction. Refuses a file of a newer one. */
export function migrate(file: File): void {
  const [version = 0] = file.prepare('PRAGMA user_version').raw(true).get() as readonly number[]
  if (version > migrations.length) throw tooNew(version)
  if (version === migrations.length) return
  // What is made anew while it is referred to must not take along what refers to it.
  file.exec('PRAGMA foreign_keys = OFF')
  const steps = [...migrations.slice(version), `PRAGMA user_version = ${migrations.length}`]
  file.exec(`BEGIN IMMEDIATE; ${steps.join(';')}; COMMIT`)
  file.exec('PRAGMA foreign_keys = ON')
}

const tooNew = (version: number) =>
  new NewerSchema(
    `Cannot open the database: its schema ${version} is of a newer release, this one knows schema ${migrations.length}`,
  )
