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
import { createEndpoint, listEndpoints, removeEndpoint } from '../operations/endpoints.ts'
import { type BatchVerification, verification, verifyBatch } from '../operations/verification.ts'
import { type MigrationPlan, planNames } from './migration-plan.ts'
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
  await clearEarlierRun(follow)
  const { id } = await prepare(app, plan)
  for (let pass = 1; pass <= plan.passes && !signal.aborted; pass++) await makePass(follow, id)
  const isVerified = plan.verifies && !signal.aborted
  return {
    verification: isVerified ? await verifyRun(follow, id, plan.readsData) : null,
    report: await batchReport(app.context, id),
    isInterrupted: signal.aborted,
  }
}

/**
 * Endpoints and batch are made anew for each run, so that whatever changed in the command line or the list holds.
 * Nothing is copied twice for that: what is known of a mailbox is kept by its two servers and names, not by batch.
 */
async function clearEarlierRun(follow: Follow): Promise<void> {
  const { app } = follow
  const earlier = await earlierRun(app)
  if (earlier && allowedActions(earlier.status).includes('stop')) await stopBatch(app.context, earlier.id)
  app.start()
  if (earlier) await removeEarlier(follow, earlier)
  await removeEndpoints(app)
}

async function removeEndpoints({ context }: App): Promise<void> {
  for (const { name } of await listEndpoints(context)) {
    if (name === planNames.source || name === planNames.target) await removeEndpoint(context, name)
  }
}

const earlierRun = async ({ context }: App): Promise<Batch | undefined> =>
  (await listBatches(context)).find(({ name }) => name === planNames.batch)

async function removeEarlier({ app, shell }: Follow, earlier: Batch): Promise<void> {
  if (earlier.status !== 'removing') {
    while ((await showBatch(app.context, earlier.id)).status === 'stopping') await shell.sleep(pollMs)
    await removeBatch(app.context, earlier.id)
  }
  while (await earlierRun(app)) await shell.sleep(pollMs)
}

/** A list with a mistake leaves nothing behind. */
async function prepare(app: App, { source, target, csv, allowsUnknownColumns }: MigrationPlan): Promise<Batch> {
  const ends = { sourceEndpoint: planNames.source, targetEndpoint: planNames.target }
  await createEndpoint(app.context, source)
  await createEndpoint(app.context, target)
  const batch = { name: planNames.batch, ...ends, csv, allowUnknownColumns: allowsUnknownColumns }
  return createBatch(app.context, batch).catch(async (error: unknown) => {
    await removeEndpoints(app)
    throw error
  })
}

/** A batch that rests after its pass is stopped and started again: that takes in failed users too. */
async function makePass(follow: Follow, id: number): Promise<void> {
  const { context } = follow.app
  const { status } = await showBatch(context, id)
  if (status === 'synced' || status === 'syncedWithErrors') await stopBatch(context, id)
  await startBatch(context, id)
  await followRun(follow, id)
}

async function verifyRun(
  { app, shell, output, signal }: Follow,
  id: number,
  readsData: boolean,
): Promise<BatchVerification> {
  await verifyBatch(app.context, id, { readsData })
  for (;;) {
    const found = await verification(app.context, id)
    if (!found.isRunning || signal.aborted) return found
    output.progress(`Verifying: ${found.itemsChecked} messages checked`)
    await shell.sleep(pollMs)
  }
}
