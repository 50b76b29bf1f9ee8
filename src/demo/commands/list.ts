import type { Account } from '../account.ts'
import { type CommandTable, signedIn } from '../command.ts'
import { formatMailbox, formatString } from '../grammar.ts'
import { type Entry, entries, parents } from '../list-entry.ts'
import { matchesPattern } from '../list-pattern.ts'
import type { Session } from '../session.ts'
import { specialUseAttribute } from '../special-use.ts'
import { account } from './account.ts'
import {
  type ListRequest,
  noReturns,
  patternList,
  type Returns,
  returnOptions,
  type SelectionOption,
  selectionOptions,
} from './list-request.ts'
import { tellStatus } from './status.ts'

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
