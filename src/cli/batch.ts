import { givenBatch } from './batch-options.ts'
import { type Client, openClient, segment } from './client.ts'
import type { ExitName } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Column, Row } from './output.ts'
import { printReport, printVerification } from './report.ts'
import { readBytes } from './secrets.ts'
import type { Call, Handler } from './verb.ts'
import { followBatch } from './watch.ts'

const listColumns: readonly Column[] = [
  ['Id', 'id'],
  ['Name', 'name'],
  ['Status', 'status'],
  ['Consistency', 'consistency'],
  ['Total', 'counts.total'],
  ['Active', 'counts.active'],
  ['Synced', 'counts.synced'],
  ['Completed', 'counts.completed'],
  ['Failed', 'counts.failed'],
  ['Stopped', 'counts.stopped'],
]

const columns: readonly Column[] = [
  ...listColumns,
  ['Type', 'type'],
  ['Direction', 'direction'],
  ['Source', 'sourceEndpointName'],
  ['Target', 'targetEndpointName'],
  ['Created', 'createdAt'],
  ['Started', 'startedAt'],
  ['Initial sync', 'initialSyncedAt'],
  ['Last synced', 'lastSyncedAt'],
  ['Completed at', 'completedAt'],
  ['Next pass', 'nextPassAt'],
  ['Start after', 'startAfter'],
  ['Complete after', 'completeAfter'],
  ['Time zone', 'settings.timeZone'],
  ['Priority', 'priority'],
]

const pollMs = 1000

const at = (nameOrId: unknown): string => `/batches/${segment(String(nameOrId))}`

export const createBatch: Handler = async ({ shell, output, args: [name], options }) => {
  const csv = await readBytes(shell, options.need('csv'), 'the CSV file')
  const client = await openClient(shell, options)
  const { settings, incrementalEveryMs, startAfter, completeAfter } = givenBatch(options)
  const batch = await client.sendForm('/batches', {
    settings: settings === undefined ? null : JSON.stringify(settings),
    incrementalEveryMs: incrementalEveryMs === undefined ? null : String(incrementalEveryMs),
    startAfter: textOrNull(startAfter),
    completeAfter: textOrNull(completeAfter),
    name: name ?? '',
    csv,
    sourceEndpoint: options.text('source'),
    targetEndpoint: options.text('target'),
    allowUnknownColumns: options.has('allow-unknown-columns') ? 'true' : null,
  })
  await output.row(options.has('start') ? await client.send('POST', `${at(batch.id)}/sync`) : batch, columns)
  return 'done'
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const setBatch: Handler = async ({ shell, output, args: [batch], options }) => {
  const [name, source, target] = ['name', 'source', 'target'].map((option) => options.text(option))
  const changes = {
    ...givenBatch(options),
    ...(name !== null && { name }),
    ...(source !== null && { sourceEndpoint: source }),
    ...(target !== null && { targetEndpoint: target }),
  }
  if (Object.keys(changes).length === 0) throw new Failure('usage', 'Name at least one thing to change')
  const client = await openClient(shell, options)
  await output.row(await client.send('PATCH', at(batch), changes), columns)
  return 'done'
}

export const addUsers: Handler = async ({ shell, output, args: [batch], options }) => {
  const csv = await readBytes(shell, options.need('csv'), 'the CSV file')
  const client = await openClient(shell, options)
  const added = await client.sendCsv(`${at(batch)}/users`, csv)
  await output.row(added, [
    ['Added users', 'added'],
    ['In the batch already', 'known'],
  ])
  return 'done'
}

export const prioritizeBatch: Handler = async ({ shell, output, args: [batch, to], options }) => {
  if (to !== 'highest' && to !== 'lowest') throw new Failure('usage', 'Name the place: highest or lowest')
  const client = await openClient(shell, options)
  await output.row(await client.send('POST', `${at(batch)}/priority`, { to }), columns)
  return 'done'
}

export const updateUsers: Handler = async ({ shell, output, args: [batch], options }) => {
  const csv = await readBytes(shell, options.need('csv'), 'the CSV file')
  const client = await openClient(shell, options)
  await output.row(await client.sendCsv(`${at(batch)}/users/updates`, csv), [['Updated users', 'updated']])
  return 'done'
}

export const listBatches: Handler = async ({ shell, output, options }) => {
  const client = await openClient(shell, options)
  await output.list(await client.all('/batches'), listColumns)
  return 'done'
}

/** Asks one thing about one batch, and shows the batch as it then is. */
const asking =
  (ask: (client: Client, path: string) => Promise<Row>): Handler =>
  async ({ shell, output, args: [batch], options }) => {
    const client = await openClient(shell, options)
    await output.row(await ask(client, at(batch)), columns)
    return 'done'
  }

export const showBatch = asking((client, path) => client.get(path))
export const startBatch = asking((client, path) => client.send('POST', `${path}/sync`))
export const stopBatch = asking((client, path) => client.send('DELETE', `${path}/sync`))
export const syncBatchNow = asking((client, path) => client.send('POST', `${path}/sync`))
export const retryBatch = asking((client, path) => client.send('POST', `${path}/retry`))

export const completeBatch: Handler = async ({ shell, output, args: [batch], options }) => {
  const client = await openClient(shell, options)
  const completion = { isWholeOnly: options.has('whole-only') }
  await output.row(await client.send('POST', `${at(batch)}/completion`, completion), columns)
  return 'done'
}

export const removeBatch: Handler = async ({ shell, output, args: [batch], options }) => {
  const client = await openClient(shell, options)
  await client.send('DELETE', `${at(batch)}${options.has('force') ? '?force=true' : ''}`)
  output.say(`Removing the batch "${batch}"; what it copied stays known`)
  return 'done'
}

export const reportBatch: Handler = async ({ shell, output, args: [batch], options }) => {
  const client = await openClient(shell, options)
  await printReport(output, await client.get(`${at(batch)}/report`))
  return 'done'
}

export const watchBatch: Handler = async ({ shell, output, args: [batch], options }) => {
  const client = await openClient(shell, options)
  return followBatch(
    () => client.get(at(batch)),
    output,
    () => shell.sleep(pollMs),
  )
}

export const verifyBatch: Handler = async (call) => {
  const verification = await verified(call)
  await printVerification(call.output, verification)
  return exitOfVerification(verification)
}

async function verified({ shell, output, args: [batch], options }: Call): Promise<Row> {
  const client = await openClient(shell, options)
  const path = `${at(batch)}/verification`
  await client.send('POST', path, { readsData: options.has('read-data') })
  for (;;) {
    const verification = await client.get(path)
    if (verification.isRunning !== true) return verification
    output.progress(`Verifying: ${verification.itemsChecked} items checked`)
    await shell.sleep(pollMs)
  }
}

function exitOfVerification({ differences, failed }: Row): ExitName {
  if (Number(differences) > 0) return 'differences'
  return Number(failed) > 0 ? 'partial' : 'done'
}
