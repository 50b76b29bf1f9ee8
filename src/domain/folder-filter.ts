import type { CopyRules } from './batch-settings.ts'
import { foldersByRole } from './folder-role.ts'
import type { Folder, SpecialUse } from './mail.ts'

/** Folders that a pattern can name whatever they are called: by their role, else by the one name that Exchange gives them. */
const wellKnown: Readonly<Record<string, SpecialUse | 'inbox' | 'root' | 'name'>> = {
  root: 'root',
  inbox: 'inbox',
  sentitems: 'sent',
  deleteditems: 'trash',
  drafts: 'drafts',
  junkemail: 'junk',
  archive: 'archive',
  allitems: 'all',
  outbox: 'name',
  calendar: 'name',
  contacts: 'name',
  journal: 'name',
  tasks: 'name',
  notes: 'name',
}

interface Pattern {
  /** A name between hashes, in lower case; null where `path` is meant as it stands. */
  readonly known: string | null
  /** Levels in lower case, joined by `/`; below the well-known folder where there is one. */
  readonly path: string
  readonly isDeep: boolean
}

/**
 * Reads `Name`, `Name/Below`, `Name/*` (with all below it), `#Inbox#`, `#Inbox#/*`, `#Inbox#/Below`; a folder that is
 * really called `#Notes#` is written `\#Notes\#`. There are no other wildcards. Throws a sentence for who wrote it.
 */
function parsePattern(text: string): Pattern {
  const isDeep = text.endsWith('/*')
  const name = isDeep ? text.slice(0, -2) : text
  const [, word, below = ''] = /^#([A-Za-z]+)#(?:\/(.*))?$/s.exec(name) ?? []
  if (word === undefined && name.startsWith('#'))
    throw new Error(`"${text}" names no well-known folder: write \\#Name\\# for a folder that is called so`)
  if (word !== undefined && !Object.hasOwn(wellKnown, word.toLowerCase()))
    throw new Error(`There is no well-known folder #${word}#: known are ${Object.keys(wellKnown).join(', ')}`)
  const path = (word === undefined ? name : below).replaceAll('\\#', '#')
  if (word === undefined && path === '') throw new Error('A folder pattern is empty')
  return { known: word?.toLowerCase() ?? null, path: keyOf(path.split('/')), isDeep }
}

/** What is wrong with a pattern, or null. */
export function checkFolderPattern(text: string): string | null {
  try {
    parsePattern(text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const keyOf = (path: readonly string[]): string => path.join('/').normalize('NFC').toLowerCase()

/** Tells of the folders of one mailbox which move. Patterns have been checked. */
export function folderFilter(
  { includeFolders, excludeFolders }: Pick<CopyRules, 'includeFolders' | 'excludeFolders'>,
  folders: readonly Folder[],
): (folder: Folder) => boolean {
  if (includeFolders.length === 0 && excludeFolders.length === 0) return () => true
  const included = matcher(includeFolders, folders)
  const excluded = matcher(excludeFolders, folders)
  return (folder) => (includeFolders.length === 0 || included(folder)) && !excluded(folder)
}

function matcher(texts: readonly string[], folders: readonly Folder[]): (folder: Folder) => boolean {
  const patterns = texts.map(parsePattern).flatMap((pattern) => inPlace(pattern, folders))
  return ({ path }) => {
    const key = keyOf(path)
    return patterns.some(({ at, isDeep }) => key === at || (isDeep && (at === '' || key.startsWith(`${at}/`))))
  }
}

interface PlacedPattern {
  readonly at: string
  readonly isDeep: boolean
}

/** Where a pattern points in this mailbox; nowhere when the well-known folder is not there. */
function inPlace({ known, path, isDeep }: Pattern, folders: readonly Folder[]): readonly PlacedPattern[] {
  if (known === null) return [{ at: path, isDeep }]
  const base = placeOf(known, folders)
  if (base === null) return []
  return [{ at: [base, path].filter(Boolean).join('/'), isDeep }]
}

function placeOf(known: string, folders: readonly Folder[]): string | null {
  const role = wellKnown[known]
  if (role === 'root') return ''
  if (role === 'inbox' || role === 'name' || role === undefined) return known
  const folder = folders.find(({ specialUse }) => specialUse === role) ?? foldersByRole(folders).get(role)
  return folder ? keyOf(folder.path) : null
}
