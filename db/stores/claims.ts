import { getTableColumns, sql } from 'drizzle-orm'
import type { ClaimFilter, Job } from '../../src/domain/job.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { jobs } from '../schema/jobs.ts'
import { type JobRow, toJob } from './job-statements.ts'

/**
 * Claims what there is, in as many rounds as it takes: of several due jobs with one lock a round takes the first, and
 * the unique index on running locks leaves the others in the queue.
 */
export async function claim(db: Database, filter: ClaimFilter): Promise<readonly Job[]> {
  const claimed: Job[] = []
  while (claimed.length < filter.limit) {
    const limit = filter.limit - claimed.length
    const values = { now: filter.now, leaseUntil: filter.now + filter.leaseMs, full: fullLanes(filter), limit }
    const [round] = await db.write([claimRound(db, values)])
    if (round.length === 0) break
    claimed.push(...round.map(toRow).map(toJob))
  }
  return claimed.sort((a, b) => b.priority - a.priority || a.id - b.id)
}

/** Patterns of the lanes without room (db/schema/jobs.ts), as JSON. */
const fullLanes = ({ fullForInitial, fullForIncremental }: ClaimFilter): string =>
  JSON.stringify([...patterns('initial', fullForInitial), ...patterns('incremental', fullForIncremental)])

const patterns = (slot: string, endpointIds: readonly number[]): readonly string[] =>
  endpointIds.flatMap((id) => [`${slot}/${id}/*`, `${slot}/*/${id}`])

const columns = Object.entries(getTableColumns(jobs))

type Round = { readonly now: number; readonly leaseUntil: number; readonly full: string; readonly limit: number }

const claimRound = prepared((query, { now, leaseUntil, full, limit }: Places<Round>) =>
  query.all<readonly unknown[]>(sql`update or ignore ${jobs}
    set status = 'running', token = token + 1, lease_until = ${leaseUntil}
    where id in (
      with recursive ${queuedLanes}
      select jobs.id from (
        select lane from lanes where lane is not null
        and not exists (select 1 from json_each(${full}) as full where lanes.lane glob full.value)) as open,
      json_each((${firstDue({ now, limit })})) as due
      join ${jobs} on jobs.id = due.value order by jobs.priority desc, jobs.id limit ${limit})
    returning ${sql.raw(columns.map(([, { name }]) => name).join(', '))}`),
)

const nextLane = sql`select min(lane) from ${jobs} indexed by jobs_queue where status = 'queued'`

/** Jumps from lane to lane, so that it costs the same for ten jobs and for 50,000. */
const queuedLanes = sql`lanes(lane) as (
  ${nextLane} union all select (${nextLane} and lane > lanes.lane) from lanes where lane is not null)`

/** The first due jobs of a lane, whose lock nobody holds. */
const firstDue = ({ now, limit }: Pick<Places<Round>, 'now' | 'limit'>) => sql`
  select json_group_array(first.id) from (
    select mine.id from ${jobs} as mine indexed by jobs_queue
    where mine.status = 'queued' and mine.lane = open.lane and mine.run_at <= ${now}
    and (mine.lock is null or mine.lock not in (
      select lock from ${jobs} where status = 'running' and lock is not null))
    order by mine.priority desc, mine.id limit ${limit}) as first`

const toRow = (values: readonly unknown[]): JobRow =>
  Object.fromEntries(
    columns.map(([key, column], index) => [
      key,
      values[index] === null ? null : column.mapFromDriverValue(values[index]),
    ]),
  ) as JobRow
