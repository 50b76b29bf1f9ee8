import type { Endpoint, Security } from '../../domain/endpoint.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Context } from '../../operations/context.ts'
import {
  changeEndpoint,
  createEndpoint,
  endpointStandings,
  listEndpoints,
  type NewEndpoint,
  removeEndpoint,
  showEndpoint,
  testEndpoint,
  testSettings,
} from '../../operations/endpoints.ts'
import type { CmdletObject, Given } from '../cmdlet.ts'
import { countOf, credentialOf, isOn, textOf } from '../given.ts'
import { idOrName } from '../guid.ts'
import { migrationEndpoint } from '../objects/endpoint.ts'
import { availability } from '../objects/summaries.ts'
import type { Run } from '../run.ts'

const newEndpoint: Run = async (context, given) => {
  refuseForeign(given)
  const endpoint = await createEndpoint(context, { ...settingsOf(given), name: textOf(given, 'Name') ?? '' })
  if (isOn(given, 'SkipVerification')) return [await shown(context, endpoint.id)]
  const report = await testEndpoint(context, endpoint.id, {})
  const broken = report.steps.find(({ isOk }) => !isOk)
  if (!broken) return [await shown(context, endpoint.id)]
  await removeEndpoint(context, endpoint.id)
  throw new Refusal(
    'invalid',
    `Cannot create the endpoint "${endpoint.name}": ${broken.step}: ${broken.detail}. ${broken.remedy ?? ''} Or add -SkipVerification`,
  )
}

const setEndpoint: Run = async (context, given) => {
  const { id } = await showEndpoint(context, idOrName('endpoint', textOf(given, 'Identity') ?? ''))
  const host = textOf(given, 'RemoteServer')
  const security = textOf(given, 'Security')
  await changeEndpoint(context, id, {
    ...loadOf(given),
    ...(host !== undefined && { host }),
    ...(security !== undefined && { security: security.toLowerCase() as Security }),
    ...(given.AcceptUntrustedCertificates !== undefined && {
      acceptsUntrustedCertificates: isOn(given, 'AcceptUntrustedCertificates'),
    }),
  })
  return []
}

const test: Run = async (context, given) => {
  refuseForeign(given)
  const mailbox = { userName: textOf(given, 'TestMailbox') }
  const endpoint = textOf(given, 'Endpoint')
  const report =
    endpoint === undefined
      ? await testSettings(context, settingsOf(given), mailbox)
      : await testEndpoint(context, idOrName('endpoint', endpoint), mailbox)
  return [availability(report, endpoint ?? textOf(given, 'RemoteServer') ?? '')]
}

const getEndpoints: Run = async (context, given) => {
  const identity = textOf(given, 'Identity')
  if (identity !== undefined) return [await shown(context, idOrName('endpoint', identity))]
  const type = textOf(given, 'Type') ?? 'IMAP'
  if (type !== 'IMAP') return []
  return await allShown(context, await listEndpoints(context))
}

const remove: Run = async (context, given) => {
  await removeEndpoint(context, idOrName('endpoint', textOf(given, 'Identity') ?? ''))
  return []
}

export const endpointRuns: Readonly<Record<string, Run>> = {
  'New-MigrationEndpoint': newEndpoint,
  'Set-MigrationEndpoint': setEndpoint,
  'Get-MigrationEndpoint': getEndpoints,
  'Remove-MigrationEndpoint': remove,
  'Test-MigrationServerAvailability': test,
}

async function shown(context: Context, nameOrId: string | number): Promise<CmdletObject> {
  const [object = {}] = await allShown(context, [await showEndpoint(context, nameOrId)])
  return object
}

async function allShown(context: Context, endpoints: readonly Endpoint[]): Promise<readonly CmdletObject[]> {
  const standings = await endpointStandings(context, endpoints)
  return endpoints.map((endpoint, at) => migrationEndpoint(endpoint, standings[at] ?? idle))
}

const idle = { migrations: 0, incrementalSyncs: 0 }

/** Types whose connector is not there yet, and sign-ins that IMAP does not have. */
function refuseForeign(given: Given): void {
  const type = ['ExchangeRemoteMove', 'ExchangeOutlookAnywhere', 'Gmail'].find((name) => isOn(given, name))
  if (type !== undefined)
    throw new Refusal('invalid', `Cannot create an endpoint of the type ${type}: its connector is not there yet`)
  if (textOf(given, 'Authentication') === 'NTLM')
    throw new Refusal('invalid', 'Cannot sign in by NTLM over IMAP: use Basic')
}

function settingsOf(given: Given): Omit<NewEndpoint, 'name'> {
  return {
    ...loadOf(given),
    host: textOf(given, 'RemoteServer') ?? '',
    security: (textOf(given, 'Security') ?? 'Ssl').toLowerCase() as Security,
    acceptsUntrustedCertificates: isOn(given, 'AcceptUntrustedCertificates'),
  }
}

/** What New and Set take alike; what was not given is not there. */
function loadOf(given: Given) {
  const port = countOf(given, 'Port')
  const administrator = credentialOf(given, 'Credentials')
  const concurrentMigrationsMax = countOf(given, 'MaxConcurrentMigrations')
  const concurrentIncrementalSyncsMax = countOf(given, 'MaxConcurrentIncrementalSyncs')
  return {
    ...(port !== undefined && { port }),
    ...(administrator && { adminName: administrator.userName, adminPassword: administrator.password }),
    ...(concurrentMigrationsMax !== undefined && { concurrentMigrationsMax }),
    ...(concurrentIncrementalSyncsMax !== undefined && { concurrentIncrementalSyncsMax }),
  }
}
