import type { Account } from './account.ts'
import type { Folder } from './folder.ts'

/** A name that LIST can show: a folder, or a name that only has folders below it. */
export interface Entry {
  readonly name: string
  readonly folder: Folder | null
  readonly hasChildren: boolean
}

/** All names of an account, parents first, and `more` names of which nothing may be left. */
export function entries({ folders, layout }: Account, more: Iterable<string> = []): readonly Entry[] {
  const named = new Map<string, Entry>()
  const add = (name: string, change: Partial<Entry>) =>
    named.set(name, { name, folder: null, hasChildren: false, ...named.get(name), ...change })
  for (const folder of folders) {
    for (const parent of parents(folder.name, layout.separator)) add(parent, { hasChildren: true })
    add(folder.name, { folder })
  }
  for (const name of more) for (const each of [...parents(name, layout.separator), name]) add(each, {})
  return [...named.values()]
}

/** `a/b/c` gives `a` and `a/b`. */
export function parents(name: string, separator: string): readonly string[] {
  const parts = name.split(separator)
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(separator))
}
