/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import type { Batch, BatchTotals } from '../../src/domain/batch.ts'
import type { User } from '../../src/domain/user.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { Icon } from '../parts/icon.tsx'
import { directionLabel, isMoving } from './batch.ts'
import { BatchSummary } from './summary.tsx'
import { UserTable, type UserView, viewQuery } from './users.tsx'
import { Verification, type VerificationResult } from './verification.tsx'

interface BatchPageProps {
  batch: Batch
  totals: BatchTotals
  users: readonly User[]
  nextCursor: string | null
  view: UserView
  verification: VerificationResult
}

export const BatchPage: FC<BatchPageProps> = ({ batch, totals, users, nextCursor, view, verification }) => (
  <Layout
    title={batch.name}
    place="batches"
    refreshSeconds={view.isLive && (isMoving(batch) || verification.isRunning) ? 5 : null}
  >
    <Crumbs trail={[['/batches', 'Batches']]} />
    <h1>{batch.name}</h1>
    <p class="lead">
      <a href={`/endpoints/${batch.sourceEndpointId}`}>{batch.sourceEndpointName}</a> <Icon name="arrow" />
      <span class="unseen">to</span> <a href={`/endpoints/${batch.targetEndpointId}`}>{batch.targetEndpointName}</a>
      <span class="muted"> · {directionLabel[batch.direction]} · IMAP</span>
    </p>
    {view.isLive && <div hidden hx-sse:connect={`/batches/${batch.id}/events${viewQuery(view)}`} hx-sse:close="end" />}
    <BatchSummary batch={batch} totals={totals} />
    <UserTable batchId={batch.id} users={users} nextCursor={nextCursor} view={view} />
    <Verification batch={batch} result={verification} />
    <section aria-labelledby="more">
      <h2 id="more">More</h2>
      <ul class="links">
        <li>
          <a href={`/batches/${batch.id}/users/updates`}>Change user names and passwords by a CSV file</a>
        </li>
        <li>
          <a href={`/api/v1/batches/${batch.id}/report`} download={`batch-${batch.id}-report.json`}>
            Download the report (JSON)
          </a>
        </li>
      </ul>
    </section>
  </Layout>
)

/** What stands in place of a batch that was removed while its page was open. */
export const BatchGone: FC = () => (
  <div id="summary" class="empty" role="status">
    <p>
      <strong>The batch is removed.</strong> What it copied stays known, so that no later batch copies it again.
    </p>
    <p>
      <a href="/batches">To the batches</a>
    </p>
  </div>
)
