import type { BatchStatus } from '../domain/status.ts'
import type { ExitName } from './exit-codes.ts'
import { type Output, type Row, valueAt } from './output.ts'

/** How a watch ends at a status; null while the batch moves. */
const endings: Record<BatchStatus, ExitName | null> = {
  created: 'done',
  waiting: 'done',
  syncing: null,
  synced: 'done',
  syncedWithErrors: 'partial',
  incrementalSyncing: null,
  completing: null,
  needsApproval: 'needsApproval',
  completed: 'done',
  completedWithErrors: 'partial',
  stopping: null,
  stopped: 'done',
  failed: 'partial',
  removing: null,
}

/** Tells of each change of a batch until it rests. */
export async function followBatch(
  read: () => Promise<Row>,
  output: Output,
  pause: () => Promise<void>,
): Promise<ExitName> {
  let told = ''
  for (;;) {
    const batch = await read()
    const words = batchLine(batch)
    if (words !== told) output.event({ event: 'batch', ...batch })
    told = words
    const ending = endingOf(batch.status)
    if (ending !== null) {
      output.say(words)
      return ending
    }
    output.progress(words)
    await pause()
  }
}

/** A status that is not known ends the watch: this program is older than the server. */
const endingOf = (status: unknown): ExitName | null =>
  typeof status === 'string' && status in endings ? endings[status as BatchStatus] : 'unexpected'

function batchLine(batch: Row): string {
  const count = (name: string): number => Number(valueAt(batch, `counts.${name}`) ?? 0)
  const settled = count('synced') + count('completed')
  return (
    `${batch.name}: ${batch.status}, ${settled} of ${count('total')} mailboxes done, ` +
    `${count('active')} under way, ${count('failed')} failed`
  )
}
