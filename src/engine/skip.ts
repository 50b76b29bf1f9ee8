import { Fault } from '../domain/fault.ts'
import type { ItemMeta, Uid } from '../domain/mail.ts'
import type { ItemIssue, LedgerRecord } from '../domain/sync-state.ts'
import { type FolderWork, type Pass, recordOf, settle } from './folder-work.ts'
import { describeIssue } from './issues.ts'
import { saveMessage } from './save-message.ts'

/** What was streamed of an item: known when its last byte has passed. */
export type Streamed = Pick<LedgerRecord, 'fingerprint' | 'sha256' | 'sizeBytes'>

export const unread = ({ sizeBytes }: ItemMeta): Streamed => ({ fingerprint: null, sha256: null, sizeBytes })

/** A message that does not arrive at the target, and why. */
export interface Skipped {
  readonly item: ItemMeta
  readonly streamed: Streamed
  readonly fault: Fault
}

/** Settles messages as skipped, each with what an admin needs to find it; throws at the one that is one too many. */
export async function skip(pass: Pass, work: FolderWork, skipped: readonly Skipped[]): Promise<void> {
  const described: Described[] = []
  for (const one of skipped) {
    const issue = await describeIssue(pass, work, one.item, one.fault)
    await saveMessage(pass, work, one.item, issue)
    const beyond = pass.limits.take(issue, one.fault)
    described.push({ ...one, issue, beyond })
    if (beyond) break
  }
  await settleSkipped(pass, work, described)
}

interface Described extends Skipped {
  readonly issue: ItemIssue
  /** The message goes beyond a limit: it has failed, and is tried again with the next pass. */
  readonly beyond: Fault | null
}

async function settleSkipped(pass: Pass, work: FolderWork, described: readonly Described[]): Promise<void> {
  const records = described.map(({ item, streamed, beyond }) =>
    recordOf(item, { ...streamed, outcome: beyond ? 'failed' : 'skipped' }),
  )
  const issues = described.map(({ issue, beyond }) => (beyond ? { ...issue, code: beyond.code } : issue))
  await settle(pass, work, records, issues)
  const beyond = described.find((one) => one.beyond)?.beyond
  if (beyond) throw beyond
  for (const { sourceUid } of records) work.wanted.delete(sourceUid)
  pass.tally.skipped += records.length
}

/** The message on which the source failed twice, the second time alone, is corrupt there. */
export async function skipPoison(pass: Pass, work: FolderWork): Promise<void> {
  const { suspect } = work.state
  const item = suspect && suspect.attempts >= 2 ? work.wanted.get(suspect.uid) : undefined
  if (!item) return
  const fault = corrupt(item.uid, 'the source fails at it every time')
  const issue = await describeIssue(null, work, item, fault)
  const beyond = pass.limits.take(issue, fault)
  await settleSkipped(pass, work, [{ item, streamed: unread(item), fault, issue, beyond }])
  await pass.store.suspect(pass.fence, work.state.id, null)
}

export const corrupt = (uid: Uid, why: string): Fault =>
  new Fault('source.corrupt', `Cannot read the message ${uid}: ${why}`, { side: 'source' })

/** What the target says it will not take is not read at the source either. */
export async function skipTooLarge(pass: Pass, work: FolderWork): Promise<void> {
  const { itemBytesMax } = pass.target.capabilities
  if (itemBytesMax === null) return
  const large = [...work.wanted.list().filter((item) => item.sizeBytes > itemBytesMax)]
  const fault = ({ sizeBytes }: ItemMeta): Fault =>
    new Fault('append.too-large', `The message has ${sizeBytes} bytes, the target takes ${itemBytesMax}`)
  await skip(
    pass,
    work,
    large.map((item) => ({ item, streamed: unread(item), fault: fault(item) })),
  )
}
