import type { SpecialUse } from '../../../domain/mail.ts'
import type { Cursor } from './cursor.ts'

/** One LIST or LSUB response. */
export interface ListedFolder {
  readonly name: string
  readonly delimiter: string | null
  /** In lower case, with their backslash. */
  readonly attributes: ReadonlySet<string>
}

export function parseList(cursor: Cursor): ListedFolder {
  const attributes = new Set(cursor.parenthesised().toLowerCase().split(' '))
  cursor.space()
  const delimiter = cursor.string()
  cursor.space()
  return { name: cursor.name(), delimiter, attributes }
}

/** RFC 6154, section 2; RFC 8457. */
const specialUses: Readonly<Record<string, SpecialUse>> = {
  '\\all': 'all',
  '\\archive': 'archive',
  '\\drafts': 'drafts',
  '\\flagged': 'flagged',
  '\\important': 'important',
  '\\junk': 'junk',
  '\\sent': 'sent',
  '\\trash': 'trash',
}

export function specialUseOf({ attributes }: ListedFolder): SpecialUse | null {
  for (const attribute of attributes) if (specialUses[attribute]) return specialUses[attribute]
  return null
}

/** RFC 5258, section 3: what does not exist cannot be selected either. */
export const isSelectable = ({ attributes }: ListedFolder): boolean =>
  !attributes.has('\\noselect') && !attributes.has('\\nonexistent')

/** One STATUS response; null is what it does not tell. */
export interface StatusData {
  readonly name: string
  readonly messages: number | null
  readonly uidNext: number | null
  readonly uidValidity: number | null
  readonly highestModseq: bigint | null
  /** MAILBOXID (RFC 8474, section 4.3). */
  readonly id: string | null
}

type Draft = { -readonly [Key in keyof StatusData]: StatusData[Key] }

export const noStatusData: Omit<StatusData, 'name'> = {
  messages: null,
  uidNext: null,
  uidValidity: null,
  highestModseq: null,
  id: null,
}

const statusItems: Readonly<Record<string, (cursor: Cursor, data: Draft) => void>> = {
  MESSAGES: (cursor, data) => {
    data.messages = cursor.number()
  },
  UIDNEXT: (cursor, data) => {
    data.uidNext = cursor.number()
  },
  UIDVALIDITY: (cursor, data) => {
    data.uidValidity = cursor.number()
  },
  HIGHESTMODSEQ: (cursor, data) => {
    data.highestModseq = cursor.modseq()
  },
  MAILBOXID: (cursor, data) => {
    data.id = cursor.parenthesised()
  },
}

export function parseStatus(cursor: Cursor): StatusData {
  const data: Draft = { ...noStatusData, name: cursor.name() }
  cursor.space()
  cursor.list(() => {
    const item = cursor.keyword()
    cursor.space()
    const read = statusItems[item]
    if (read) read(cursor, data)
    else cursor.skipValue()
  })
  return data
}
