import { type IssueKind, isAtLimit, issueKind } from '../domain/consistency.ts'
import { Fault } from '../domain/fault.ts'
import { type ItemIssue, wholeFolder } from '../domain/sync-state.ts'
import type { PassContext, PassRules } from './pass.ts'

type Limited = 'bad' | 'large'

/** Every kind but metadata costs messages; whatever is not too large is bad. */
const limitOf = (kind: IssueKind): Limited | null => (kind === 'metadata' ? null : kind === 'large' ? 'large' : 'bad')

const words: Record<Limited, readonly [code: 'limit.bad-items' | 'limit.large-items', items: string]> = {
  bad: ['limit.bad-items', 'bad items'],
  large: ['limit.large-items', 'items that are too large'],
}

/** Counts what a user has lost against what may be lost. All pairs of connections of a pass share it. */
export class ItemLimits {
  readonly #max: Readonly<Record<Limited, number | null>>
  readonly #counts: Record<Limited, number> = { bad: 0, large: 0 }
  readonly #folders = new Map<string, number>()

  constructor({ badItemLimit, largeItemLimit }: PassRules, skipped: readonly ItemIssue[]) {
    this.#max = { bad: badItemLimit, large: largeItemLimit }
    for (const issue of skipped) this.#add(issue)
  }

  /** The fault of a user who has lost more than the limits of today allow, or null. */
  beyond(): Fault | null {
    return this.#fault('bad', 'there are more already') ?? this.#fault('large', 'there are more already')
  }

  /** Counts an issue that is new; returns the fault that it brings about, or null. */
  take(issue: ItemIssue, fault: Fault): Fault | null {
    const limited = this.#add(issue)
    const which = issue.sourceUid === wholeFolder ? '' : `message ${issue.sourceUid} in `
    return limited && this.#fault(limited, `${which}"${issue.folderPath.join('/')}" is one too many`, fault)
  }

  #add(issue: ItemIssue): Limited | null {
    const limited = limitOf(issueKind(issue))
    if (limited) this.#counts[limited] += this.#messagesOf(issue)
    return limited
  }

  /** A folder may be refused again in one pass: only what is new in it counts then. */
  #messagesOf({ sourceUid, folderPath, messages = 1 }: ItemIssue): number {
    if (sourceUid !== wholeFolder) return messages
    const key = JSON.stringify(folderPath)
    const before = this.#folders.get(key) ?? 0
    this.#folders.set(key, messages)
    return messages - before
  }

  #fault(limited: Limited, why: string, cause?: Fault): Fault | null {
    const max = this.#max[limited]
    if (max === null || this.#counts[limited] <= max) return null
    const [code, items] = words[limited]
    const side = cause?.side
    return new Fault(code, `Cannot go on, the limit is ${max} ${items}: ${why}`, { cause, ...(side && { side }) })
  }
}

/** Throws where the limits are exceeded from the start. Folders as a whole are asked for again, and count then. */
export async function readLimits({ rules, store, pair }: PassContext): Promise<ItemLimits> {
  const isLimited = rules.badItemLimit !== null || rules.largeItemLimit !== null
  const issues = isLimited ? await store.issues(pair) : []
  const standing = issues.filter((issue) => issue.sourceUid !== wholeFolder && !isAtLimit(issue) && isSkip(issue))
  const limits = new ItemLimits(rules, standing)
  const fault = limits.beyond()
  if (fault) throw fault
  return limits
}

/** What a verification missed is looked for again by every pass. */
const isSkip = (issue: ItemIssue): boolean => issueKind(issue) !== 'missing'
