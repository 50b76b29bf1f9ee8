import { type FaultCode, faultKinds } from '../domain/fault.ts'
import { openClient, segment } from './client.ts'
import { type ExitName, exitOfFault } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Options } from './options.ts'
import { type Column, isRow, type Row } from './output.ts'
import { readSecret, readText, secretPlaces } from './secrets.ts'
import { parseLogin, parseServerUrl } from './server-url.ts'
import type { Shell } from './shell.ts'
import type { Handler } from './verb.ts'

const listColumns: readonly Column[] = [
  ['Id', 'id'],
  ['Name', 'name'],
  ['Host', 'server.host'],
  ['Port', 'server.port'],
  ['Security', 'server.security'],
  ['Login', 'signIn.login'],
  ['Home', 'isHome'],
]

const columns: readonly Column[] = [
  ...listColumns,
  ['Authorization identity', 'signIn.usesAuthzid'],
  ['Administrator', 'adminName'],
  ['Administrator password', 'hasAdminPassword'],
  ['Accepts untrusted certificates', 'server.acceptsUntrustedCertificates'],
  ['Mailboxes at a time', 'limits.concurrentMigrationsMax'],
  ['In incremental passes', 'limits.concurrentIncrementalSyncsMax'],
  ['Connections', 'limits.connectionsMax'],
  ['Created', 'createdAt'],
]

const stepColumns: readonly Column[] = [
  ['Step', 'step'],
  ['Held', 'isOk'],
  ['ms', 'elapsedMs'],
  ['What', 'detail'],
  ['Remedy', 'remedy'],
]

const at = (nameOrId: string | undefined): string => `/endpoints/${segment(nameOrId)}`

export const createEndpoint: Handler = async ({ shell, output, args: [name = ''], options }) => {
  const endpoint = await newEndpoint(name, options, shell)
  const client = await openClient(shell, options)
  await output.row(await client.send('POST', '/endpoints', endpoint), columns)
  return 'done'
}

export const listEndpoints: Handler = async ({ shell, output, options }) => {
  const client = await openClient(shell, options)
  await output.list(await client.all('/endpoints'), listColumns)
  return 'done'
}

export const showEndpoint: Handler = async ({ shell, output, args: [name], options }) => {
  const client = await openClient(shell, options)
  await output.row(await client.get(at(name)), columns)
  return 'done'
}

/** How much it takes at a time; what is not named stays as it is. */
export const changeEndpoint: Handler = async ({ shell, output, args: [name], options }) => {
  const changes = givenLimits(options)
  if (Object.keys(changes).length === 0) throw new Failure('usage', 'Name at least one limit to change')
  const client = await openClient(shell, options)
  await output.row(await client.send('PATCH', at(name), changes), columns)
  return 'done'
}

export const removeEndpoint: Handler = async ({ shell, output, args: [name], options }) => {
  const client = await openClient(shell, options)
  await client.send('DELETE', at(name))
  output.say(`Removed the endpoint "${name}"`)
  return 'done'
}

/** The ladder of the test; its exit is that of the rung that broke, told as if the server were the source. */
export const testEndpoint: Handler = async ({ shell, output, args: [name], options }) => {
  const userName = options.text('user')
  const password = userName && (await readSecret(shell, secretPlaces.user, options.text('password-file')))
  const client = await openClient(shell, options)
  const report = await client.send('POST', `${at(name)}/test`, {
    ...(userName !== null && { userName }),
    ...(password !== null && { password }),
  })
  const steps = Array.isArray(report.steps) ? report.steps.filter(isRow) : []
  if (output.format === 'json') await output.row(report, stepColumns)
  else await output.list(steps, stepColumns)
  return report.isOk === true ? 'done' : exitOfStep(steps.find((step) => step.isOk === false))
}

async function newEndpoint(name: string, options: Options, shell: Shell): Promise<Row> {
  const ca = options.text('ca')
  const adminName = options.text('admin-name')
  return {
    name,
    ...parseServerUrl(options.need('server')),
    ...parseLogin(options.text('login') ?? 'user'),
    acceptsUntrustedCertificates: options.has('accept-untrusted-certificates'),
    isHome: options.has('home'),
    ca: ca === null ? null : await readText(shell, ca, 'the file of certificate authorities'),
    adminName,
    adminPassword: adminName && (await readSecret(shell, secretPlaces.admin, options.text('admin-password-file'))),
    ...givenLimits(options),
  }
}

function givenLimits(options: Options): Row {
  const counts: Row = {
    concurrentMigrationsMax: options.count('max-concurrent-migrations'),
    concurrentIncrementalSyncsMax: options.count('max-concurrent-incremental-syncs'),
    connectionsMax: options.count('max-connections'),
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null))
}

const exitOfStep = (step: Row | undefined): ExitName =>
  (isFaultCode(step?.code) && exitOfFault(step.code, 'source')) || 'partial'

const isFaultCode = (code: unknown): code is FaultCode => typeof code === 'string' && Object.hasOwn(faultKinds, code)
