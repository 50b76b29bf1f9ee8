/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { Batch } from '../../src/domain/batch.ts'
import { counted } from '../format.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { Field } from '../parts/field.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { Submit } from '../parts/submit.tsx'

/** Asks for the name, because nothing brings a batch back. */
export const RemovalPage: FC<{ batch: Batch; refused: Refused | null }> = ({ batch, refused }) => (
  <Layout title={`Remove ${batch.name}`} place="batches">
    <Crumbs
      trail={[
        ['/batches', 'Batches'],
        [`/batches/${batch.id}`, batch.name],
      ]}
    />
    <div class="narrow">
      <h1>Remove the batch</h1>
      <p>
        This ends the work on {counted(batch.counts.total, 'mailbox', 'mailboxes')} and forgets their passwords and
        their report. Mail stays where it is on both servers, and what was copied stays known: a later batch of the same
        mailboxes copies nothing twice.
      </p>
      <form method="post" action={`/batches/${batch.id}/removal`}>
        <Problems refused={refused} />
        <Field name="name" label={`Type the name of the batch: ${batch.name}`} isRequired />
        <div class="actions">
          <Submit icon="trash" words="Remove the batch" look="danger" />
          <a class="button" href={`/batches/${batch.id}`}>
            Keep it
          </a>
        </div>
      </form>
    </div>
  </Layout>
)
