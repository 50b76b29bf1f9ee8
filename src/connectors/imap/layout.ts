import { encodeUtf7 } from '../../domain/utf7.ts'
import { parseList } from './codec/folder-data.ts'
import { type Layout, pathOf } from './codec/folder-names.ts'
import type { Namespace, Namespaces } from './namespaces.ts'
import type { Session } from './session.ts'

/** How the mailbox names its folders. Its own namespace only; below the user's root where there is one. */
export async function learnLayout(session: Session): Promise<Layout> {
  const { prefix, delimiter } = await personalSpace(session)
  if (session.userRoot === null) return { prefix, delimiter, root: null }
  const root = rootName(session.userRoot, delimiter)
  return { prefix: root + (delimiter ?? ''), delimiter, root }
}

/** Without NAMESPACE, or where it names no personal one, LIST tells enough. */
async function personalSpace(session: Session): Promise<Namespace> {
  const { personal } = await session.namespaces
  return personal[0] ?? (await askDelimiter(session))
}

/** LIST with an empty pattern tells the delimiter only (RFC 3501, section 6.3.8). */
async function askDelimiter(session: Session): Promise<Namespace> {
  let delimiter: string | null = null
  await session.ask(['LIST "" ""'], 'other', 'Cannot learn how folders are named', {
    onUntagged({ keyword, cursor }) {
      if (keyword === 'LIST') delimiter = parseList(cursor).delimiter
      return keyword === 'LIST'
    },
  })
  return { prefix: '', delimiter }
}

/** An admin may write the root with slashes, whatever the server's own delimiter is. */
function rootName(userRoot: string, delimiter: string | null): string {
  const mark = delimiter !== null && userRoot.includes(delimiter) ? delimiter : '/'
  const levels = userRoot.split(mark).filter((level) => level !== '')
  return levels.map(encodeUtf7).join(delimiter ?? '')
}

/** Whether a folder belongs to the mailbox: the namespace with the longest prefix that fits must be a personal one. */
export function isOwn(name: string, { root, delimiter }: Layout, { personal, foreign }: Namespaces): boolean {
  if (root !== null) return name === root || name.startsWith(root + (delimiter ?? ''))
  const longest = (spaces: readonly Namespace[]): number =>
    Math.max(-1, ...spaces.map(({ prefix }) => (name.startsWith(prefix) ? prefix.length : -1)))
  return name.toUpperCase() === 'INBOX' || foreign.length === 0 || longest(personal) > longest(foreign)
}

/** Where an inbox stands below the root, the root itself is just the folder that holds it. */
export function withInbox(layout: Layout, names: Iterable<string>): Layout {
  const { root, prefix } = layout
  if (root === null) return layout
  const inbox = [...names].find((name) => name.toUpperCase() === `${prefix}INBOX`.toUpperCase())
  return inbox === undefined ? layout : { ...layout, root: inbox }
}

/** The folder below which everything lies, without the delimiter behind it. */
export const bareRoot = ({ prefix, delimiter }: Layout): string =>
  delimiter === null ? prefix : prefix.slice(0, -delimiter.length)

/** The path of a folder; that of a root that has an inbox below it is its last level. */
export function pathIn(layout: Layout, name: string): readonly string[] {
  const isHolder = layout.root !== null && name === bareRoot(layout) && name !== layout.root
  return isHolder ? pathOf(name, { ...layout, prefix: '', root: null }).slice(-1) : pathOf(name, layout)
}
