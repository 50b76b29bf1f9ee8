import type { App } from '../app.ts'
import type { Batch } from '../domain/batch.ts'
import type { BatchStatus } from '../domain/status.ts'
import type { LiveProgress, User } from '../domain/user.ts'
import { userJson } from '../http/api/present.ts'
import { showBatch } from '../operations/batches.ts'
import { showUser } from '../operations/users.ts'
import type { Output } from './output.ts'
import type { Shell } from './shell.ts'

/** Statuses that a batch leaves by itself. */
const moving: readonly BatchStatus[] = ['syncing', 'incrementalSyncing', 'completing', 'stopping', 'removing']

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
  const tellBatch = batchTeller(output)
  const live = new Map<number, LiveProgress>()
  const settled = new Set<number>()
  const unsubscribe = app.hub.subscribe(batchId, ({ users }) => {
    for (const [id, progress] of users) progress === null ? settled.add(id) : live.set(id, progress)
  })
  try {
    for (;;) {
      const batch = await showBatch(app.context, batchId)
      await tellUsers(app, output, settled)
      if (!moving.includes(batch.status) || signal.aborted) return batch
      tellBatch(batch, [...live.values()])
      await shell.sleep(pollMs)
    }
  } finally {
    unsubscribe()
    output.progress('')
  }
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

/** Reads again the users that changed in the store, and tells of those that came to an end. */
async function tellUsers({ context }: App, output: Output, changed: Set<number>): Promise<void> {
  const ids = [...changed]
  changed.clear()
  for (const id of ids) {
    const user = await showUser(context, id)
    if (isSettled(user)) tellUser(output, user)
  }
}

const isSettled = ({ status }: User): boolean => /^(synced|completed|failed|stopped|.+Failed|.+Stopped)$/.test(status)

function tellUser(output: Output, user: User): void {
  output.event({ event: 'user', ...userJson(user) })
  if (output.format === 'table') output.say(`${user.emailAddress}: ${userWords(user)}`)
}

const userWords = ({ status, error, progress }: User): string =>
  error ? `${status}, ${error.message}` : `${status}, ${progress.copiedLastPass} copied`
