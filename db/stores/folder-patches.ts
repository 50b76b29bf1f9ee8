import { keyOf } from '../../src/domain/fingerprint.ts'
import {
  type Advance,
  type FolderIdentity,
  type FolderIntent,
  type FolderState,
  type ItemIssue,
  type KnownRecord,
  type LedgerRecord,
  noCounts,
} from '../../src/domain/sync-state.ts'

/** What a write changes of a folder. */
export type FolderPatch = Partial<Omit<FolderState, 'id'>>

/** A mark may be old, never too new: under the same UIDVALIDITY the one of the pass that died stands. */
export const intended = (state: FolderState | null, { source, target, dirtySince }: FolderIntent) => ({
  source,
  target,
  dirtySince: state?.dirtySince?.uidValidity === dirtySince.uidValidity ? state.dirtySince : dirtySince,
})

export const advanced = (advance: Advance) => ({ ...advance, dirtySince: null, suspect: null }) satisfies FolderPatch

/** UIDs of an older numbering of the source say nothing any more. */
export const rekeyed = (state: FolderState, source: FolderIdentity, target: FolderIdentity): FolderPatch => ({
  source,
  target,
  dirtySince: { uidValidity: target.uidValidity, uidNext: 1 },
  ...(source.uidValidity !== state.source.uidValidity && { cursor: null, suspect: null }),
})

export const forgotten = {
  cursor: null,
  dirtySince: null,
  targetSeen: null,
  suspect: null,
  counts: noCounts,
  sizeBytes: 0,
} satisfies FolderPatch

/** Whether an issue of the item stands: it is at the source and was not carried over. */
export const hasIssue = ({ outcome, isVanished }: LedgerRecord): boolean =>
  (outcome === 'skipped' || outcome === 'failed') && !isVanished

/** The issues that stand after a folder was renumbered, under the new UIDs of their mail. */
export function followIssues(
  issues: readonly ItemIssue[],
  before: Iterable<KnownRecord>,
  after: Iterable<KnownRecord>,
  isSourceNew: boolean,
): readonly ItemIssue[] {
  if (issues.length === 0) return []
  const issueOf = new Map(issues.map((issue) => [issue.sourceUid, issue]))
  const oldUids = new Map<string, number>()
  for (const { sourceUid, fingerprint } of before) {
    if (fingerprint && issueOf.has(sourceUid)) oldUids.set(keyOf(fingerprint), sourceUid)
  }
  const followed: ItemIssue[] = []
  for (const record of after) {
    if (!hasIssue(record)) continue
    const oldUid = isSourceNew ? record.fingerprint && oldUids.get(keyOf(record.fingerprint)) : record.sourceUid
    const issue = oldUid ? issueOf.get(oldUid) : undefined
    if (issue) followed.push({ ...issue, sourceUid: record.sourceUid })
  }
  return followed
}
