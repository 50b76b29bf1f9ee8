import { formatNstring, formatString } from './grammar.ts'
import { type Field, fieldValue } from './header.ts'

/** ENVELOPE of RFC 3501, section 7.4.2. */
export function envelope(fields: readonly Field[]): string {
  const text = (name: string) => formatNstring(fieldValue(fields, name))
  const from = addressList(fieldValue(fields, 'From'))
  // The RFC lets the server put From where Sender or Reply-To are missing.
  const orFrom = (name: string) => addressList(fieldValue(fields, name) || fieldValue(fields, 'From'))
  const [to, cc, bcc] = ['To', 'Cc', 'Bcc'].map((name) => addressList(fieldValue(fields, name)))
  const people = [from, orFrom('Sender'), orFrom('Reply-To'), to, cc, bcc].join(' ')
  return `(${text('Date')} ${text('Subject')} ${people} ${text('In-Reply-To')} ${text('Message-ID')})`
}

/** Addresses with a display name, a route-free address, or groups, which are opened and closed by NIL hosts. */
function addressList(value: string | null): string {
  const addresses = value === null ? [] : splitList(value).map(address)
  return addresses.length === 0 ? 'NIL' : `(${addresses.join('')})`
}

/** At commas that stand in no quotes and no comment; a group's name and end stand for themselves. */
function splitList(value: string): readonly string[] {
  const parts =
    value.match(/[^\s",:;(<][^",:;(<]*:|;|(?:"(?:\\.|[^"\\])*"|\((?:\\.|[^)\\])*\)|<[^>]*>|[^",;(<])+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function address(part: string): string {
  if (part === ';') return '(NIL NIL NIL NIL)'
  if (part.endsWith(':')) return `(NIL NIL ${formatString(part.slice(0, -1).trim())} NIL)`
  const [, display = '', angle] = /^(.*?)<([^>]*)>/.exec(part) ?? []
  const spec = (angle ?? part.replace(/\([^)]*\)/g, '')).trim()
  const at = spec.lastIndexOf('@')
  const local = at < 0 ? spec : spec.slice(0, at)
  const host = at < 0 ? '' : spec.slice(at + 1)
  const name = display.trim().replace(/^"((?:\\.|[^"\\])*)"$/, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1'))
  return `(${formatNstring(name || null)} NIL ${formatString(local)} ${formatString(host)})`
}
