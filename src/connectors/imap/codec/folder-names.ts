import { Buffer } from 'node:buffer'
import { decodeUtf7, encodeUtf7 } from '../../../domain/utf7.ts'

/** How a server names the folders of one mailbox. Names are wire names: one character a byte. */
export interface Layout {
  readonly delimiter: string | null
  /** What every folder's name but the inbox's begins with, such as `INBOX.`; mostly empty. */
  readonly prefix: string
  /** The folder in whose place the inbox stands, or null for INBOX itself. */
  readonly root: string | null
}

export const isInboxName = (name: string): boolean => name.toUpperCase() === 'INBOX'

const inboxPath = ['INBOX'] as const

/** The Unicode path of a wire name, without the prefix of the personal namespace. */
export function pathOf(name: string, { delimiter, prefix, root }: Layout): readonly string[] {
  if (root === null ? isInboxName(name) : name === root) return inboxPath
  const path = segments(name.startsWith(prefix) ? name.slice(prefix.length) : name, delimiter)
  // A folder that is called so but is not the inbox keeps its prefix, or two folders would have one path.
  const isMistakable = path.length === 1 && isInboxName(path[0] ?? '') && root === null && prefix !== ''
  return isMistakable ? segments(name, delimiter) : path
}

const segments = (name: string, delimiter: string | null): readonly string[] =>
  (delimiter === null ? [name] : name.split(delimiter)).map(unicodeName)

/** A name that spells no Unicode text stands for itself. */
function unicodeName(segment: string): string {
  const name = decodeUtf7(segment)
  if (name !== null) return name
  return /[\x80-\xff]/.test(segment) ? Buffer.from(segment, 'latin1').toString('utf8') : segment
}

/** The wire name of a path, or null where no folder can have it: a separator, CR, LF or NUL inside, an empty level. */
export function nameOf(path: readonly string[], { delimiter, prefix, root }: Layout): string | null {
  if (path.length === 1 && isInboxName(path[0] ?? '')) return root ?? 'INBOX'
  if (path.length === 0 || path.some((level) => !isLevel(level, delimiter))) return null
  if (delimiter === null && path.length > 1) return null
  return prefix + path.map(encodeUtf7).join(delimiter ?? '')
}

const isLevel = (level: string, delimiter: string | null): boolean =>
  level !== '' && !/[\0\r\n]/.test(level) && (delimiter === null || !level.includes(delimiter))
