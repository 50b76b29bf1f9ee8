import { type FaultCode, faultKinds } from '../domain/fault.ts'
import { givenCaps } from './caps.ts'
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
  ['Migrations now', 'activity.migrations'],
  ['Incremental syncs now', 'activity.incrementalSyncs'],
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
  ['Bytes a second', 'caps.bytesPerSecondMax'],
  ['Messages a second', 'caps.messagesPerSecondMax'],
  ['Bytes read a day', 'caps.bytesReadPerDayMax'],
  ['Bytes written a day', 'caps.bytesWrittenPerDayMax'],
  ['Bytes read a day and mailbox', 'caps.mailboxBytesReadPerDayMax'],
  ['Bytes written a day and mailbox', 'caps.mailboxBytesWrittenPerDayMax'],
  ['Working hours', 'caps.workingHours'],
  ['No pass begins until', 'activity.closedUntil'],
  ['Limits of', 'preset.name'],
  ['Why', 'preset.reason'],
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

/** What is not named stays as it is. */
export const setEndpoint: Handler = async ({ shell, output, args: [name], options }) => {
  const changes = await givenChanges(options, shell)
  if (Object.keys(changes).length === 0) throw new Failure('usage', 'Name at least one limit or setting to change')
  const client = await openClient(shell, options)
  const { notes, ...endpoint } = await client.send('PATCH', at(name), changes)
  await output.row(output.format === 'json' ? { ...endpoint, notes } : endpoint, columns)
  if (Array.isArray(notes)) for (const note of notes) output.say(String(note))
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
  const settings = await testedSettings(name, options, shell)
  const client = await openClient(shell, options)
  const report = await client.send('POST', name === undefined ? '/endpoints/test' : `${at(name)}/test`, {
    ...settings,
    ...(userName !== null && { userName }),
    ...(password !== null && { password }),
  })
  const steps = Array.isArray(report.steps) ? report.steps.filter(isRow) : []
  if (output.format === 'json') await output.row(report, stepColumns)
  else await output.list(steps, stepColumns)
  for (const { step, notes } of steps)
    if (Array.isArray(notes) && notes.length > 0) output.say(`${step}: ${notes.join('; ')}`)
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
    ...givenCaps(options),
  }
}

/** Those of an endpoint are kept already: others beside them would say what is not tested. */
async function testedSettings(name: string | undefined, options: Options, shell: Shell): Promise<Row> {
  const server = options.text('server')
  const given = await givenChanges(options, shell)
  if ((name === undefined) === (server === null))
    throw new Failure('usage', 'Name either an endpoint or a --server to test')
  if (server === null) return {}
  const acceptsUntrustedCertificates = options.has('accept-untrusted-certificates')
  return { ...given, acceptsUntrustedCertificates }
}

/** `none` takes away what can be taken away. */
async function givenChanges(options: Options, shell: Shell): Promise<Row> {
  const [name, server, login, ca] = [
    options.text('name'),
    options.text('server'),
    options.text('login'),
    options.text('ca'),
  ]
  const adminName = options.text('admin-name')
  const passwordFile = options.text('admin-password-file')
  const isAsked = passwordFile !== null || (adminName !== null && adminName !== 'none')
  const adminPassword = isAsked ? await readSecret(shell, secretPlaces.admin, passwordFile) : null
  return {
    ...(name !== null && { name }),
    ...(server !== null && parseServerUrl(server)),
    ...(login !== null && parseLogin(login)),
    ...(ca !== null && { ca: ca === 'none' ? null : await readText(shell, ca, 'the file of certificate authorities') }),
    ...(adminName !== null && { adminName: adminName === 'none' ? null : adminName }),
    ...(adminPassword !== null && { adminPassword }),
    ...answer(options, 'accept-untrusted-certificates', 'acceptsUntrustedCertificates'),
    ...answer(options, 'home', 'isHome'),
    ...givenLimits(options),
    ...givenCaps(options),
  }
}

function answer(options: Options, name: string, field: string): Row {
  const text = options.text(name)
  return text === null ? {} : { [field]: text === 'yes' }
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
