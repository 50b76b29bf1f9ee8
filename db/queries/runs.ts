import { type SQL, sql } from 'drizzle-orm'
import type { Database, Statement } from '../client.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'
import { jobs } from '../schema/jobs.ts'
import { users } from '../schema/users.ts'

/** A batch and its endpoints, which one run of the command line makes for itself and the next one makes anew. */
export interface RunNames {
  readonly batch: string
  readonly source: string
  readonly target: string
}

/** Ids for rows of a write that refer to one another. Good as long as nobody else makes any. */
export async function nextIds(db: Database): Promise<Readonly<Record<'batch' | 'endpoint', number>>> {
  const [rows] = await db.read([db.query.all<[string, number]>(sql`select name, seq from sqlite_sequence`)])
  const last = new Map(rows)
  return { batch: (last.get('batches') ?? 0) + 1, endpoint: (last.get('endpoints') ?? 0) + 1 }
}

/** Whatever stands under these names goes, with users and jobs; what was copied stays known. While no job runs. */
export function forgetRun(db: Database, { batch, source, target }: RunNames): readonly Statement[] {
  const batchIds = sql`select id from ${batches} where lower(name) = lower(${batch})`
  const remove = (from: SQL): Statement => db.query.run(sql`delete from ${from}`)
  return [
    remove(sql`${jobs} where user_id in (select id from ${users} where batch_id in (${batchIds}))`),
    remove(sql`${jobs} where batch_id in (${batchIds})`),
    remove(sql`${users} where batch_id in (${batchIds})`),
    remove(sql`${batches} where lower(name) = lower(${batch})`),
    remove(sql`${endpoints} where lower(name) in (lower(${source}), lower(${target}))`),
  ]
}
