/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Batch, BatchTotals } from '../../src/domain/batch.ts'
import { isBalanced } from '../../src/domain/sync-state.ts'
import { bytes, count, counted, duration, percent } from '../format.ts'
import { ProgressBar } from '../parts/bar.tsx'
import { Equation } from '../parts/equation.tsx'
import { Figures } from '../parts/figures.tsx'
import { BatchBadge, batchStatusLabel } from '../parts/status.tsx'
import { Time } from '../parts/time.tsx'
import { BatchActions } from './actions.tsx'
import { settledUsers } from './batch.ts'

/** Everything of a batch's page that moves, but its users. */
export const BatchSummary: FC<{ batch: Batch; totals: BatchTotals }> = ({ batch, totals }) => (
  <div id="summary" class="live">
    <div class="row">
      <BatchBadge status={batch.status} />
      <BatchActions batch={batch} />
    </div>
    <p role="status" class="unseen">
      {`The batch is ${batchStatusLabel(batch.status).toLowerCase()}`}
    </p>
    <Progress batch={batch} totals={totals} />
    <Dates batch={batch} />
    <section aria-labelledby="equation">
      <h2 id="equation">Where every item is</h2>
      {totals.counts.source > 0 ? (
        <>
          <Equation counts={totals.counts} isBalanced={isBalanced(totals.counts)} />
          {settledUsers(batch.counts) < batch.counts.total && (
            <p class="muted">A mailbox counts here from the end of its first pass on.</p>
          )}
        </>
      ) : (
        <p class="muted">Known when the first mailbox has ended its first pass.</p>
      )}
    </section>
  </div>
)

const Progress: FC<{ batch: Batch; totals: BatchTotals }> = ({ batch, totals }) => {
  const { counts } = batch
  const share = shareDone(batch, totals)
  return (
    <section class="panel" aria-label="Progress">
      <p class="row">
        <strong class="share">{share} %</strong>
        <span class="muted">
          {bytes(totals.bytesDone)} of {bytes(totals.bytesTotal)} · {count(totals.itemsDone)} of{' '}
          {counted(totals.itemsTotal, 'message')}
          {totals.usersKnown < counts.total && ` · ${count(totals.usersKnown)} of ${mailboxes(counts.total)} counted`}
        </span>
      </p>
      <ProgressBar label="Copied, by size" done={share} total={100} tone={share === 100 ? 'good' : 'busy'} />
      <Figures
        label="Mailboxes of this batch"
        items={[
          { label: 'Total', value: count(counts.total) },
          { label: 'Not started', value: count(counts.pending) },
          { label: 'Under way', value: count(counts.active) },
          { label: 'Synced', value: count(counts.synced) },
          { label: 'Finalized', value: count(counts.completed) },
          { label: 'Stopped', value: count(counts.stopped) },
          { label: 'Failed', value: count(counts.failed), ...(counts.failed > 0 && { tone: 'bad' }) },
        ]}
      />
    </section>
  )
}

/** By size. A mailbox that was not counted yet is taken to be like those that were. */
function shareDone({ counts }: Batch, { bytesDone, bytesTotal, usersKnown }: BatchTotals): number {
  if (counts.total > 0 && settledUsers(counts) === counts.total) return 100
  return Math.min(percent(bytesDone * usersKnown, bytesTotal * counts.total) ?? 0, 99)
}

const mailboxes = (value: number): string => counted(value, 'mailbox', 'mailboxes')

const Dates: FC<{ batch: Batch }> = ({ batch }) => (
  <dl class="facts">
    <Fact name="Created" at={batch.createdAt} />
    <Fact name="Started" at={batch.startedAt} />
    <Fact name="Initial sync ended" at={batch.initialSyncedAt} />
    <Fact name="Last synced" at={batch.lastSyncedAt} />
    {batch.completedAt === null ? (
      <Fact name={`Next pass (every ${duration(batch.incrementalEveryMs)})`} at={batch.nextPassAt} />
    ) : (
      <Fact name="Completed" at={batch.completedAt} />
    )}
  </dl>
)

const Fact: FC<{ name: string; at: number | null }> = ({ name, at }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <Time at={at} />
    </dd>
  </div>
)
