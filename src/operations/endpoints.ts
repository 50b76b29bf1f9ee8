import { ConstraintFailed } from '../../db/faults.ts'
import {
  adminPasswordPlace,
  batchesOfEndpoint,
  deleteEndpoint,
  type EndpointRow,
  insertEndpoint,
  sealedAdminPassword,
  listEndpoints as selectEndpoints,
  toEndpoint,
} from '../../db/queries/endpoints.ts'
import { accessTo } from '../domain/access.ts'
import {
  type Access,
  defaultPort,
  type Endpoint,
  endpointLimitDefaults,
  type ProbeReport,
  type Security,
  type ServerAddress,
} from '../domain/endpoint.ts'
import { defaultLoad, type Load } from '../domain/endpoint-presets.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Context } from './context.ts'
import { endpointProblems, takenName } from './endpoint-checks.ts'
import { loadOf } from './endpoint-limits.ts'
import { getEndpoint } from './find.ts'

export { changeEndpoint, type EndpointEdit } from './edit-endpoint.ts'
export { changeEndpointLimits } from './endpoint-limits.ts'
export { type EndpointStanding, endpointStandings } from './endpoint-standing.ts'

/** What is given to make an endpoint; the rest has defaults, those of the provider where it is known by its host. */
export interface NewEndpoint extends Partial<Load> {
  readonly name: string
  readonly host: string
  /** Default: 993 for ssl, 143 otherwise. */
  readonly port?: number
  readonly security: Security
  readonly acceptsUntrustedCertificates?: boolean
  /** PEM text. */
  readonly ca?: string | null
  /** Login pattern, default `{user}`. */
  readonly login?: string
  readonly usesAuthzid?: boolean
  readonly adminName?: string | null
  readonly adminPassword?: string | null
  readonly isHome?: boolean
}

/** Whose mailbox a test signs in to; a password is not needed where the endpoint has an administrator. */
export interface TestMailbox {
  readonly userName?: string
  readonly password?: string
}

export async function createEndpoint(context: Context, input: NewEndpoint): Promise<Endpoint> {
  const { db } = context
  const row = await endpointRow(context, input)
  try {
    await db.write([insertEndpoint(db, row)])
  } catch (error) {
    throw error instanceof ConstraintFailed ? takenName('create', row.name, error) : error
  }
  return await getEndpoint(context, row.name)
}

/** What is to be written for a new endpoint, checked and with its password sealed. */
export async function endpointRow({ vault, clock }: Context, input: NewEndpoint): Promise<NewEndpointRow> {
  const row = toRow(input, clock.now())
  const problems = endpointProblems(row, input.adminPassword)
  if (problems.length > 0) throw new Refusal('invalid', `Cannot create the endpoint: ${problems[0]?.message}`, problems)
  const adminPassword = input.adminPassword ? await vault.seal(input.adminPassword, adminPasswordPlace(row.name)) : null
  return { ...row, adminPassword }
}

export const listEndpoints = ({ db }: Context): Promise<readonly Endpoint[]> => selectEndpoints(db)

export const showEndpoint = (context: Context, nameOrId: string | number): Promise<Endpoint> =>
  getEndpoint(context, nameOrId)

/** Refused while a batch uses it. */
export async function removeEndpoint(context: Context, nameOrId: string | number): Promise<void> {
  const { db } = context
  const endpoint = await getEndpoint(context, nameOrId)
  try {
    await refuseWhileUsed(context, endpoint)
    await db.write([deleteEndpoint(db, endpoint.id)])
  } catch (error) {
    // A batch was made in between: the foreign key saw it.
    if (error instanceof ConstraintFailed) await refuseWhileUsed(context, endpoint)
    throw error
  }
}

/** Climbs the test ladder. Without a user name it ends where a sign-in would begin. */
export async function testEndpoint(
  context: Context,
  nameOrId: string | number,
  mailbox: TestMailbox,
  signal: AbortSignal = new AbortController().signal,
): Promise<ProbeReport> {
  const endpoint = await getEndpoint(context, nameOrId)
  return await context.probe(await testAccess(context, endpoint, mailbox), signal)
}

/** The same for settings that are not kept. */
export async function testSettings(
  context: Context,
  input: Omit<NewEndpoint, 'name'>,
  mailbox: TestMailbox,
  signal: AbortSignal = new AbortController().signal,
): Promise<ProbeReport> {
  const row = toRow({ ...input, name: input.host }, 0)
  const problems = endpointProblems({ ...row, name: 'unnamed' }, input.adminPassword)
  if (problems.length > 0) throw new Refusal('invalid', `Cannot test the settings: ${problems[0]?.message}`, problems)
  const endpoint = toEndpoint({ ...row, id: 0, adminPassword: null })
  return await context.probe(accessForTest(endpoint, mailbox, input.adminPassword || null), signal)
}

const nobody = { login: '', password: '', authzid: null, userRoot: null }

async function testAccess(context: Context, endpoint: Endpoint, mailbox: TestMailbox): Promise<Access> {
  const sealed = await sealedAdminPassword(context.db, endpoint.id)
  const adminPassword = sealed && (await context.vault.open(sealed, adminPasswordPlace(endpoint.name)))
  return accessForTest(endpoint, mailbox, adminPassword)
}

function accessForTest(endpoint: Endpoint, { userName, password }: TestMailbox, adminPassword: string | null): Access {
  const own = { userName: userName ?? '', password: password || null, userRoot: null }
  const access = userName ? accessTo(endpoint, own, adminPassword) : null
  if (userName && access === null) {
    throw new Refusal('invalid', `Cannot test the endpoint "${endpoint.name}": a password is missing`, [
      { line: null, column: 'password', message: 'A password is missing, and the endpoint has no administrator' },
    ])
  }
  const { server, limits } = endpoint
  return access ?? { server, literalBytesMax: limits.literalBytesMax, ...nobody }
}

/** Where it is and how it is talked to, the defaults filled in. */
export const serverOf = (input: NewEndpoint): ServerAddress => ({
  host: input.host,
  port: input.port ?? defaultPort[input.security],
  security: input.security,
  acceptsUntrustedCertificates: input.acceptsUntrustedCertificates ?? false,
  ca: input.ca || null,
})

/** Without what the store adds. */
export type NewEndpointRow = GivenRow & { readonly adminPassword: string | null }

type GivenRow = Required<Omit<EndpointRow, 'id' | 'adminPassword'>>

function toRow(input: NewEndpoint, createdAt: number): GivenRow {
  const load = defaultLoad(input.host)
  const given = loadOf(input)
  const concurrentMigrationsMax = given.concurrentMigrationsMax ?? load.concurrentMigrationsMax
  const incrementalSyncsMax = Math.min(load.concurrentIncrementalSyncsMax, concurrentMigrationsMax)
  return {
    name: input.name,
    protocol: 'imap',
    ...serverOf(input),
    login: input.login || '{user}',
    usesAuthzid: input.usesAuthzid ?? false,
    adminName: input.adminName || null,
    isHome: input.isHome ?? false,
    ...{ ...load, concurrentIncrementalSyncsMax: incrementalSyncsMax, ...given },
    literalBytesMax: endpointLimitDefaults.literalBytesMax,
    createdAt,
  }
}

async function refuseWhileUsed({ db }: Context, { id, name }: Endpoint): Promise<void> {
  const names = (await batchesOfEndpoint(db, id)).map((batch) => `"${batch}"`).join(', ')
  if (names !== '')
    throw new Refusal('conflict', `Cannot remove the endpoint "${name}" while these batches use it: ${names}`)
}
