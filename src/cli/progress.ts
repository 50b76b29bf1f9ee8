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
      tellBatch(output, batch, [...live.values()])
      await shell.sleep(pollMs)
    }
  } finally {
    unsubscribe()
    output.progress('')
  }
}

function tellBatch(output: Output, { counts }: Batch, live: readonly LiveProgress[]): void {
  const sum = (field: 'itemsDone' | 'itemsTotal' | 'bytesDone'): number =>
    live.reduce((all, one) => all + one[field], 0)
  const done = counts.total - counts.active - counts.pending
  output.progress(
    `${done} of ${counts.total} mailboxes · ${sum('itemsDone')} of ${sum('itemsTotal')} messages · ${megabytes(sum('bytesDone'))}`,
  )
  output.event({
    event: 'progress',
    mailboxesDone: done,
    mailboxesTotal: counts.total,
    mailboxesFailed: counts.failed,
    itemsDone: sum('itemsDone'),
    itemsTotal: sum('itemsTotal'),
    bytesDone: sum('bytesDone'),
  })
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
