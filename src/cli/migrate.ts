import { isFault } from '../domain/fault.ts'
import type { User } from '../domain/user.ts'
import { reportJson, verificationJson } from '../http/api/present.ts'
import { type ExitName, exitOfFault, exitOfRun, type MailboxOutcome } from './exit-codes.ts'
import { errorTeller } from './failure.ts'
import { listenForInterruption } from './interruption.ts'
import { type MigrationResult, runMigration } from './migration.ts'
import { type MigrationPlan, planMigration } from './migration-plan.ts'
import { openApp, openWorkFolder, type WorkFolder } from './open-app.ts'
import type { Output } from './output.ts'
import { reachServers } from './reach-servers.ts'
import { printReport, printVerification } from './report.ts'
import type { Shell } from './shell.ts'
import type { Handler } from './verb.ts'

/** Waits of one run: someone sits before it, or a script that can call it again. No connection is kept for a later pass. */
const oneShot = { attemptsMax: 3, throttledMax: 3, endpointPatienceMs: 60_000, keptConnectionsMax: 0 }

export const migrate: Handler = async ({ shell, output, options }) => {
  const plan = await planMigration(options, shell)
  const folder = await openWorkFolder(options.text('data'))
  try {
    const exit = await migrateIn(folder, plan, shell, output)
    if (exit === 'done') await folder.discard()
    else tellWhereItStands(folder, exit, output)
    return exit
  } catch (error) {
    // Refused before anything was copied: nothing is worth keeping.
    await folder.discard()
    throw error
  }
}

async function migrateIn(folder: WorkFolder, plan: MigrationPlan, shell: Shell, output: Output): Promise<ExitName> {
  using interruption = listenForInterruption(shell)
  const { signal } = interruption
  const tell = errorTeller(output)
  // What ends a mailbox is told with that mailbox; what is tried again is told here alone.
  const onError = (error: unknown) => (isFault(error) && error.retry === 'never' ? undefined : tell(error))
  using servers = await beginToReach(plan, signal)
  const { connectors, reached } = servers
  const app = await openApp({ dataFolder: folder.path, connectors, onError, ...oneShot })
  try {
    const result = await runMigration(plan, { app, shell, output, signal }, reached)
    await printResult(output, result)
    return exitOf(result)
  } finally {
    await app.stop()
  }
}

/** While the database is opened and the list is read. */
async function beginToReach(plan: MigrationPlan, signal: AbortSignal) {
  const { createConnectors } = await import('../app.ts')
  const over = new AbortController()
  const connectors = createConnectors()
  const reached = reachServers(connectors, plan, AbortSignal.any([signal, over.signal]))
  // It is heard of when it is waited for, and not where something else went wrong before.
  reached.catch(() => undefined)
  return { connectors, reached, [Symbol.dispose]: () => over.abort() }
}

export async function printResult(output: Output, { report, verification }: MigrationResult): Promise<void> {
  const found = verification && verificationJson(verification)
  if (output.format === 'json') return output.row({ ...reportJson(report), verification: found }, [])
  await printReport(output, reportJson(report))
  if (found && output.format !== 'csv') await printVerification(output, found)
}

/** The exit of a finished run by the table of exit codes. */
export function exitOf({ report, verification, isInterrupted }: MigrationResult): ExitName {
  if (isInterrupted) return 'interrupted'
  const exit = exitOfRun(report.users.map(outcomeOf), verification?.differences ?? 0)
  return exit === 'done' && verification && verification.failed > 0 ? 'partial' : exit
}

function outcomeOf({ status, progress, passes, error }: User): MailboxOutcome {
  const { copied, adopted, skipped, failed } = progress.counts
  return {
    hasStarted: passes > 0 || progress.itemsDone > 0 || copied + adopted > 0,
    isWhole: (status === 'synced' || status === 'completed') && skipped + failed === 0,
    exit: error && exitOfFault(error.code, error.side),
  }
}

function tellWhereItStands({ path, isTemporary }: WorkFolder, exit: ExitName, output: Output): void {
  const how = exit === 'interrupted' ? 'To go on' : 'To try again what is left'
  const call = isTemporary ? `the same command with --data ${path}` : 'the same command again'
  output.say(`${how}, run ${call}: nothing is copied twice`)
}
