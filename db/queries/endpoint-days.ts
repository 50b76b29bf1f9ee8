import { eq, lt, sql } from 'drizzle-orm'
import type { DayBytes } from '../../src/domain/endpoint-caps.ts'
import type { Database } from '../client.ts'
import { endpointDays, endpoints } from '../schema/endpoints.ts'

/** Days that are kept, so that one can see what moved lately. */
const daysKept = 30

/** What moved on that day. */
export async function bytesOfDay(db: Database, day: number): Promise<readonly DayBytes[]> {
  const { endpointId, mailbox } = endpointDays
  const ofDay = db.query.select().from(endpointDays).where(eq(endpointDays.day, day))
  const [rows] = await db.read([ofDay.orderBy(endpointId, mailbox)])
  return rows.map((row) => ({ ...row, mailbox: row.mailbox || null }))
}

/** Adds to what stands there. Endpoints that are gone have no days. */
export async function addBytes(db: Database, moved: readonly DayBytes[]): Promise<void> {
  const [first] = moved
  if (first === undefined) return
  const rows = JSON.stringify(moved.map((row) => ({ ...row, mailbox: row.mailbox ?? '' })))
  await db.write([
    db.query.run(sql`insert into ${endpointDays} (endpoint_id, mailbox, day, read, written)
      select value->>'endpointId', value->>'mailbox', value->>'day', value->>'read', value->>'written'
      from json_each(${rows}) where value->>'endpointId' in (select ${endpoints.id} from ${endpoints})
      on conflict do update set read = read + excluded.read, written = written + excluded.written`),
    db.query.delete(endpointDays).where(lt(endpointDays.day, first.day - daysKept)),
  ])
}
