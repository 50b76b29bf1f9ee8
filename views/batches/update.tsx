/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import type { Batch } from '../../src/domain/batch.ts'
import { counted } from '../format.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { CsvFields } from '../parts/csv-fields.tsx'
import { Icon } from '../parts/icon.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { Submit } from '../parts/submit.tsx'

/** `updated` is how many rows have just been changed, or null. */
export const UpdateUsersPage: FC<{ batch: Batch; refused: Refused | null; updated: number | null }> = ({
  batch,
  refused,
  updated,
}) => (
  <Layout title={`Change users of ${batch.name}`} place="batches">
    <Crumbs
      trail={[
        ['/batches', 'Batches'],
        [`/batches/${batch.id}`, batch.name],
      ]}
    />
    <h1>Change user names and passwords</h1>
    {updated !== null && (
      <p class="notice good" role="status">
        <Icon name="check" /> {counted(updated, 'mailbox', 'mailboxes')} changed.{' '}
        <a href={`/batches/${batch.id}`}>Back to the batch</a>
      </p>
    )}
    <form
      method="post"
      action={`/batches/${batch.id}/users/updates`}
      enctype="multipart/form-data"
      hx-post={`/batches/${batch.id}/users/updates`}
      hx-target="#problems"
      hx-swap="outerMorph show:top"
    >
      <Problems refused={refused} />
      <CsvFields
        title="Changes"
        hint="EmailAddress tells which mailbox is meant; empty cells change nothing. All lines are applied, or none."
        example={'EmailAddress,Password\nalice@example.org,…'}
      />
      <Submit icon="check" words="Apply the changes" look="primary" />
    </form>
  </Layout>
)
