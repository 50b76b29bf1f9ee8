/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Batch, UserCounts } from '../../src/domain/batch.ts'
import { count, percentText } from '../format.ts'
import { Layout } from '../layout.tsx'
import { Empty } from '../parts/empty.tsx'
import { Figures } from '../parts/figures.tsx'
import { Icon } from '../parts/icon.tsx'
import { BatchBadge } from '../parts/status.tsx'
import { directionLabel, isMoving, settledUsers } from './batch.ts'

export const BatchListPage: FC<{ batches: readonly Batch[]; hasEndpoints: boolean }> = ({ batches, hasEndpoints }) => (
  <Layout title="Batches" place="batches" refreshSeconds={batches.some(isMoving) ? 5 : null}>
    <div class="title">
      <h1>Batches</h1>
      {batches.length > 0 && (
        <a class="button primary" href="/batches/new">
          <Icon name="plus" /> New batch
        </a>
      )}
    </div>
    {batches.length > 0 ? <BatchList batches={batches} /> : <NoBatches hasEndpoints={hasEndpoints} />}
  </Layout>
)

/** Refreshes itself: often while something moves, seldom otherwise. */
export const BatchList: FC<{ batches: readonly Batch[] }> = ({ batches }) => (
  <section
    id="batch-list"
    class="live"
    aria-label="All batches"
    hx-get="/batches"
    hx-trigger={batches.some(isMoving) ? 'every 2s' : 'every 15s'}
    hx-swap="outerMorph"
  >
    <Figures label="Mailboxes of all batches" items={totalFigures(batches.map((batch) => batch.counts))} />
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">Direction</th>
          <th scope="col">Status</th>
          {['Percentage synced', 'Total', 'Synced', 'Finalized', 'Failed'].map((words) => (
            <th scope="col" class="number">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {batches.map((batch) => (
          <BatchRow batch={batch} />
        ))}
      </tbody>
    </table>
  </section>
)

const BatchRow: FC<{ batch: Batch }> = ({ batch }) => (
  <tr id={`batch-${batch.id}`}>
    <th scope="row">
      <a href={`/batches/${batch.id}`}>{batch.name}</a>
    </th>
    <td data-label="Type">IMAP</td>
    <td data-label="Direction">{directionLabel[batch.direction]}</td>
    <td data-label="Status">
      <BatchBadge status={batch.status} />
    </td>
    <td data-label="Percentage synced" class="number">
      {percentText(settledUsers(batch.counts), batch.counts.total)}
    </td>
    <td data-label="Total" class="number">
      {count(batch.counts.total)}
    </td>
    <td data-label="Synced" class="number">
      {count(batch.counts.synced)}
    </td>
    <td data-label="Finalized" class="number">
      {count(batch.counts.completed)}
    </td>
    <td data-label="Failed" class={batch.counts.failed > 0 ? 'number bad' : 'number'}>
      {count(batch.counts.failed)}
    </td>
  </tr>
)

function totalFigures(all: readonly UserCounts[]) {
  const sum = (name: keyof UserCounts) => all.reduce((total, counts) => total + counts[name], 0)
  const failed = sum('failed')
  return [
    { label: 'Total', value: count(sum('total')) },
    { label: 'Synced', value: count(sum('synced')) },
    { label: 'Finalized', value: count(sum('completed')) },
    { label: 'Failed', value: count(failed), ...(failed > 0 && { tone: 'bad' as const }) },
  ]
}

const NoBatches: FC<{ hasEndpoints: boolean }> = ({ hasEndpoints }) =>
  hasEndpoints ? (
    <Empty
      title="No batch yet"
      text="A batch is a list of mailboxes that move together. It begins with a CSV file: one line for each mailbox."
      href="/batches/new"
      action="Make the first batch"
    />
  ) : (
    <Empty
      title="Two servers come first"
      text="A batch moves mailboxes from one mail server to another. Begin by telling how to reach the first one."
      href="/endpoints/new"
      action="Add an endpoint"
    />
  )
