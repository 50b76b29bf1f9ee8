import type { App } from '../app.ts'
import { type BatchReport, batchReport, showBatch, startBatch, stopBatch } from '../operations/batches.ts'
import { prepareRun } from '../operations/begin-run.ts'
import { type BatchVerification, verification, verifyBatch } from '../operations/verification.ts'
import { watchChanges } from './changes.ts'
import type { MigrationPlan } from './migration-plan.ts'
import { type Follow, followRun, gapMsPerMailbox } from './progress.ts'

/** What a one-shot migration came to. */
export interface MigrationResult {
  readonly report: BatchReport
  readonly verification: BatchVerification | null
  /** It was asked to end before it was done. */
  readonly isInterrupted: boolean
}

/**
 * Runs the passes of a plan, one after the other, in a data folder that has been opened but not started. Nothing is
 * written before the servers are `reached`.
 */
export async function runMigration(
  plan: MigrationPlan,
  follow: Follow,
  reached: Promise<void> = Promise.resolve(),
): Promise<MigrationResult> {
  const { app, signal } = follow
  const id = await beginMigration(plan, app, reached)
  await followRun(follow, id)
  for (let pass = 2; pass <= plan.passes && !signal.aborted; pass++) await makePass(follow, id)
  const isVerified = plan.verifies && !signal.aborted
  return {
    verification: isVerified ? await verifyRun(follow, id, plan.readsData) : null,
    report: await batchReport(app.context, id),
    isInterrupted: signal.aborted,
  }
}

/** Starts the first pass, and gives the id of its batch. A mistake in the list is told before nobody is reached. */
export async function beginMigration(
  plan: MigrationPlan,
  app: App,
  reached: Promise<void> = Promise.resolve(),
): Promise<number> {
  const begin = await prepareRun(app.context, plan)
  await reached
  const { id } = await begin()
  app.start()
  return id
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
  using changes = watchChanges(app.hub, id)
  await verifyBatch(app.context, id, { readsData })
  for (;;) {
    changes.takeUsers()
    const found = await verification(app.context, id)
    if (!found.isRunning || signal.aborted) return found
    output.progress(`Verifying: ${found.itemsChecked} messages checked`)
    await changes.next(shell, gapMsPerMailbox * found.users.filter(({ isRunning }) => isRunning).length)
  }
}
