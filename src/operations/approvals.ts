import { approveAll, approveAllOf, approveOne, completeFreed, countHeld } from '../../db/queries/approvals.ts'
import { type SkippedPlace, type SkippedRow, skippedOfBatch, skippedOfUser } from '../../db/queries/skipped.ts'
import { pairOf } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import { type Approval, issueKind } from '../domain/consistency.ts'
import { checkLine } from '../domain/field.ts'
import { Refusal } from '../domain/refusal.ts'
import type { User } from '../domain/user.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint, getUser } from './find.ts'

/** Why something may stay behind, and who says so. */
export interface GivenApproval {
  readonly reason: string
  /** The door that was used, with the name of a person where one was given. */
  readonly by: string
}

export interface Approved {
  /** Items that were approved now. */
  readonly items: number
  /** Users who still wait: they are Poor, and want each item approved. */
  readonly waitingUsers: number
}

/** A skipped item with what became of it. */
export type SkippedItem = Omit<SkippedRow, 'issue'> &
  SkippedRow['issue'] & { readonly kind: ReturnType<typeof issueKind> }

export interface SkippedPage {
  readonly items: readonly SkippedItem[]
  readonly nextCursor: string | null
}

/** All that was skipped of a batch up to now, and the completion of those who waited for it; but for Poor users. */
export async function approveBatch(
  context: Context,
  nameOrId: string | number,
  given: GivenApproval,
): Promise<Approved> {
  const { id } = await getBatch(context, nameOrId)
  return await inTurn(context, id, given, (approval) => approveAll(context.db, id, approval))
}

/** All that was skipped of one user up to now. One that is Poor is approved item by item. */
export async function approveUser(context: Context, id: number, given: GivenApproval): Promise<Approved> {
  const user = await getUser(context, id)
  return await inTurn(context, user.batchId, given, async (approval) => {
    refusePoor(await getUser(context, id))
    return await approveAllOf(context.db, id, approval)
  })
}

/** One skipped item. */
export async function approveItem(context: Context, place: SkippedPlace, given: GivenApproval): Promise<Approved> {
  const { batchId, emailAddress } = await getUser(context, place.userId)
  return await inTurn(context, batchId, given, async (approval) => {
    const items = await approveOne(context.db, place, approval)
    if (items > 0) return items
    throw new Refusal('not-found', `Cannot approve that item of "${emailAddress}": it is approved, or was not skipped`)
  })
}

function refusePoor({ emailAddress, consistency }: User): void {
  if (consistency !== 'poor') return
  const message = `Cannot approve all items of "${emailAddress}" at once: its consistency is Poor; approve each of them`
  throw new Refusal('needs-approval', message)
}

async function inTurn(
  context: Context,
  batchId: number,
  given: GivenApproval,
  approve: (approval: Approval) => Promise<number>,
): Promise<Approved> {
  const { db, clock } = context
  const approval = { ...checked(given), at: clock.now() }
  const approved = await context.turns.take(batchId, async () => {
    const items = await approve(approval)
    await goOn(context, await getBatch(context, batchId))
    return { items, waitingUsers: (await countHeld(db, batchId)).held }
  })
  context.changed({ batchId })
  context.wake()
  return approved
}

/** Who has nothing left to approve is completed, where the batch was asked to complete. */
async function goOn({ db, clock }: Context, batch: Batch): Promise<void> {
  const isAsked = batch.status === 'needsApproval' || batch.status === 'completing'
  if (isAsked && (await countHeld(db, batch.id)).freed > 0) await completeFreed(db, batch, clock.now())
}

function checked({ reason, by }: GivenApproval): GivenApproval {
  const problem =
    reason.trim() === ''
      ? 'A reason is needed'
      : (checkLine(reason) ?? (reason.length > 500 ? 'The reason is longer than 500 characters' : null))
  if (problem === null) return { reason: reason.trim(), by }
  throw new Refusal('invalid', `Cannot approve: ${problem}`, [{ line: null, column: 'reason', message: problem }])
}

const pageSize = 200

/** What was skipped of all users of a batch, some at a time. */
export async function skippedItems(
  context: Context,
  nameOrId: string | number,
  cursor: string | null = null,
): Promise<SkippedPage> {
  const { id } = await getBatch(context, nameOrId)
  return pageOf(await skippedOfBatch(context.db, id, { ...placeOf(cursor), limit: pageSize + 1 }))
}

/** What was skipped of one user. */
export async function skippedItemsOf(context: Context, id: number, cursor: string | null = null): Promise<SkippedPage> {
  const user = await getUser(context, id)
  const batch = await getBatch(context, user.batchId)
  const pair = pairOf(
    await getEndpoint(context, batch.sourceEndpointId),
    await getEndpoint(context, batch.targetEndpointId),
    user,
  )
  return pageOf(await skippedOfUser(context.db, id, pair, { ...placeOf(cursor), limit: pageSize + 1 }))
}

function pageOf(rows: readonly SkippedRow[]): SkippedPage {
  const items = rows.slice(0, pageSize).map(({ issue, ...row }) => ({ ...row, ...issue, kind: issueKind(issue) }))
  const last = items.at(-1)
  const hasMore = rows.length > pageSize && last !== undefined
  return { items, nextCursor: hasMore ? [last.userId, last.folderId, last.sourceUid].join('-') : null }
}

function placeOf(cursor: string | null): SkippedPlace {
  const [, userId = 0, folderId = 0, sourceUid = -1] = /^(\d{1,15})-(\d{1,15})-(\d{1,10})$/.exec(cursor ?? '') ?? []
  if (cursor !== null && userId === 0)
    throw new Refusal('invalid', 'Cannot list skipped items: the cursor is not one of ours')
  return { userId: Number(userId), folderId: Number(folderId), sourceUid: Number(sourceUid) }
}

/** The content of a skipped message that was kept aside. */
export async function savedMessage(
  context: Context,
  id: number,
  place: { readonly folderId: number; readonly uidValidity: number; readonly sourceUid: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { batchId, emailAddress } = await getUser(context, id)
  const content = await context.saved.read({ ...place, batchId, userId: id })
  if (content !== null) return content
  throw new Refusal('not-found', `Cannot find the message ${place.sourceUid} of "${emailAddress}": it was not kept`)
}
