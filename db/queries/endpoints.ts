import { eq, or, type SQLWrapper, sql } from 'drizzle-orm'
import type { Endpoint, EndpointLimits } from '../../src/domain/endpoint.ts'
import type { EndpointCaps } from '../../src/domain/endpoint-caps.ts'
import type { Place } from '../../src/platform/vault.ts'
import type { Database, Statement } from '../client.ts'
import { type Places, prepared, updateOf } from '../prepared.ts'
import { batches } from '../schema/batches.ts'
import { endpoints } from '../schema/endpoints.ts'

type Row = typeof endpoints.$inferSelect

export type EndpointRow = typeof endpoints.$inferInsert

/** Where an administrator's password is sealed for: whoever gives the endpoint another name seals it anew. */
export const adminPasswordPlace = (endpointName: string): Place => ({
  table: 'endpoints',
  row: endpointName.toLowerCase(),
  field: 'admin_password',
})

export async function listEndpoints(db: Database): Promise<readonly Endpoint[]> {
  const [rows] = await db.read([db.query.select().from(endpoints).orderBy(endpoints.name)])
  return rows.map(toEndpoint)
}

/** A text of digits alone is an id: no endpoint is named so. */
export async function findEndpoint(db: Database, nameOrId: string | number): Promise<Endpoint | null> {
  const id = idOf(nameOrId)
  const select = id === null ? selectByName(db, { name: String(nameOrId) }) : selectById(db, { id })
  const [[row]] = await db.read([select])
  return row ? toEndpoint(row) : null
}

const selectById = prepared((query, { id }: Places<{ id: number }>) =>
  query.select().from(endpoints).where(eq(endpoints.id, id)),
)

const selectByName = prepared((query, { name }: Places<{ name: string }>) =>
  query.select().from(endpoints).where(isNamed(endpoints, name)),
)

export async function findHomeEndpoint(db: Database): Promise<Endpoint | null> {
  const [[row]] = await db.read([db.query.select().from(endpoints).where(eq(endpoints.isHome, true))])
  return row ? toEndpoint(row) : null
}

/** Sealed; null where there is none. */
export async function sealedAdminPassword(db: Database, id: number): Promise<string | null> {
  const sealed = { sealed: endpoints.adminPassword }
  const [[row]] = await db.read([db.query.select(sealed).from(endpoints).where(eq(endpoints.id, id))])
  return row?.sealed ?? null
}

/** By endpoint, for every claim of jobs. */
export async function endpointLimits(db: Database): Promise<ReadonlyMap<number, Load>> {
  const [rows] = await db.read([selectAll(db, {})])
  return new Map(rows.map((row) => [row.id, { ...limitsOf(row), caps: capsOf(row) }]))
}

/** All that decides how much moves at an endpoint. */
interface Load extends EndpointLimits {
  readonly caps: EndpointCaps
}

const selectAll = prepared((query) => query.select().from(endpoints))

/** Names of batches that use the endpoint, at most ten. */
export async function batchesOfEndpoint(db: Database, id: number): Promise<readonly string[]> {
  const uses = or(eq(batches.sourceEndpointId, id), eq(batches.targetEndpointId, id))
  const [rows] = await db.read([db.query.select({ name: batches.name }).from(batches).where(uses).limit(10)])
  return rows.map(({ name }) => name)
}

export const insertEndpoint = (db: Database, row: EndpointRow): Statement => db.query.insert(endpoints).values(row)

export const setEndpointLimits = (
  db: Database,
  id: number,
  limits: Partial<EndpointLimits & EndpointCaps>,
): Statement => db.query.update(endpoints).set(limits).where(eq(endpoints.id, id))

export const updateEndpoint = updateOf(endpoints)

export const deleteEndpoint = (db: Database, id: number): Statement =>
  db.query.delete(endpoints).where(eq(endpoints.id, id))

/** The id that a text of digits alone is; null for a name. */
export const idOf = (nameOrId: string | number): number | null =>
  typeof nameOrId === 'number' || /^\d+$/.test(nameOrId) ? Number(nameOrId) : null

/** In any case. */
export const isNamed = (table: typeof endpoints | typeof batches, name: SQLWrapper) =>
  sql`lower(${table.name}) = lower(${name})`

export const toEndpoint = (row: Row): Endpoint => ({
  id: row.id,
  name: row.name,
  protocol: row.protocol,
  server: {
    host: row.host,
    port: row.port,
    security: row.security,
    acceptsUntrustedCertificates: row.acceptsUntrustedCertificates,
    ca: row.ca,
  },
  signIn: { login: row.login, usesAuthzid: row.usesAuthzid },
  adminName: row.adminName,
  hasAdminPassword: row.adminPassword !== null,
  isHome: row.isHome,
  limits: limitsOf(row),
  caps: capsOf(row),
  createdAt: row.createdAt,
})

const limitsOf = (row: Row): EndpointLimits => ({
  concurrentMigrationsMax: row.concurrentMigrationsMax,
  concurrentIncrementalSyncsMax: row.concurrentIncrementalSyncsMax,
  connectionsMax: row.connectionsMax,
  literalBytesMax: row.literalBytesMax,
})

const capsOf = (row: Row): EndpointCaps => ({
  bytesPerSecondMax: row.bytesPerSecondMax,
  messagesPerSecondMax: row.messagesPerSecondMax,
  bytesReadPerDayMax: row.bytesReadPerDayMax,
  bytesWrittenPerDayMax: row.bytesWrittenPerDayMax,
  mailboxBytesReadPerDayMax: row.mailboxBytesReadPerDayMax,
  mailboxBytesWrittenPerDayMax: row.mailboxBytesWrittenPerDayMax,
  workingHours: row.workingHours,
})
