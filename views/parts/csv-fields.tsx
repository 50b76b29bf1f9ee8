/** @jsxImportSource hono/jsx */
import type { FC } from 'hono/jsx'
import { Field, Group, TextArea } from './field.tsx'

/**
 * A list by file or by paste. What was pasted is never written back into the page, because passwords stand in it:
 * with scripts on the page stays and so does the text, without them it is pasted again.
 */
export const CsvFields: FC<{ title: string; hint: string; example: string }> = ({ title, hint, example }) => (
  <Group title={title} hint={hint}>
    <Field name="csvFile" label="CSV file" type="file" accept=".csv,.txt,text/csv,text/plain" />
    <TextArea name="csvText" label="or paste its lines here" rows={7} placeholder={example} />
  </Group>
)
