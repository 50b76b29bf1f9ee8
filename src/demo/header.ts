import { Buffer } from 'node:buffer'

/** The length of the header with the empty line that ends it; all of a message that has none. */
export function headerLength(bytes: Uint8Array): number {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from) + 1
    if (end === 0) return bytes.length
    if (end - from === 1 || (end - from === 2 && bytes[from] === 13)) return end
    from = end
  }
  return bytes.length
}

export interface Field {
  readonly name: string
  /** The whole field, folded lines and line ends included, one character a byte. */
  readonly raw: string
}

/** The fields in order. Lines that belong to none have an empty name. */
export function headerFields(bytes: Uint8Array): readonly Field[] {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, headerLength(bytes)).toString('latin1')
  const lines = header.match(/[^\n]*\n(?:[ \t][^\n]*\n?)*|[^\n]+$/g) ?? []
  return lines
    .filter((raw) => raw !== '\r\n' && raw !== '\n')
    .map((raw) => ({ name: /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/.exec(raw)?.[1] ?? '', raw }))
}

/** The first field's value, unfolded (RFC 5322, section 2.2.3), or null. */
export function fieldValue(fields: readonly Field[], name: string): string | null {
  const field = fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!field) return null
  return field.raw
    .slice(field.raw.indexOf(':') + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim()
}
