import { beginPass } from '../../db/queries/users.ts'
import { putVerification } from '../../db/queries/verifications.ts'
import { findWork, type Work } from '../../db/queries/work.ts'
import { pairOf, serverName } from '../domain/access.ts'
import type { UserProgress } from '../domain/batch.ts'
import { Fault } from '../domain/fault.ts'
import type { Job, JobControl, JobSpec, PassKind } from '../domain/job.ts'
import type { LiveProgress } from '../domain/user.ts'
import { awaits, nextUserStatus } from '../domain/user-status.ts'
import { defaultRules, type PassReport, type PassRules } from '../engine/pass.ts'
import { syncUser as syncMailboxes } from '../engine/sync-user.ts'
import { verifyUser as verifyMailboxes } from '../engine/verify.ts'
import { sleep } from '../platform/timers.ts'
import type { JobContext } from './context.ts'
import { type Mailboxes, refuseOldLock, withMailboxes } from './open-mailboxes.ts'
import { skippedStore } from './save-skipped.ts'

type SyncSpec = JobSpec & { readonly kind: 'sync-user' }

/** One pass over one user; a final one is verified. Throws the fault that the user waits or fails for. */
export async function syncUser(
  context: JobContext,
  job: Job,
  spec: SyncSpec,
  control: JobControl,
): Promise<'done' | 'unwanted'> {
  const work = await begin(context, job, spec)
  if (work === null) return 'unwanted'
  const isFinal = spec.pass === 'final'
  const pass = async (mailboxes: Mailboxes): Promise<void> => {
    const report = await runPass(context, work, spec.pass, mailboxes, control)
    if (report.fault !== null) throw report.fault
    if (isFinal) await finish(context, work, report, mailboxes, control)
  }
  await withMailboxes(context, work, control, pass, isFinal)
  return 'done'
}

/** Null: since the job was queued, its user was stopped, removed, or asked for another pass. */
async function begin(
  { db, turns, clock, changed }: JobContext,
  job: Job,
  { userId, pass }: SyncSpec,
): Promise<Work | null> {
  const work = await findWork(db, userId)
  const { status } = work?.user ?? {}
  const next = status && awaits(status, pass) && nextUserStatus(status, 'begin')
  if (!work || !next) return null
  refuseOldLock(job, work)
  // In the batch's turn, because a stop reads who runs before it writes; and only if the user is as it was read.
  const isBegun = await turns.take(work.batch.id, () =>
    beginPass(db, { id: userId, from: status, to: next, now: clock.now() }),
  )
  changed({ batchId: work.batch.id, userId })
  return isBegun ? work : null
}

async function runPass(
  context: JobContext,
  work: Work,
  pass: PassKind,
  mailboxes: Mailboxes,
  control: JobControl,
): Promise<PassReport> {
  const { user } = work
  let last: LiveProgress | null = null
  const report = await syncMailboxes({
    ...engineContext(context, work, mailboxes, control),
    pass,
    fence: control.fence,
    openPair: mailboxes.openPair,
    rules: rulesOf(work),
    saveSkipped: skippedStore(context, work),
    mayCommit: control.mayCommit,
    sleep: (ms) => sleep(context.timers, ms, control.signal),
    onProgress: (progress) => {
      last = progress
      context.board.report(user, progress)
    },
  })
  context.board.finish(user.id, { progress: progressOf(report, last), refusal: report.refusal })
  return report
}

/** What a user was given of its own beats its batch. */
const rulesOf = ({ user, batch: { settings } }: Work): PassRules => ({
  ...defaultRules,
  copy: settings.rules,
  missingTargetFolder: user.missingTargetFolder,
  badItemLimit: user.settings.badItemLimit ?? settings.badItemLimit,
  largeItemLimit: user.settings.largeItemLimit ?? settings.largeItemLimit,
})

/** Nothing is called completed that does not compare equal. */
async function finish(
  context: JobContext,
  work: Work,
  report: PassReport,
  mailboxes: Mailboxes,
  control: JobControl,
): Promise<void> {
  const { db, clock } = context
  const { user } = work
  if (report.isSourceStillChanging)
    throw new Fault('source.still-changing', `Cannot complete "${user.emailAddress}": its source still changes`, {
      side: 'source',
      retry: 'never',
    })
  const found = await verifyMailboxes({
    ...engineContext(context, work, mailboxes, control),
    copy: work.batch.settings.rules,
    onProgress: () => undefined,
    readsData: false,
  })
  await db.write([
    putVerification(db, { userId: user.id, readsData: false, report: found, error: null, verifiedAt: clock.now() }),
  ])
  if (found.differences > 0)
    throw new Fault('verify.different', `Cannot complete "${user.emailAddress}": ${found.differences} items differ`)
}

/** What a pass and a verification need alike. */
export function engineContext(context: JobContext, work: Work, { source, target }: Mailboxes, control: JobControl) {
  return {
    pair: pairOf(work.source, work.target, work.user),
    source,
    target,
    targetEndpoint: serverName(work.target),
    store: context.sync,
    signal: control.signal,
  }
}

const progressOf = (report: PassReport, last: LiveProgress | null): UserProgress => ({
  counts: report.counts,
  itemsTotal: report.counts.source,
  itemsDone: report.counts.source - report.counts.failed,
  bytesTotal: last?.bytesTotal ?? report.bytesCopiedNow,
  bytesDone: last?.bytesDone ?? report.bytesCopiedNow,
  copiedLastPass: report.copiedNow,
  flagsChangedLastPass: report.flagsChangedNow,
  movedLastPass: report.movedNow,
})
