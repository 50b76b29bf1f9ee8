/** @jsxImportSource hono/jsx */

import type { FC } from 'hono/jsx'
import { nameLengthMax } from '../../src/domain/batch.ts'
import type { Endpoint } from '../../src/domain/endpoint.ts'
import { Crumbs, Layout } from '../layout.tsx'
import { CsvFields } from '../parts/csv-fields.tsx'
import { Empty } from '../parts/empty.tsx'
import { Choice, Field, Group, Tick } from '../parts/field.tsx'
import { Problems, type Refused } from '../parts/problems.tsx'
import { Submit } from '../parts/submit.tsx'

/** What was typed, to be shown again: everything but the list. */
export interface BatchDraft {
  readonly name: string
  /** Id of an endpoint as text, or nothing chosen. */
  readonly sourceEndpoint: string
  readonly targetEndpoint: string
  readonly incrementalEveryHours: string
  readonly allowUnknownColumns: boolean
  readonly autoStart: boolean
}

export const emptyBatchDraft: BatchDraft = {
  name: '',
  sourceEndpoint: '',
  targetEndpoint: '',
  incrementalEveryHours: '24',
  allowUnknownColumns: false,
  autoStart: true,
}

interface NewBatchProps {
  draft: BatchDraft
  endpoints: readonly Endpoint[]
  refused: Refused | null
}

export const NewBatchPage: FC<NewBatchProps> = ({ draft, endpoints, refused }) => (
  <Layout title="New batch" place="batches">
    <Crumbs trail={[['/batches', 'Batches']]} />
    <h1>New batch</h1>
    {endpoints.length === 0 ? (
      <Empty
        title="Two servers come first"
        text="A batch moves mailboxes from one mail server to another. Begin by telling how to reach the first one."
        href="/endpoints/new"
        action="Add an endpoint"
      />
    ) : (
      <NewBatchForm draft={draft} endpoints={endpoints} refused={refused} />
    )}
  </Layout>
)

const NewBatchForm: FC<NewBatchProps> = ({ draft, endpoints, refused }) => {
  const options = [
    ['', 'Choose…'] as const,
    ...endpoints.map(({ id, name, server }) => [String(id), `${name} (${server.host})`] as const),
  ]
  return (
    <form
      method="post"
      action="/batches"
      enctype="multipart/form-data"
      hx-post="/batches"
      hx-target="#problems"
      hx-swap="outerMorph show:top"
    >
      <Problems refused={refused} />
      <Group title="Batch">
        <Field name="name" label="Name" value={draft.name} isRequired max={nameLengthMax} />
        <div class="pair">
          <Choice name="sourceEndpoint" label="From" options={options} value={draft.sourceEndpoint} isRequired />
          <Choice name="targetEndpoint" label="To" options={options} value={draft.targetEndpoint} isRequired />
        </div>
        {endpoints.length === 1 && (
          <p class="hint">
            There is one endpoint so far: <a href="/endpoints/new">add the other server</a>.
          </p>
        )}
      </Group>
      <CsvFields
        title="Mailboxes"
        hint="One line for each mailbox, below a line with the names of the columns: EmailAddress (where the mail goes), UserName and Password (sign-in at the source), TargetUserName where it is not the address, TargetPassword. A side where an administrator signs in needs no password here."
        example={'EmailAddress,UserName,Password,TargetPassword\nalice@example.org,alice,…,…'}
      />
      <Group title="Options">
        <Field
          name="incrementalEveryHours"
          label="Hours between passes"
          type="number"
          max={8760}
          value={draft.incrementalEveryHours}
          hint="After the first pass, what is new is brought over so often, until the batch is completed."
        />
        <Tick name="allowUnknownColumns" label="Pass over columns with other names" isOn={draft.allowUnknownColumns} />
        <Tick name="autoStart" label="Start at once" isOn={draft.autoStart} />
      </Group>
      <Submit icon="plus" words="Create the batch" look="primary" />
    </form>
  )
}
