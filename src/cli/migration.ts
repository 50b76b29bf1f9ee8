import type { App } from '../app.ts'
import type { Batch } from '../domain/batch.ts'
import { allowedActions } from '../domain/status.ts'
import {
  type BatchReport,
  batchReport,
  createBatch,
  listBatches,
  removeBatch,
  showBatch,
  startBatch,
  stopBatch,
} from '../operations/batches.ts'
import { createEndpoint, listEndpoints, removeEndpoint, testEndpoint } from '../operations/endpoints.ts'
import { type BatchVerification, verification, verifyBatch } from '../operations/verification.ts'
import { exitOfFault } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { MigrationPlan } from './migration-plan.ts'
import { type Follow, followRun, pollMs } from './progress.ts'

/** What a one-shot migration came to. */
export interface MigrationResult {
  readonly report: BatchReport
  readonly verification: BatchVerification | null
  /** It was asked to end before it was done. */
  readonly isInterrupted: boolean
}

/** Runs the passes of a plan, one after the other, in a data folder that has been opened but not started. */
export async function runMigration(plan: MigrationPlan, follow: Follow): Promise<MigrationResult> {
  const { app, signal } = follow
  await clearEarlierRun(plan, follow)
  const { id } = await prepareBatch(app, plan)
  await tryServers(plan, follow)
  for (let pass = 1; pass <= plan.passes && !signal.aborted; pass++) await makePass(follow, id)
  const isVerified = plan.verifies && !signal.aborted
  return {
    verification: isVerified ? await verifyRun(follow, id, plan.readsData) : null,
    report: await batchReport(app.context, id),
    isInterrupted: signal.aborted,
  }
}

/** Makes both endpoints and the batch; a list with a mistake leaves none of them behind. */
export async function prepareBatch(app: App, plan: MigrationPlan): Promise<Batch> {
  const { source, target, batchName: name, csv, allowsUnknownColumns: allowUnknownColumns } = plan
  await createEndpoint(app.context, source)
  await createEndpoint(app.context, target)
  const batch = { name, sourceEndpoint: source.name, targetEndpoint: target.name, csv, allowUnknownColumns }
  return createBatch(app.context, batch).catch(async (error: unknown) => {
    await removeEndpoints(app, plan)
    throw error
  })
}

/**
 * Endpoints and batch are made anew for each run, so that whatever changed in the command line or the list holds.
 * Nothing is copied twice for that: what is known of a mailbox is kept by its two servers and names, not by batch.
 */
async function clearEarlierRun(plan: MigrationPlan, { app, shell }: Follow): Promise<void> {
  const { context } = app
  const find = async () => (await listBatches(context)).find(({ name }) => name === plan.batchName)
  const earlier = await find()
  if (earlier && allowedActions(earlier.status).includes('stop')) await stopBatch(context, earlier.id)
  app.start()
  for (let batch = earlier; batch; batch = await find()) {
    if (allowedActions(batch.status).includes('remove')) await removeBatch(context, batch.id)
    else await shell.sleep(pollMs)
  }
  await removeEndpoints(app, plan)
}

async function removeEndpoints({ context }: App, { source, target }: MigrationPlan): Promise<void> {
  const names = [source.name, target.name]
  for (const { id, name } of await listEndpoints(context)) if (names.includes(name)) await removeEndpoint(context, id)
}

/** A server that cannot be reached at all is told at once, not after the patience that a running mailbox deserves. */
async function tryServers(plan: MigrationPlan, { app, signal }: Follow): Promise<void> {
  for (const side of ['source', 'target'] as const) {
    const { steps } = await testEndpoint(app.context, plan[side].name, {}, signal)
    const broken = steps.find(({ isOk }) => !isOk)
    if (!broken || signal.aborted) continue
    const exit = broken.code && exitOfFault(broken.code, side)
    const remedies = broken.remedy ? [broken.remedy] : []
    throw new Failure(exit ?? 'unexpected', `Cannot reach the ${side}: ${broken.detail}`, remedies)
  }
}

/** A batch that rests after its pass is stopped and started again: that takes in failed users too. */
async function makePass(follow: Follow, id: number): Promise<void> {
  const { context } = follow.app
  const { status } = await showBatch(context, id)
  if (status === 'synced' || status === 'syncedWithErrors') await stopBatch(context, id)
  await startBatch(context, id)
  await followRun(follow, id)
}

async function verifyRun(follow: Follow, id: number, readsData: boolean): Promise<BatchVerification> {
  const { app, shell, output, signal } = follow
  await verifyBatch(app.context, id, { readsData })
  for (;;) {
    const found = await verification(app.context, id)
    if (!found.isRunning || signal.aborted) return found
    output.progress(`Verifying: ${found.itemsChecked} messages checked`)
    await shell.sleep(pollMs)
  }
}
