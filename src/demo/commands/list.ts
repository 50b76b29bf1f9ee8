import type { Account } from '../account.ts'
import { type CommandTable, signedIn } from '../command.ts'
import type { Cursor, Parsing } from '../cursor.ts'
import type { Folder } from '../folder.ts'
import { formatMailbox, formatString, list } from '../grammar.ts'
import { matchesPattern } from '../list-pattern.ts'
import { bad } from '../refusal.ts'
import type { Session } from '../session.ts'
import { specialUseAttribute } from '../special-use.ts'
import { account } from './account.ts'
import { statusItemList, tellStatus } from './status.ts'

export const listCommands: CommandTable = {
  LIST: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const isExtended = session.has('LIST-EXTENDED')
      const selection = isExtended && cursor.isBefore('(') ? selectionOptions(cursor) : null
      if (selection) cursor.space()
      const reference = yield* cursor.astring()
      cursor.space()
      const patterns = isExtended && cursor.isBefore('(') ? yield* patternList(cursor) : [yield* cursor.listMailbox()]
      const returns = cursor.isAtEnd ? noReturns : returnOptions(cursor, session)
      cursor.end()
      const request: ListRequest = { patterns: patterns.map((pattern) => reference + pattern), selection, returns }
      return () => {
        if (patterns.join('') === '') tellRoot(session, reference)
        else tellList(session, request)
        return 'List completed'
      }
    },
  },
  LSUB: {
    states: signedIn,
    *parse(cursor, session) {
      cursor.space()
      const reference = yield* cursor.astring()
      cursor.space()
      const pattern = reference + (yield* cursor.listMailbox())
      cursor.end()
      return () => {
        tellSubscribed(session, pattern)
        return 'Lsub completed'
      }
    },
  },
  NAMESPACE: {
    states: signedIn,
    extension: 'NAMESPACE',
    parse(cursor, session) {
      cursor.end()
      return () => {
        const { personalPrefix, separator } = account(session).layout
        session.untagged(`NAMESPACE ((${formatString(personalPrefix)} ${formatString(separator)})) NIL NIL`)
        return 'Namespace completed'
      }
    },
  },
}

type SelectionOption = 'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'

interface Returns {
  readonly subscribed: boolean
  readonly children: boolean
  readonly specialUse: boolean
  readonly status: readonly string[] | null
}

interface ListRequest {
  readonly patterns: readonly string[]
  /** Null for the plain LIST of RFC 3501. */
  readonly selection: readonly SelectionOption[] | null
  readonly returns: Returns
}

const noReturns: Returns = { subscribed: false, children: false, specialUse: false, status: null }

const selectionNames: readonly string[] = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']

function selectionOptions(cursor: Cursor): readonly SelectionOption[] {
  const options = list(cursor, () => cursor.keyword('a selection option'), 'mayBeEmpty')
  const unknown = options.find((option) => !selectionNames.includes(option))
  if (unknown !== undefined) throw bad(`Unknown selection option ${unknown}`)
  const isAlone = options.every((option) => option === 'RECURSIVEMATCH' || option === 'REMOTE')
  // RFC 5258, section 3.1.
  if (options.includes('RECURSIVEMATCH') && isAlone) throw bad('RECURSIVEMATCH needs another selection option')
  return options as SelectionOption[]
}

function* patternList(cursor: Cursor): Parsing<readonly string[]> {
  cursor.expect('(')
  const patterns = [yield* cursor.listMailbox()]
  while (cursor.skips(' ')) patterns.push(yield* cursor.listMailbox())
  cursor.expect(')')
  return patterns
}

function returnOptions(cursor: Cursor, session: Session): Returns {
  cursor.space()
  if (!session.has('LIST-EXTENDED') || cursor.keyword() !== 'RETURN') throw bad('Expected the end of the line')
  cursor.space()
  const options = list(cursor, () => returnOption(cursor, session), 'mayBeEmpty')
  return Object.assign({}, noReturns, ...options)
}

function returnOption(cursor: Cursor, session: Session): Partial<Returns> {
  const name = cursor.keyword('a return option')
  if (name === 'SUBSCRIBED') return { subscribed: true }
  if (name === 'CHILDREN') return { children: true }
  if (name === 'SPECIAL-USE' && session.has('SPECIAL-USE')) return { specialUse: true }
  if (name !== 'STATUS' || !session.has('LIST-STATUS')) throw bad(`Unknown return option ${name}`)
  cursor.space()
  return { status: statusItemList(cursor, session) }
}

