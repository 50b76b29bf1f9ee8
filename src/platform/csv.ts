import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Refusal } from '../domain/refusal.ts'

/** One row as it stands in the file; `line` is where it begins, from 1. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

/** What is parsed before others get their turn: some milliseconds of work. */
const sliceBytes = 16 * 1024

/**
 * The rows of a CSV in order, the header first, empty lines left out; other work goes on in between.
 * Takes UTF-8 and UTF-16 with or without a byte order mark; commas, semicolons or tabs; quotes as in RFC 4180.
 * Throws a Refusal at the first place from which on the text has no sure meaning.
 */
export async function* readCsv(data: Uint8Array | string): AsyncGenerator<CsvRecord> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const encoding = encodingOf(bytes)
  const parser = parse({
    delimiter: delimiterOf(bytes, encoding),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
  })
  pipeline(Readable.from(decoded(bytes, encoding)), parser, () => {})
  let linesRead = 0
  let countedTwice = 0
  try {
    for await (const { record: cells, info } of parser) {
      // csv-parse counts lines at the end of a row, and a CRLF inside a cell twice.
      countedTwice += countOf(cells, /\r\n/g)
      linesRead = info.lines - countedTwice
      yield { line: linesRead - countOf(cells, /\r\n|\r|\n/g), cells }
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(error, linesRead, countedTwice) : error
  }
}

const countOf = (cells: readonly string[], pattern: RegExp): number =>
  cells.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0)

/** The byte order mark (RFC 3629, section 6); without one, text of mostly ASCII shows by where its zero bytes are. */
function encodingOf(bytes: Uint8Array): Encoding {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (bytes.length % 2 === 1 || second === undefined) return 'utf-8'
  if (first !== 0 && second === 0) return 'utf-16le'
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-8'
}

/** The one that stands most often in the first line outside of quotes. */
function delimiterOf(bytes: Uint8Array, encoding: Encoding): string {
  const head = new TextDecoder(encoding).decode(bytes.subarray(0, 4096))
  const [line = ''] = head
    .trimStart()
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1)
  const often = (delimiter: string) => line.split(delimiter).length
  return [',', ';', '\t'].reduce((best, next) => (often(next) > often(best) ? next : best))
}

async function* decoded(bytes: Uint8Array, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    const end = Math.min(start + sliceBytes, bytes.length)
    yield decodeSlice(decoder, bytes, start, end)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function decodeSlice(decoder: TextDecoder, bytes: Uint8Array, start: number, end: number): string {
  try {
    return decoder.decode(bytes.subarray(start, end), { stream: end < bytes.length })
  } catch (cause) {
    const line = bytes.subarray(0, end).filter((byte) => byte === 0x0a).length + 1
    const message = `The text is not ${decoder.encoding.toUpperCase()} at line ${line} or shortly before`
    throw refuse(line, `${message}: save the list as UTF-8`, cause)
  }
}

const sentences: Partial<Record<CsvError['code'], string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'A closing quote is followed by text: write a quote inside a cell twice',
  INVALID_OPENING_QUOTE: 'A quote stands in the middle of a cell: put the whole cell in quotes and write it twice',
}

function malformed(error: CsvError, linesRead: number, countedTwice: number): Refusal {
  // A quote that is never closed is noticed at the end of the text, but it stands in the row after the last whole one.
  const line = error.code === 'CSV_QUOTE_NOT_CLOSED' ? linesRead + 1 : Number(error.lines) - countedTwice
  return refuse(line, sentences[error.code] ?? 'The text is not CSV', error)
}

function refuse(line: number, message: string, cause: unknown): Refusal {
  const refusal = new Refusal('invalid', 'Cannot read the list', [{ line, column: null, message }])
  refusal.cause = cause
  return refusal
}
