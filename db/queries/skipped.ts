import { type SQL, sql } from 'drizzle-orm'
import { type Approval, limitCodes } from '../../src/domain/consistency.ts'
import type { ItemIssue, PairKey } from '../../src/domain/sync-state.ts'
import type { Database } from '../client.ts'
import { type Places, prepared } from '../prepared.ts'
import { approvals, savedMessages } from '../schema/approvals.ts'
import { folders, issues, pairs } from '../schema/ledger.ts'
import { users } from '../schema/users.ts'

const code = sql`${issues.issue} ->> 'code'`
const messages = sql`coalesce(${issues.issue} ->> 'messages', 1)`
const uidValidity = sql`${folders.source} ->> 'uidValidity'`

/** Condition that an approval holds for an issue, in a statement that has issue and folder. */
const holds = sql`${approvals.folderId} = ${issues.folderId} and ${approvals.sourceUid} = ${issues.sourceUid}
  and ${approvals.uidValidity} = ${uidValidity} and ${approvals.code} = ${code} and ${approvals.messages} >= ${messages}`

/** Of words that are ours. */
const listed = (words: readonly string[]): SQL => sql.raw(words.map((word) => `'${word}'`).join(', '))

const isMetadata = sql`${code} = 'append.flags-lost'`

/** Condition that an issue still waits for somebody to approve it: it costs mail, and is not tried again by itself. */
export const isUnapproved = sql`${code} not in ('append.flags-lost', ${listed(limitCodes)})
  and not exists (select 1 from ${approvals} where ${holds})`

/** What the ledger knows of the loss of a mailbox. */
export interface KnownLoss {
  readonly pairId: number
  /** Messages of the folders that were settled. */
  readonly source: number
  readonly messages: number
  readonly issues: number
  readonly unapproved: number
}

/** Null for mailboxes that no pass has looked into. */
export async function readLoss(db: Database, pair: PairKey): Promise<KnownLoss | null> {
  const [[row]] = await db.read([selectLoss(db, pair)])
  if (row === undefined) return null
  const [pairId, source, messages, issues, unapproved] = row
  return { pairId, source, messages, issues, unapproved }
}

const selectLoss = prepared((query, { source, target }: Places<PairKey>) =>
  query.all<readonly [number, number, number, number, number]>(sql`select ${pairs.id},
    (select coalesce(sum(${folders.counts} ->> 'source'), 0) from ${folders} where ${folders.pairId} = ${pairs.id}),
    coalesce(sum(case when ${isMetadata} then 0 else ${messages} end) filter (where ${issues.sourceUid} is not null), 0),
    count(${issues.sourceUid}),
    count(${issues.sourceUid}) filter (where ${isUnapproved})
    from ${pairs} left join ${folders} on ${folders.pairId} = ${pairs.id}
      left join ${issues} on ${issues.folderId} = ${folders.id}
    where ${pairs.source} = ${source} and ${pairs.target} = ${target} group by ${pairs.id}`),
)

/** A skipped or failed item of a user. */
export interface SkippedRow {
  readonly userId: number
  readonly emailAddress: string
  readonly folderId: number
  readonly uidValidity: number
  readonly issue: ItemIssue
  readonly approval: Approval | null
  /** Of the saved content; null where none was saved. */
  readonly savedBytes: number | null
}

/** By user, folder and item; the one to go on after. */
export interface SkippedPlace {
  readonly userId: number
  readonly folderId: number
  readonly sourceUid: number
}

type Slice = SkippedPlace & { readonly limit: number }

/** Of all users of a batch, each as its last pass left it. */
export async function skippedOfBatch(db: Database, batchId: number, slice: Slice): Promise<readonly SkippedRow[]> {
  const [rows] = await db.read([selectOfBatch(db, { batchId, ...slice })])
  return rows.map(toRow)
}

/** Of one user, up to this moment. */
export async function skippedOfUser(
  db: Database,
  userId: number,
  pair: PairKey,
  slice: Slice,
): Promise<readonly SkippedRow[]> {
  const [rows] = await db.read([selectOfUser(db, { ...slice, ...pair, id: userId })])
  return rows.map(toRow)
}

type Raw = readonly [number, string, number, number, string, string | null, string | null, number | null, number | null]

/** `cross join` keeps SQLite to the order in which the tables stand: user by user, as they are listed. */
const selectRows = (query: Database['query'], pairId: SQL, which: SQL, after: Places<Slice>) =>
  query.all<Raw>(sql`select ${users.id}, ${users.emailAddress}, ${folders.id}, ${uidValidity}, ${issues.issue},
      ${approvals.approvedBy}, ${approvals.reason}, ${approvals.approvedAt}, ${savedMessages.sizeBytes}
    from ${users} cross join ${folders} on ${folders.pairId} = ${pairId} and ${folders.id} >=
        case when ${users.id} = ${after.userId} then ${after.folderId} else 0 end
      cross join ${issues} on ${issues.folderId} = ${folders.id} and ${issues.sourceUid} >
        case when ${users.id} = ${after.userId} and ${folders.id} = ${after.folderId} then ${after.sourceUid} else -1 end
      left join ${approvals} on ${holds}
      left join ${savedMessages} on ${savedMessages.userId} = ${users.id} and ${savedMessages.folderId} = ${folders.id}
        and ${savedMessages.sourceUid} = ${issues.sourceUid} and ${savedMessages.uidValidity} = ${uidValidity}
    where ${which} order by ${users.id}, ${folders.id}, ${issues.sourceUid} limit ${after.limit}`)

const selectOfBatch = prepared((query, places: Places<Slice & { batchId: number }>) =>
  selectRows(
    query,
    sql`${users.pairId}`,
    sql`${users.batchId} = ${places.batchId} and ${users.issues} > 0 and ${users.id} >= ${places.userId}`,
    places,
  ),
)

const selectOfUser = prepared((query, places: Places<Slice & PairKey & { id: number }>) =>
  selectRows(
    query,
    sql`(select ${pairs.id} from ${pairs} where ${pairs.source} = ${places.source} and ${pairs.target} = ${places.target})`,
    sql`${users.id} = ${places.id}`,
    places,
  ),
)

const toRow = ([userId, emailAddress, folderId, uidValidity, issue, by, reason, at, savedBytes]: Raw): SkippedRow => ({
  userId,
  emailAddress,
  folderId,
  uidValidity,
  issue: JSON.parse(issue),
  approval: by === null || reason === null || at === null ? null : { by, reason, at },
  savedBytes,
})
