import type { App } from '../app.ts'
import type { Batch } from '../domain/batch.ts'
import type { BatchStatus } from '../domain/status.ts'
import type { LiveProgress, User } from '../domain/user.ts'
import { userSummary } from '../domain/user-status.ts'
import { userJson } from '../http/api/present.ts'
import { showBatch } from '../operations/batches.ts'
import { listUsers, showUser, type UserPage } from '../operations/users.ts'
import type { Output } from './output.ts'
import type { Shell } from './shell.ts'

/** Statuses that a batch leaves by itself. */
const movingStatuses: readonly BatchStatus[] = ['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing']

export const isMoving = ({ status }: Batch): boolean => movingStatuses.includes(status)

/** How often a batch is looked at. */
export const pollMs = 200

export interface Follow {
  readonly app: App
  readonly shell: Shell
  readonly output: Output
  /** Ends the following early. */
  readonly signal: AbortSignal
}

/** Tells of a batch while it moves; resolves to the batch as it rests, or as it is when the signal is aborted. */
export async function followRun({ app, shell, output, signal }: Follow, batchId: number): Promise<Batch> {
  const live = new Map<number, LiveProgress>()
  const changed = new Set<number>()
  const unsubscribe = app.hub.subscribe(batchId, ({ users }) => {
    for (const [id, progress] of users) progress === null ? changed.add(id) : live.set(id, progress)
  })
  const tellBatch = batchTeller(output)
  const tellUser = userTeller(output)
  try {
    for (;;) {
      const batch = await showBatch(app.context, batchId)
      for (const id of take(changed)) tellUser(await showUser(app.context, id))
      if (!isMoving(batch)) await tellRest(app, batch, tellUser)
      if (!isMoving(batch) || signal.aborted) return batch
      tellBatch(batch, [...live.values()])
      await shell.sleep(pollMs)
    }
  } finally {
    unsubscribe()
    output.progress('')
  }
}

function take(ids: Set<number>): readonly number[] {
  const taken = [...ids]
  ids.clear()
  return taken
}

/** Changes are gathered for a while before they are told of: the last ones may be missing. */
async function tellRest({ context }: App, { id }: Batch, tellUser: (user: User) => void): Promise<void> {
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
