import type { ConstraintFailed } from '../../db/faults.ts'
import { defaultPort, type EndpointLimits, type Security } from '../domain/endpoint.ts'
import { capProblems, type EndpointCaps } from '../domain/endpoint-caps.ts'
import { checkCount, checkHost, checkLine, checkName, checkPort, findProblems } from '../domain/field.ts'
import { type Problem, Refusal } from '../domain/refusal.ts'

/** How much at a time: what an operator decides of an endpoint's limits. */
export type LoadLimits = Omit<EndpointLimits, 'literalBytesMax'>

/** What is wrong with them, each at its field. */
export const loadProblems = (load: LoadLimits & EndpointCaps) => ({
  concurrentMigrationsMax: checkCount(1, 300)(load.concurrentMigrationsMax),
  concurrentIncrementalSyncsMax: checkCount(1, 300)(load.concurrentIncrementalSyncsMax) ?? checkIncrementalSyncs(load),
  connectionsMax: checkCount(2, 1000)(load.connectionsMax),
  ...capProblems(load),
})

const checkIncrementalSyncs = (limits: LoadLimits): string | null =>
  limits.concurrentIncrementalSyncsMax > limits.concurrentMigrationsMax
    ? 'There cannot be more concurrent incremental syncs than concurrent migrations'
    : null

/** The settings of an endpoint as they are stored. */
export interface CheckedSettings extends LoadLimits, EndpointCaps {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly security: Security
  readonly ca: string | null
  readonly login: string
  readonly usesAuthzid: boolean
  readonly adminName: string | null
}

/** All that is wrong with an endpoint, each at its field. */
export const endpointProblems = (row: CheckedSettings, adminPassword?: string | null): readonly Problem[] =>
  findProblems({
    name: checkName(row.name),
    host: checkHost(row.host),
    port: checkPort(row.port),
    security: row.security in defaultPort ? null : 'The security is none, ssl or tls',
    ca: row.ca === null || row.ca.includes('-----BEGIN CERTIFICATE-----') ? null : 'The CA is not PEM text',
    login: checkLine(row.login) ?? checkPattern(row),
    adminName: checkLine(row.adminName) ?? checkAdmin(row),
    adminPassword: checkLine(adminPassword),
    ...loadProblems(row),
  })

const checkPattern = ({ login, usesAuthzid }: CheckedSettings): string | null =>
  login.includes('{user}') || usesAuthzid ? null : 'The login pattern has no {user} in it'

const checkAdmin = ({ login, usesAuthzid, adminName }: CheckedSettings): string | null =>
  adminName === null && (usesAuthzid || login.includes('{admin}')) ? 'The login method needs an administrator' : null

/** Another endpoint has the name, or is home. */
export const takenName = (verb: 'create' | 'change', name: string, error: ConstraintFailed): Refusal =>
  new Refusal(
    'conflict',
    error.columns.includes('home')
      ? `Cannot make the endpoint "${name}" the home endpoint: there is one already`
      : `Cannot ${verb} the endpoint "${name}": there is one of that name`,
  )
