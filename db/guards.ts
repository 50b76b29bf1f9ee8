import { type SQL, sql } from 'drizzle-orm'
import type { Fence } from '../src/domain/sync-state.ts'
import type { Database, Statement } from './client.ts'
import { type Places, prepared } from './prepared.ts'
import { guards } from './schema/guards.ts'
import { jobs } from './schema/jobs.ts'

/** First statement of a write that only the holder of a job may make: raises `lease.lost` when the token is stale. */
export const fence = prepared((query, { jobId, token }: Places<Fence>) =>
  query.run(sql`insert into ${guards} (lease_is_held) select 0 where not exists (
    select 1 from ${jobs} where ${jobs.id} = ${jobId} and ${jobs.token} = ${token} and ${jobs.status} = 'running')`),
)

/** Raises GuardFailed, and undoes the whole write, unless the condition holds at this place of the write. */
export const guard = (db: Database, condition: SQL): Statement =>
  db.query.run(sql`insert into ${guards} (condition_holds) select 0 where not coalesce((${condition}), 0)`)
