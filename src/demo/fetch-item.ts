import { Buffer } from 'node:buffer'
import { type Body, bytesBody, readBody } from './body.ts'
import type { Cursor, Parsing } from './cursor.ts'
import { envelope } from './envelope.ts'
import type { Message } from './folder.ts'
import { formatString } from './grammar.ts'
import { headerFields, headerLength } from './header.ts'
import { bad } from './refusal.ts'
import type { Selected } from './selected.ts'
import type { Session } from './session.ts'
import type { Extension } from './settings.ts'

/** One thing that FETCH tells of a message: short text, or bytes that travel as a literal. */
export type FetchItem =
  | { readonly label: string; readonly text: (message: Message, view: Selected) => string }
  | { readonly label: string; readonly setsSeen: boolean; readonly body: (message: Message) => Body | null }

interface TextItem {
  readonly extension?: Extension
  readonly text: (message: Message, view: Selected) => string
}

const textItems: Readonly<Record<string, TextItem>> = {
  UID: { text: ({ uid }) => `${uid}` },
  FLAGS: { text: (message, view) => view.flagsOf(message) },
  INTERNALDATE: { text: ({ internalDate }) => `"${internalDate}"` },
  'RFC822.SIZE': { text: ({ body }) => `${body.sizeBytes}` },
  ENVELOPE: { text: ({ body }) => envelope(headerFields(readBody(body))) },
  MODSEQ: { extension: 'CONDSTORE', text: ({ modseq }) => `(${modseq})` },
  EMAILID: { extension: 'OBJECTID', text: ({ emailId }) => `(${emailId})` },
  THREADID: { extension: 'OBJECTID', text: () => 'NIL' },
}

const macros: Readonly<Record<string, readonly string[]>> = {
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
}

const wholeItems: Readonly<Record<string, { readonly setsSeen: boolean; readonly part: SectionPart }>> = {
  RFC822: { setsSeen: true, part: 'ALL' },
  'RFC822.HEADER': { setsSeen: false, part: 'HEADER' },
  'RFC822.TEXT': { setsSeen: true, part: 'TEXT' },
}

/** A macro, one item, or a list of items (RFC 3501, section 6.4.5). */
export function* fetchItems(cursor: Cursor, session: Session): Parsing<readonly FetchItem[]> {
  if (!cursor.skips('(')) {
    const name = itemName(cursor)
    return macros[name]?.map((item) => textItem(item, session)) ?? [yield* fetchItem(name, cursor, session)]
  }
  const items = [yield* fetchItem(itemName(cursor), cursor, session)]
  while (cursor.skips(' ')) items.push(yield* fetchItem(itemName(cursor), cursor, session))
  cursor.expect(')')
  return items
}

const itemName = (cursor: Cursor): string => cursor.take(/[A-Za-z0-9.]+/y, 'a FETCH item').toUpperCase()

function* fetchItem(name: string, cursor: Cursor, session: Session): Parsing<FetchItem> {
  const whole = wholeItems[name]
  if (whole) return { label: name, setsSeen: whole.setsSeen, body: (message) => sections[whole.part](message.body) }
  if ((name === 'BODY' || name === 'BODY.PEEK') && cursor.skips('[')) return yield* section(name, cursor)
  return textItem(name, session)
}

export function textItem(name: string, session: Session): FetchItem {
  const item = textItems[name]
  if (!item || (item.extension && !session.has(item.extension))) throw bad(`Unknown FETCH item ${name}`)
  return { label: name, text: item.text }
}

type SectionPart = 'ALL' | 'HEADER' | 'TEXT'

const sections: Record<SectionPart, (body: Body) => Body> = {
  ALL: (body) => body,
  HEADER: (body) => sliced(body, (bytes) => bytes.subarray(0, headerLength(bytes))),
  TEXT: (body) => sliced(body, (bytes) => bytes.subarray(headerLength(bytes))),
}

const sliced = (body: Body, slice: (bytes: Uint8Array) => Uint8Array): Body => bytesBody(slice(readBody(body)))

/** `section` and `<first.count>` behind `BODY[`. */
function* section(name: string, cursor: Cursor): Parsing<FetchItem> {
  const { text, read } = yield* sectionSpec(cursor)
  cursor.expect(']')
  const partial = cursor.isBefore('<') ? partialRange(cursor) : null
  return {
    label: `BODY[${text}]${partial ? `<${partial.first}>` : ''}`,
    setsSeen: name === 'BODY',
    body: ({ body }) => {
      const { first, count } = partial ?? { first: 0, count: body.sizeBytes }
      return partial ? sliced(read(body), (bytes) => bytes.subarray(first, first + count)) : read(body)
    },
  }
}

interface SectionSpec {
  readonly text: string
  readonly read: (body: Body) => Body
}

function* sectionSpec(cursor: Cursor): Parsing<SectionSpec> {
  if (cursor.isBefore(']')) return { text: '', read: sections.ALL }
  const text = cursor.take(/[A-Za-z.]+/y, 'a section').toUpperCase()
  if (text === 'HEADER' || text === 'TEXT') return { text, read: sections[text] }
  if (text !== 'HEADER.FIELDS' && text !== 'HEADER.FIELDS.NOT') throw bad(`Unknown section ${text}`)
  cursor.expect(' (')
  const names = [yield* cursor.astring()]
  while (cursor.skips(' ')) names.push(yield* cursor.astring())
  cursor.expect(')')
  const chosen = new Set(names.map((field) => field.toLowerCase()))
  const isChosen = (field: string) => chosen.has(field.toLowerCase()) === (text === 'HEADER.FIELDS')
  return { text: `${text} (${names.map(formatField).join(' ')})`, read: (body) => chooseFields(body, isChosen) }
}

const formatField = (name: string): string => (/^[A-Za-z0-9-]+$/.test(name) ? name : formatString(name))

/** With the empty line behind them (RFC 3501, section 6.4.5). */
function chooseFields(body: Body, isChosen: (name: string) => boolean): Body {
  const fields = headerFields(readBody(body)).filter(({ name }) => isChosen(name))
  return bytesBody(Buffer.from(`${fields.map(({ raw }) => raw).join('')}\r\n`, 'latin1'))
}

function partialRange(cursor: Cursor): { first: number; count: number } {
  cursor.expect('<')
  const first = cursor.number()
  cursor.expect('.')
  const count = cursor.number()
  cursor.expect('>')
  if (count === 0) throw bad('A partial range needs a length')
  return { first, count }
}
