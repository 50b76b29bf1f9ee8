import { givenLimitsAndTimes } from './batch-options.ts'
import { type Client, openClient, segment } from './client.ts'
import { Failure } from './failure.ts'
import type { Options } from './options.ts'
import type { Column, Row } from './output.ts'
import { readPasswordFile } from './secrets.ts'
import type { Shell } from './shell.ts'
import type { Call, Handler } from './verb.ts'

export const userColumns: readonly Column[] = [
  ['Id', 'id'],
  ['Address', 'emailAddress'],
  ['Status', 'status'],
  ['Items', 'progress.itemsTotal'],
  ['Done', 'progress.itemsDone'],
  ['Copied', 'progress.counts.copied'],
  ['Already there', 'progress.counts.adopted'],
  ['Skipped', 'progress.counts.skipped'],
  ['Failed', 'progress.counts.failed'],
  ['Error', 'error.message'],
]

const columns: readonly Column[] = [
  ...userColumns,
  ['What it means', 'error.meaning'],
  ['What to do', 'error.remedy'],
  ['Batch', 'batchName'],
  ['Source user', 'sourceUserName'],
  ['Target user', 'targetUserName'],
  ['Source password', 'hasSourcePassword'],
  ['Target password', 'hasTargetPassword'],
  ['Missing target folder', 'missingTargetFolder'],
  ['Passes', 'passes'],
  ['Last synced', 'lastSyncedAt'],
  ['Next attempt', 'retryAt'],
]

const folderColumns: readonly Column[] = [
  ['Folder', 'sourcePath'],
  ['Source', 'counts.source'],
  ['Copied', 'counts.copied'],
  ['Already there', 'counts.adopted'],
  ['Left out', 'counts.excluded'],
  ['Removed', 'counts.removed'],
  ['Skipped', 'counts.skipped'],
  ['Failed', 'counts.failed'],
  ['Gone', 'counts.gone'],
]

export const listUsers: Handler = async ({ shell, output, args: [batch], options }) => {
  const client = await openClient(shell, options)
  const status = options.text('status')
  const query = status === null ? '' : `?status=${encodeURIComponent(status)}`
  await output.list(await client.all(`/batches/${segment(batch)}/users${query}`), userColumns)
  return 'done'
}

export const showUser: Handler = async (call) => {
  const { output } = call
  const { client, user } = await find(call)
  const folders = await client.all(`${at(user)}/folders`)
  if (output.format === 'table') {
    await output.row(user, columns)
    output.line('')
    await output.list(folders, folderColumns)
  } else {
    await output.row({ ...user, folders }, columns)
  }
  return 'done'
}

const statisticsColumns: readonly Column[] = [
  ['Items', 'itemsTotal'],
  ['Synced', 'itemsSynced'],
  ['Skipped', 'itemsSkipped'],
  ['Bytes', 'bytesTotal'],
  ['Bytes synced', 'bytesSynced'],
  ['Percent', 'percentage'],
  ['Queued ms', 'queuedMs'],
  ['In progress ms', 'inProgressMs'],
  ['Synced ms', 'syncedMs'],
  ['Stalled ms', 'stalledMs'],
  ['Items/min', 'itemsPerMinute'],
  ['Bytes/min', 'bytesPerMinute'],
  ['Bytes/h', 'bytesPerHour'],
]

export const showStatistics: Handler = async (call) => {
  const { client, user } = await find(call)
  await call.output.row(await client.get(`${at(user)}/statistics`), statisticsColumns)
  return 'done'
}

export const setUser: Handler = async (call) => {
  const { shell, output, options } = call
  const changes = await changesOf(options, shell)
  if (Object.keys(changes).length === 0) throw new Failure('usage', 'Nothing to change: name at least one option')
  const { client, user } = await find(call)
  await output.row(await client.send('PATCH', at(user), changes), columns)
  return 'done'
}

/** Asks one thing about one user, and shows the user as it then is. */
const asking =
  (method: 'POST' | 'DELETE', what: string): Handler =>
  async (call) => {
    const { client, user } = await find(call)
    await call.output.row(await client.send(method, `${at(user)}/${what}`), columns)
    return 'done'
  }

export const startUser = asking('POST', 'sync')
export const stopUser = asking('DELETE', 'sync')
export const syncUserNow = asking('POST', 'sync')
export const completeUser = asking('POST', 'completion')
export const retryUser = asking('POST', 'attempts')

export const removeUser: Handler = async (call) => {
  const { client, user } = await find(call)
  await client.send('DELETE', at(user))
  call.output.say(`Removed "${user.emailAddress}" from its batch; what was copied stays known`)
  return 'done'
}

const at = (user: Row): string => `/users/${segment(String(user.id))}`

async function find({ shell, args: [user], options }: Call): Promise<{ client: Client; user: Row }> {
  const client = await openClient(shell, options)
  const batch = options.text('batch')
  const query = batch === null ? '' : `?batch=${encodeURIComponent(batch)}`
  return { client, user: await client.get(`/users/${segment(user)}${query}`) }
}

/** Passwords come from files only: a variable left over from another call would change them unasked. */
async function changesOf(options: Options, shell: Shell): Promise<Row> {
  const passwordFrom = async (option: string): Promise<string | null> => {
    const path = options.text(option)
    return path === null ? null : readPasswordFile(shell, path)
  }
  const changes: Row = {
    sourceUserName: options.text('source-user-name'),
    sourcePassword: await passwordFrom('source-password-file'),
    targetUserName: options.text('target-user-name'),
    targetPassword: await passwordFrom('target-password-file'),
    missingTargetFolder: options.text('missing-target-folder'),
  }
  const given = Object.entries(changes).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(given), ...givenLimitsAndTimes(options) }
}
