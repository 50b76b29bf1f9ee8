import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../../db/client.ts'

export interface TempDatabase extends AsyncDisposable {
  readonly db: Database
  readonly path: string
}

/** A database in a folder of its own, both gone at the end of the test's block. */
export async function tempDatabase(): Promise<TempDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'postferry-db-'))
  const path = join(folder, 'postferry.db')
  const db = await openDatabase(path)
  return {
    db,
    path,
    async [Symbol.asyncDispose]() {
      await db.close()
      rmSync(folder, { recursive: true })
    },
  }
}
