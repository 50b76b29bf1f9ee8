import process from 'node:process'
import type { App } from '../app.ts'
import { type ListenAddress, settings } from '../config.ts'
import { removeServerInfo, writeServerInfo } from '../platform/data-folder.ts'
import { errorTeller } from './failure.ts'
import { aborted, listenForInterruption } from './interruption.ts'
import { type Listening, listen, refuseBeyondLoopback } from './listening.ts'
import { openApp } from './open-app.ts'
import { settingOf } from './options.ts'
import type { Output } from './output.ts'
import type { Handler } from './verb.ts'

/** Runs until it is told to end. Jobs under way end softly; a second signal does not wait for them. */
export const serve: Handler = async ({ shell, output, options }) => {
  const dataFolder = settingOf(settings.data, options, shell)
  const address = settingOf(settings.listen, options, shell)
  refuseBeyondLoopback(address)
  using interruption = listenForInterruption(shell)
  const onError = errorTeller(output)
  const keptConnectionsMax = settingOf(settings.keptConnections, options, shell)
  const openBatchesMax = settingOf(settings.openBatches, options, shell)
  const app = await openApp({ dataFolder, keptConnectionsMax, openBatchesMax, onError })
  try {
    await serveApp({ app, dataFolder, address, output, onError, signal: interruption.signal })
  } finally {
    await app.stop()
  }
  return 'done'
}

interface Served {
  readonly app: App
  readonly dataFolder: string
  readonly address: ListenAddress
  readonly output: Output
  readonly onError: (error: unknown) => void
  readonly signal: AbortSignal
}

async function serveApp({ app, dataFolder, address, output, onError, signal }: Served): Promise<void> {
  await using listening = await listen(app, address, onError)
  writeServerInfo(dataFolder, { address: listening.address, pid: process.pid })
  try {
    app.start()
    tellWhere(listening, dataFolder, output)
    await aborted(signal)
    output.say('Stopping: what is under way ends first')
  } finally {
    removeServerInfo(dataFolder)
  }
}

function tellWhere({ address, signInLink }: Listening, dataFolder: string, output: Output): void {
  output.line(`Postferry listens on ${address}`)
  output.line(`Data folder: ${dataFolder}`)
  output.line(`Sign in, once, within 30 minutes: ${signInLink()}`)
  output.line(`Another link: postferry sign-in-link --data ${dataFolder}`)
}
