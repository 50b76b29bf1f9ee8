import process from 'node:process'
import type { App } from '../app.ts'
import { settings } from '../config.ts'
import type { Batch } from '../domain/batch.ts'
import { isRefusal } from '../domain/refusal.ts'
import { batchStatusWords } from '../domain/status.ts'
import { reportJson } from '../http/api/present.ts'
import { batchReport, showBatch } from '../operations/batches.ts'
import { writeServerInfo } from '../platform/data-folder.ts'
import { openBrowser } from './browser.ts'
import { pollMs } from './changes.ts'
import { startDemoServers } from './demo-servers.ts'
import type { ExitName } from './exit-codes.ts'
import { errorTeller } from './failure.ts'
import { aborted, listenForInterruption } from './interruption.ts'
import { type Listening, listen } from './listening.ts'
import { exitOf, printResult } from './migrate.ts'
import { beginMigration, runMigration } from './migration.ts'
import { openApp, openWorkFolder } from './open-app.ts'
import type { Output } from './output.ts'
import { type Follow, followRun, isMoving } from './progress.ts'
import { whereItemsAre } from './report.ts'
import type { Call, Handler } from './verb.ts'

const size = { mailboxes: 20, messagesPerMailbox: 100 }
/** Three mailboxes at a time, and a pause before each batch of messages: about a minute for all. */
const pace = { concurrency: 3, appendPauseMs: 700 }

export const demo: Handler = (call) => (call.options.has('once') ? runOnce(call) : runWithPage(call))

/** As fast as it goes, then compared byte by byte. */
async function runOnce({ shell, output }: Call): Promise<ExitName> {
  using interruption = listenForInterruption(shell)
  await using servers = await startDemoServers({ ...size, concurrency: 20 })
  await using opened = await openTemporary(output)
  output.say(
    `Migrating ${size.mailboxes} mailboxes with ${servers.messages} messages between two servers in this process`,
  )
  const result = await runMigration(servers.plan, { ...opened, shell, output, signal: interruption.signal })
  await printResult(output, result)
  return exitOf(result)
}

/** At a pace that one can watch, until it is told to end. */
async function runWithPage({ shell, output }: Call): Promise<ExitName> {
  using interruption = listenForInterruption(shell)
  const { signal } = interruption
  await using servers = await startDemoServers({
    ...size,
    concurrency: pace.concurrency,
    beforeAppend: () => shell.sleep(pace.appendPauseMs),
  })
  await using opened = await openTemporary(output)
  const { app, path } = opened
  await using listening = await listenSomewhere(app, output)
  writeServerInfo(path, { address: listening.address, pid: process.pid })
  const id = await beginMigration(servers.plan, app)
  const link = listening.signInLink()
  tellWhatToSee(link, path, output)
  openBrowser(shell, link)
  await watch({ app, shell, output, signal }, id).catch(async (error: unknown) => {
    if (!isRefusal(error) || error.code !== 'not-found') throw error
    output.line('The batch was removed. Ctrl-C ends the demo.')
    await aborted(signal)
  })
  return 'done'
}

interface Opened extends AsyncDisposable {
  readonly app: App
  readonly path: string
}

/** An app in a folder of its own, which goes with it. */
async function openTemporary(output: Output): Promise<Opened> {
  const folder = await openWorkFolder(null)
  const app = await openApp({ dataFolder: folder.path, onError: errorTeller(output) })
  return {
    app,
    path: folder.path,
    async [Symbol.asyncDispose]() {
      await app.stop()
      await folder.discard()
    },
  }
}

/** On the usual port, else on any that is free. */
async function listenSomewhere(app: App, output: Output): Promise<Listening> {
  const address = settings.listen.parse('127.0.0.1:8480')
  const onError = errorTeller(output)
  return listen(app, address, onError).catch(() => listen(app, { ...address, port: 0 }, onError))
}

function tellWhatToSee(link: string, path: string, output: Output): void {
  output.line('Two mail servers run in this process, and the batch "Demo" moves 20 mailboxes from one to the other.')
  output.line('')
  output.line(`  Open  ${link}`)
  output.line('')
  output.line(
    'Open the batch "Demo" there and watch the mailboxes fill. Open one of them to see its folders, with names',
  )
  output.line('in several languages; stop the batch and start it again: nothing is copied twice.')
  output.line(`In another terminal:  ${programCall()} batch watch Demo --data ${path}`)
  output.line('Ctrl-C ends the demo and removes all of it.')
}

/** How this program is called again: out of its source there is no executable yet. */
const programCall = (): string => (process.argv[1]?.endsWith('main.ts') ? 'npx bun src/main.ts' : 'postferry')

/** Follows what is done on the page, pass after pass. */
async function watch(follow: Follow, id: number): Promise<void> {
  while (!follow.signal.aborted) {
    const batch = await followRun(follow, id)
    if (!follow.signal.aborted) await tellOutcome(follow, batch)
    while (!follow.signal.aborted && !isMoving(await showBatch(follow.app.context, id)))
      await follow.shell.sleep(pollMs)
  }
}

async function tellOutcome({ app, output }: Follow, { id, status }: Batch): Promise<void> {
  const where = whereItemsAre(reportJson(await batchReport(app.context, id)))
  output.line(`The batch is ${batchStatusWords[status]}: ${where}`)
  if (status === 'synced') output.line('Press "Sync now" on the page: the next pass finds nothing to copy.')
}
