import type { OutputFormat } from '../config.ts'
import type { Shell } from './shell.ts'
import { drawList, drawRow } from './table.ts'

/** A JSON object as an answer carries it. */
export type Row = Readonly<Record<string, unknown>>

/** A heading and where its value stands in a row: `counts.total` goes down one step. */
export type Column = readonly [heading: string, path: string]

/** Where a verb puts its answer. Data goes to the standard output in one of four forms, words to the standard error. */
export interface Output {
  readonly format: OutputFormat
  readonly list: (rows: readonly Row[], columns: readonly Column[]) => Promise<void>
  readonly row: (row: Row, columns: readonly Column[]) => Promise<void>
  /** One line of the answer as a person reads it: part of a table, beside the other forms. */
  readonly line: (text: string) => void
  /** A sentence for a person. */
  readonly say: (sentence: string) => void
  /** One thing that happened, as a line of ndjson; other forms leave it out. */
  readonly event: (event: Row) => void
  /** Replaces the line of progress on a terminal; elsewhere nothing is shown. An empty text clears it. */
  readonly progress: (text: string) => void
}

export function createOutput({ stdout, stderr }: Pick<Shell, 'stdout' | 'stderr'>, format: OutputFormat): Output {
  const hasLine = stderr.isTerminal && format === 'table'
  const progress = (text: string): void => {
    if (hasLine) stderr.write(`\r\u001b[2K${text.slice(0, stderr.columns - 1)}`)
  }
  const say = (sentence: string): void => {
    progress('')
    stderr.write(`${plain(sentence)}\n`)
  }
  return {
    format,
    list: async (rows, columns) => stdout.write(await listForms[format](rows, columns)),
    row: async (row, columns) => stdout.write(await rowForms[format](row, columns)),
    line(text) {
      if (format === 'table') stdout.write(`${plain(text)}\n`)
      else say(text)
    },
    say,
    event: (event) => {
      if (format === 'ndjson') stdout.write(line(event))
    },
    progress,
  }
}

type Form<T> = (value: T, columns: readonly Column[]) => string | Promise<string>

const listForms: Record<OutputFormat, Form<readonly Row[]>> = {
  table: (rows, columns) => drawList(headings(columns), cells(rows, columns)),
  json: (rows) => `${JSON.stringify(rows, null, 2)}\n`,
  ndjson: (rows) => rows.map(line).join(''),
  csv: writeCsv,
}

const rowForms: Record<OutputFormat, Form<Row>> = {
  table: (row, columns) => drawRow(headings(columns), cells([row], columns)[0] ?? []),
  json: (row) => `${JSON.stringify(row, null, 2)}\n`,
  ndjson: line,
  csv: (row, columns) => writeCsv([row], columns),
}

/** Formula cells are escaped: a spreadsheet must not run what a server or a CSV said. */
async function writeCsv(rows: readonly Row[], columns: readonly Column[]): Promise<string> {
  const { stringify } = await import('csv-stringify/sync')
  return stringify([headings(columns), ...cells(rows, columns)], { escape_formulas: true })
}

function line(row: Row): string {
  return `${JSON.stringify(row)}\n`
}

const headings = (columns: readonly Column[]): string[] => columns.map(([heading]) => heading)
const cells = (rows: readonly Row[], columns: readonly Column[]): string[][] =>
  rows.map((row) => columns.map(([, path]) => cell(valueAt(row, path))))

export function valueAt(row: Row, path: string): unknown {
  let value: unknown = row
  for (const step of path.split('.')) value = isRow(value) ? value[step] : undefined
  return value
}

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Text as a JSON object, or null. */
export function parseRow(text: string): Row | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRow(value) ? value : null
  } catch {
    return null
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  // The one kind of list in an answer is the path of a folder.
  return plain(Array.isArray(value) ? value.join('/') : isRow(value) ? JSON.stringify(value) : String(value))
}

/** Foreign text must not steer a terminal: control characters become spaces. */
export const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
