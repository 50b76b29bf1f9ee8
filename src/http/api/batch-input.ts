import type { z } from '@hono/zod-openapi'
import { Refusal } from '../../domain/refusal.ts'
import type { BatchChanges, NewBatch } from '../../operations/batches.ts'
import { checkedList, type Form, readForm } from '../body.ts'
import type { Ctx } from '../environment.ts'
import { Declined } from '../problems.ts'
import { type batchChangesSchema, newBatchSchema } from './inputs.ts'
import { settingsChangesSchema, settingsFrom } from './settings-schema.ts'

const text = { type: 'string' as const }
const csvFile = { type: 'string' as const, contentMediaType: 'text/csv' }
const yes = { type: 'string' as const, enum: ['true', 'false'] }

/** The same batch by two content types: JSON with the list as text, or a form with the list as a file. */
export const batchContent = {
  'application/json': { schema: newBatchSchema },
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['name', 'csv'],
      properties: {
        name: text,
        sourceEndpoint: text,
        targetEndpoint: text,
        csv: csvFile,
        incrementalEveryMs: text,
        startAfter: text,
        completeAfter: text,
        settings: text,
        autoStart: yes,
        allowUnknownColumns: yes,
      },
    },
  },
}

/** A list alone: as it is, or as the file of a form. */
export const listContent = {
  'text/csv': { schema: text },
  'multipart/form-data': {
    schema: { type: 'object' as const, required: ['csv'], properties: { csv: csvFile } },
  },
}

/** Other content types, and JSON of another shape, were refused by the route. */
export async function readNewBatch(c: Ctx): Promise<NewBatch> {
  if (mediaType(c) === 'multipart/form-data') return fromForm(await readForm(c))
  const batch = newBatchSchema.parse(await c.req.json())
  return { ...batch, settings: settingsFrom(batch.settings ?? {}), csv: checkedList(batch.csv) }
}

/** Times of the rules become milliseconds; those of the batch stay text: only its zone tells what they mean. */
export const changesFrom = ({ settings, ...changes }: z.infer<typeof batchChangesSchema>): BatchChanges => ({
  ...changes,
  ...(settings && { settings: settingsFrom(settings) }),
})

export async function readList(c: Ctx): Promise<Uint8Array | string> {
  const type = mediaType(c)
  if (type === 'multipart/form-data') return (await readForm(c)).list('csv', 'csv')
  if (type === 'text/csv') return checkedList(new Uint8Array(await c.req.arrayBuffer()))
  throw new Declined('unsupported-media-type', 'Send text/csv or a form (multipart/form-data)')
}

const mediaType = (c: Ctx): string => (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** Settings as the JSON text that a form carries; a page's form sends none. */
function settingsText(text: string): z.infer<typeof settingsChangesSchema> {
  if (text === '') return {}
  const checked = settingsChangesSchema.safeParse(parsed(text))
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => ({
    line: null,
    column: ['settings', ...path].join('.'),
    message,
  }))
  throw new Refusal('invalid', 'The settings do not fit what is asked for here', problems)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function fromForm(form: Form): Promise<NewBatch> {
  const span = form.text('incrementalEveryMs')
  return {
    name: form.text('name'),
    sourceEndpoint: form.text('sourceEndpoint') || null,
    targetEndpoint: form.text('targetEndpoint') || null,
    csv: await form.list('csv', 'csv'),
    ...(span !== '' && { incrementalEveryMs: Number(span) }),
    startAfter: form.text('startAfter') || null,
    completeAfter: form.text('completeAfter') || null,
    settings: settingsFrom(settingsText(form.text('settings'))),
    autoStart: form.isOn('autoStart'),
    allowUnknownColumns: form.isOn('allowUnknownColumns'),
  }
}