/** A name that LIST can show: a folder, or a name that only has folders below it. */
interface Entry {
  readonly name: string
  readonly folder: Folder | null
  readonly hasChildren: boolean
}

/** All names of an account, parents first, and `more` names of which nothing may be left. */
function entries({ folders, layout }: Account, more: Iterable<string> = []): readonly Entry[] {
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
function parents(name: string, separator: string): readonly string[] {
  const parts = name.split(separator)
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(separator))
}

/** An empty pattern asks for the separator and the root of the reference (RFC 3501, section 6.3.8). */
function tellRoot(session: Session, reference: string): void {
  const { separator } = account(session).layout
  const root = reference.includes(separator) ? reference.slice(0, reference.indexOf(separator) + 1) : ''
  session.untagged(`LIST (\\Noselect) ${formatString(separator)} ${formatString(root)}`)
}

function tellList(session: Session, { patterns, selection, returns }: ListRequest): void {
  const owner = account(session)
  const wants = (option: SelectionOption) => selection?.includes(option) ?? false
  const isSelected = ({ name, folder }: Entry) =>
    (!wants('SUBSCRIBED') || owner.subscriptions.has(name)) && (!wants('SPECIAL-USE') || folder?.specialUse != null)
  const all = entries(owner, wants('SUBSCRIBED') ? owner.subscriptions : [])
  const above = wants('RECURSIVEMATCH') ? namesAbove(all.filter(isSelected), owner) : new Set<string>()
  const isAttributed = { ...returns, subscribed: returns.subscribed || wants('SUBSCRIBED') }
  for (const entry of all) {
    const isAbove = above.has(entry.name)
    if (!isSelected(entry) && !isAbove) continue
    if (!patterns.some((pattern) => matches(entry.name, pattern, owner))) continue
    // RFC 5258, section 3.5.
    const more = isAbove && wants('SUBSCRIBED') ? ' ("CHILDINFO" ("SUBSCRIBED"))' : ''
    tellEntry(session, 'LIST', entry.name, attributesOf(session, entry, isAttributed), more)
    if (returns.status && entry.folder) tellStatus(session, entry.folder, returns.status)
  }
}

const namesAbove = (chosen: readonly Entry[], { layout }: Account): ReadonlySet<string> =>
  new Set(chosen.flatMap(({ name }) => parents(name, layout.separator)))

function attributesOf(session: Session, { name, folder, hasChildren }: Entry, returns: Returns): readonly string[] {
  const attributes = folder ? [] : [hasChildren || !session.has('LIST-EXTENDED') ? '\\Noselect' : '\\NonExistent']
  if (session.has('CHILDREN') || returns.children) attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren')
  if (returns.subscribed && account(session).subscriptions.has(name)) attributes.push('\\Subscribed')
  // Told to a plain LIST as well, which RFC 6154, section 2, allows.
  if (session.has('SPECIAL-USE') && folder?.specialUse) attributes.push(specialUseAttribute(folder.specialUse))
  return attributes
}

function tellEntry(session: Session, word: string, name: string, attributes: readonly string[], more = ''): void {
  const separator = formatString(account(session).layout.separator)
  session.untagged(`${word} (${attributes.join(' ')}) ${separator} ${formatMailbox(name)}${more}`)
}

/** A subscribed name below a `%` shows as its \Noselect parent (RFC 3501, section 6.3.9). */
function tellSubscribed(session: Session, pattern: string): void {
  const owner = account(session)
  const told = new Set<string>()
  for (const name of owner.subscriptions) {
    const isListed = matches(name, pattern, owner)
    const parent = parents(name, owner.layout.separator).findLast((parent) => matches(parent, pattern, owner))
    const shown = isListed ? name : parent
    if (shown === undefined || told.has(shown)) continue
    told.add(shown)
    const isNoselect = !owner.subscriptions.has(shown) || !owner.folder(shown)
    tellEntry(session, 'LSUB', shown, isNoselect ? ['\\Noselect'] : [])
  }
}

function matches(name: string, pattern: string, { layout }: Account): boolean {
  if (name === 'INBOX') return matchesPattern(name, pattern.toUpperCase(), layout.separator)
  return matchesPattern(layout.folderKey(name), layout.folderKey(pattern), layout.separator)
}
