import { and, eq, gt, or, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { BatchStatus } from '../../src/domain/status.ts'
import type { Database, Statement } from '../client.ts'
import { guard } from '../guards.ts'
import { chunkRowsMax } from '../rows.ts'
import { batches } from '../schema/batches.ts'
import { endpointDays, endpoints } from '../schema/endpoints.ts'
import { jobs } from '../schema/jobs.ts'
import { folders, pairs } from '../schema/ledger.ts'
import { users } from '../schema/users.ts'

/** A batch on an endpoint. */
export interface EndpointUse {
  readonly batchId: number
  readonly batchName: string
  readonly status: BatchStatus
  /** False while its users are still being written. */
  readonly isPublished: boolean
  readonly isTarget: boolean
}

/** In these some of its users run, or wait for a connection. */
export const underWay: readonly BatchStatus[] = ['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing']

export async function endpointUses(db: Database, id: number): Promise<readonly EndpointUse[]> {
  const { name, status, isPublished, targetEndpointId } = batches
  const isTarget = sql<boolean>`${targetEndpointId} = ${id}`.mapWith(Boolean)
  const columns = { batchId: batches.id, batchName: name, status, isPublished, isTarget }
  const [rows] = await db.read([db.query.select(columns).from(batches).where(usesEndpoint(id)).orderBy(batches.id)])
  return rows
}

const usesEndpoint = (id: number): SQL | undefined =>
  or(eq(batches.sourceEndpointId, id), eq(batches.targetEndpointId, id))

/** Raises GuardFailed when the endpoint is not as it was read, or a batch on it has begun to run or is new. */
export function endpointIsAtRest(
  db: Database,
  id: number,
  read: { readonly name: string; readonly adminPassword: string | null; readonly uses: readonly EndpointUse[] },
): Statement {
  const known = JSON.stringify(read.uses.map(({ batchId }) => batchId))
  return guard(
    db,
    sql`exists (select 1 from ${endpoints} where id = ${id} and name = ${read.name} and admin_password is ${read.adminPassword})
      and not exists (select 1 from ${batches} where (source_endpoint_id = ${id} or target_endpoint_id = ${id})
        and (id not in (select value from json_each(${known}))
          or status in (select value from json_each(${JSON.stringify(underWay)}))))`,
  )
}

/** Users that were sent back to the queue by a cap of the endpoint may be looked at at once: the cap is another now. */
export function goOnUnderCaps(db: Database, id: number, now: number): readonly Statement[] {
  const waiting = sql`select ${users.id} from ${users} join ${jobs} on ${jobs.userId} = ${users.id}
    where ${jobs.status} = 'queued' and ${jobs.runAt} > ${now} and ${id} in (source_endpoint_id, target_endpoint_id)
      and ${users.error} ->> 'code' in ('endpoint.window', 'endpoint.budget', 'endpoint.pace')`
  return [
    db.query.run(sql`update ${users} set retry_at = ${now} where id in (${waiting})`),
    db.query.run(
      sql`update ${jobs} set run_at = ${now} where status = 'queued' and run_at > ${now} and user_id in (${waiting})`,
    ),
  ]
}

/**
 * What is known of the mailboxes of a server may be behind what stands there: whoever was taken for another server
 * meanwhile may have been the same. The next pass looks for copies among all mail, as after a crash.
 */
export async function lookAgainAt(db: Database, server: string): Promise<void> {
  // What begins with `host:port/`: the next character is 0.
  const isThere = (column: SQLiteColumn): SQL => sql`${column} >= ${`${server}/`} and ${column} < ${`${server}0`}`
  for (let afterId = 0; ; ) {
    const there = and(gt(pairs.id, afterId), or(isThere(pairs.source), isThere(pairs.target)))
    const next = db.query.select({ id: pairs.id }).from(pairs).where(there).orderBy(pairs.id).limit(chunkRowsMax)
    const [rows] = await db.read([next])
    const last = rows.at(-1)
    if (last === undefined) return
    const ids = JSON.stringify(rows.map(({ id }) => id))
    await db.write([
      db.query.run(sql`update ${folders}
        set dirty_since = json_object('uidValidity', target ->> 'uidValidity', 'uidNext', 1)
        where pair_id in (select value from json_each(${ids}))`),
    ])
    afterId = last.id
  }
}

/** What an endpoint is doing. */
export interface EndpointActivity {
  /** Users in an initial or final pass, and those in an incremental one. */
  readonly migrations: number
  readonly incrementalSyncs: number
  /** Today by UTC; counted where a cap of the endpoint is set. */
  readonly bytesReadToday: number
  readonly bytesWrittenToday: number
}

/** By endpoint; those that are not in it do nothing. */
export async function endpointActivities(db: Database, day: number): Promise<ReadonlyMap<number, EndpointActivity>> {
  const [running, moved] = await db.read([
    db.query.all<[number, number, number]>(sql`select endpoint_id, sum(is_initial), sum(1 - is_initial) from (
      select ${jobs.sourceEndpointId} as endpoint_id, lane like 'initial/%' as is_initial from ${jobs} where ${isRunning}
      union all
      select ${jobs.targetEndpointId}, lane like 'initial/%' from ${jobs} where ${isRunning}
        and target_endpoint_id is not source_endpoint_id
    ) where endpoint_id is not null group by endpoint_id`),
    db.query.select().from(endpointDays).where(sql`${endpointDays.day} = ${day} and ${endpointDays.mailbox} = ''`),
  ])
  const jobsOf = new Map(running.map(([id, migrations, incrementalSyncs]) => [id, { migrations, incrementalSyncs }]))
  const bytesOf = new Map(moved.map(({ endpointId, ...bytes }) => [endpointId, bytes]))
  const ids = new Set([...jobsOf.keys(), ...bytesOf.keys()])
  return new Map(
    [...ids].map((id) => {
      const { migrations = 0, incrementalSyncs = 0 } = jobsOf.get(id) ?? {}
      const { read = 0, written = 0 } = bytesOf.get(id) ?? {}
      return [id, { migrations, incrementalSyncs, bytesReadToday: read, bytesWrittenToday: written }]
    }),
  )
}

const isRunning = sql`${jobs.status} = 'running' and ${jobs.kind} <> 'remove-batch'`
