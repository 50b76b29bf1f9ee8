import type { App } from '../app.ts'
import type { Batch } from '../domain/batch.ts'
import type { BatchStatus } from '../domain/status.ts'
import type { LiveProgress, User } from '../domain/user.ts'
import { userSummary } from '../domain/user-status.ts'
import { userJson } from '../http/api/present.ts'
import { showBatch } from '../operations/batches.ts'
import { listUsers, showUser, type UserPage } from '../operations/users.ts'
import { watchChanges } from './changes.ts'
import type { Output } from './output.ts'
import type { Shell } from './shell.ts'

/** Statuses that a batch leaves by itself. */
const movingStatuses: readonly BatchStatus[] = ['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing']

export const isMoving = ({ status }: Batch): boolean => movingStatuses.includes(status)

/** One with many mailboxes under way changes all the time: so much time for each passes between two looks. */
export const gapMsPerMailbox = 5

export interface Follow {
  readonly app: App
  readonly shell: Shell
  readonly output: Output
  /** Ends the following early. */
  readonly signal: AbortSignal
}

/** Tells of a batch while it moves; resolves to the batch as it rests, or as it is when the signal is aborted. */
export async function followRun({ app, shell, output, signal }: Follow, batchId: number): Promise<Batch> {
  using changes = watchChanges(app.hub, batchId)
  const tellBatch = batchTeller(output)
  const tellUser = userTeller(output)
  try {
    for (;;) {
      const changed = changes.takeUsers()
      const batch = await showBatch(app.context, batchId)
      if (!isMoving(batch)) await tellAll(app, batch, tellUser)
      else for (const id of changed) tellUser(await showUser(app.context, id))
      if (!isMoving(batch) || signal.aborted) return batch
      tellBatch(batch, [...changes.live.values()])
      await changes.next(shell, gapMsPerMailbox * (batch.counts.active + batch.counts.pending))
    }
  } finally {
    output.progress('')
  }
}

/** At the end, so that nobody is missing. */
async function tellAll({ context }: App, { id }: Batch, tellUser: (user: User) => void): Promise<void> {
  let cursor: string | null = null
  do {
    const page: UserPage = await listUsers(context, id, { cursor, limit: 1000 })
    for (const user of page.items) tellUser(user)
    cursor = page.nextCursor
  } while (cursor !== null)
}

/** Says how far a batch is, as often as that changes. */
function batchTeller(output: Output): (batch: Batch, live: readonly LiveProgress[]) => void {
  let told = ''
  return ({ counts }, live) => {
    const sum = (field: 'itemsDone' | 'itemsTotal' | 'bytesDone'): number =>
      live.reduce((all, it) => all + it[field], 0)
    const far = {
      mailboxesDone: counts.total - counts.active - counts.pending,
      mailboxesTotal: counts.total,
      mailboxesFailed: counts.failed,
      itemsDone: sum('itemsDone'),
      itemsTotal: sum('itemsTotal'),
      bytesDone: sum('bytesDone'),
    }
    const words =
      `${far.mailboxesDone} of ${far.mailboxesTotal} mailboxes · ` +
      `${far.itemsDone} of ${far.itemsTotal} messages · ${megabytes(far.bytesDone)}`
    if (words !== told) output.event({ event: 'progress', ...far })
    told = words
    output.progress(words)
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Tells of each user once, when its pass has come to an end. */
function userTeller(output: Output): (user: User) => void {
  const told = new Set<number>()
  return (user) => {
    if (userSummary[user.status] === 'active' || told.has(user.id)) return
    told.add(user.id)
    output.event({ event: 'user', ...userJson(user) })
    if (output.format === 'table') output.say(`${user.emailAddress}: ${userWords(user)}`)
  }
}

/** What a pass copied is counted when it comes to its end. */
function userWords({ status, error, progress }: User): string {
  if (error) return `${status}, ${error.message}`
  return userSummary[status] === 'stopped' ? status : `${status}, ${progress.copiedLastPass} copied`
}
