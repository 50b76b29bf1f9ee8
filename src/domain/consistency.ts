import type { FaultCode } from './fault.ts'
import { type ItemIssue, wholeFolder } from './sync-state.ts'

/**
 * What kind of loss an issue tells of. bad: unreadable at the source, or refused by the target. large: above what the
 * target takes. missing: not at the target when both sides were compared. folder: all mail of a folder that one side
 * does not open or make. metadata: flags or keywords that the target cannot keep, while the messages are there.
 */
export type IssueKind = 'bad' | 'large' | 'missing' | 'folder' | 'metadata'

export const issueKinds: readonly IssueKind[] = ['bad', 'large', 'missing', 'folder', 'metadata']

/** Whatever is not named here is bad. */
const kindOfCode: Partial<Record<FaultCode, IssueKind>> = {
  'append.too-large': 'large',
  'limit.large-items': 'large',
  'verify.different': 'missing',
  'append.flags-lost': 'metadata',
}

export function issueKind({ code, sourceUid }: Pick<ItemIssue, 'code' | 'sourceUid'>): IssueKind {
  const kind = kindOfCode[code] ?? 'bad'
  return sourceUid === wholeFolder && kind !== 'metadata' ? 'folder' : kind
}

/** The item that went beyond a limit is tried again with the next pass: it is neither skipped nor approved. */
export const limitCodes = ['limit.bad-items', 'limit.large-items'] as const satisfies readonly FaultCode[]

export const isAtLimit = ({ code }: Pick<ItemIssue, 'code'>): boolean => limitCodes.some((limit) => limit === code)

/** Data consistency score, from the best to the worst. */
export const consistencies = ['perfect', 'good', 'investigate', 'poor'] as const

export type Consistency = (typeof consistencies)[number]

/** What was lost of a mailbox. */
export interface Loss {
  /** Messages that are not at the target; those of a folder that was refused count one by one. */
  readonly messages: number
  /** Messages of the source. */
  readonly source: number
  /** Issues of any kind: one that costs no message is of flags, of keywords, or of an empty folder. */
  readonly issues: number
}

interface Threshold {
  readonly consistency: Consistency
  /** All of the three must be reached. */
  readonly messagesMin: number
  /** Of the messages of the source, in [0, 1]. */
  readonly shareMin: number
  readonly issuesMin: number
}

/**
 * The score, published: the first line that holds. A lost message always matters, so one is enough for `investigate`.
 * It is `poor` where a person cannot be expected to look at each (100 and more), where the loss is more than an odd
 * message (5 and more that are one in a hundred), or where half of a small mailbox is not there.
 */
export const consistencyThresholds: readonly Threshold[] = [
  { consistency: 'poor', messagesMin: 100, shareMin: 0, issuesMin: 0 },
  { consistency: 'poor', messagesMin: 5, shareMin: 0.01, issuesMin: 0 },
  { consistency: 'poor', messagesMin: 1, shareMin: 0.5, issuesMin: 0 },
  { consistency: 'investigate', messagesMin: 1, shareMin: 0, issuesMin: 0 },
  { consistency: 'good', messagesMin: 0, shareMin: 0, issuesMin: 1 },
  { consistency: 'perfect', messagesMin: 0, shareMin: 0, issuesMin: 0 },
]

export function consistencyOf({ messages, source, issues }: Loss): Consistency {
  const share = messages / Math.max(source, messages, 1)
  const line = consistencyThresholds.find(
    ({ messagesMin, shareMin, issuesMin }) => messages >= messagesMin && share >= shareMin && issues >= issuesMin,
  )
  return line?.consistency ?? 'perfect'
}

/** Whether a completion waits until what was skipped is approved. */
export const needsApproval = (consistency: Consistency, unapproved: number): boolean =>
  (consistency === 'investigate' || consistency === 'poor') && unapproved > 0

/** Who approved, where, when and why. */
export interface Approval {
  /** The door, and a name where one was given: `cli`, `api: Ann`. */
  readonly by: string
  readonly reason: string
  readonly at: number
}
