import { type Command, type CommandTable, selectedOnly } from '../command.ts'
import type { Cursor } from '../cursor.ts'
import type { Message } from '../folder.ts'
import { list } from '../grammar.ts'
import { bad, no } from '../refusal.ts'
import { type SearchKey, searchKeys } from '../search-key.ts'
import { formatSet } from '../sequence-set.ts'
import type { Session } from '../session.ts'
import { selected } from './account.ts'

export const searchCommands: CommandTable = { SEARCH: searchCommand(false), 'UID SEARCH': searchCommand(true) }

const resultNames = ['MIN', 'MAX', 'ALL', 'COUNT'] as const
type ResultName = (typeof resultNames)[number]

interface Request {
  readonly tag: string
  readonly isUid: boolean
  readonly key: SearchKey
  /** Null for the SEARCH response of RFC 3501. */
  readonly results: readonly ResultName[] | null
}

function searchCommand(isUid: boolean): Command {
  return {
    states: selectedOnly,
    mayExpunge: isUid,
    *parse(cursor, session, tag) {
      const results = cursor.skipsWord(' RETURN ') ? resultOptions(cursor, session) : null
      if (cursor.skipsWord(' CHARSET ')) demandCharset(yield* cursor.astring())
      cursor.space()
      const key = yield* searchKeys(cursor, session)
      cursor.end()
      return () => search(session, { tag, isUid, key, results })
    },
  }
}

/** RFC 4731, section 3.1: an empty list means ALL. */
function resultOptions(cursor: Cursor, session: Session): readonly ResultName[] {
  if (!session.has('ESEARCH')) throw bad('ESEARCH is not offered')
  const asked = list(cursor, () => cursor.keyword('a result option'), 'mayBeEmpty')
  const unknown = asked.find((name) => !resultNames.some((known) => known === name))
  if (unknown !== undefined) throw bad(`Unknown result option ${unknown}`)
  return asked.length === 0 ? ['ALL'] : resultNames.filter((name) => asked.includes(name))
}

function demandCharset(charset: string): void {
  const isKnown = ['US-ASCII', 'UTF-8'].includes(charset.toUpperCase())
  if (!isKnown) throw no('[BADCHARSET (US-ASCII UTF-8)] Unknown charset')
}

function search(session: Session, { tag, isUid, key, results }: Request): string {
  const view = selected(session)
  const found = view.messages.flatMap((message, index) => {
    const isFound = view.folder.holds(message) && key.test({ message, seq: index + 1, view })
    return isFound ? [{ message, seq: index + 1 }] : []
  })
  const numbers = found.map(({ message, seq }) => (isUid ? message.uid : seq))
  const modseq = key.usesModseq ? highestModseq(found) : null
  if (results) tellEsearch(session, { tag, isUid, results, numbers, modseq })
  else session.untagged(`SEARCH${numbers.map((n) => ` ${n}`).join('')}${modseq === null ? '' : ` (MODSEQ ${modseq})`}`)
  return 'Searched'
}

/** RFC 7162, section 3.1.5; null where nothing was found. */
const highestModseq = (found: readonly { readonly message: Message }[]): number | null =>
  found.length === 0 ? null : found.reduce((highest, { message }) => Math.max(highest, message.modseq), 0)

interface Found {
  readonly tag: string
  readonly isUid: boolean
  readonly results: readonly ResultName[]
  readonly numbers: readonly number[]
  readonly modseq: number | null
}

/** MIN, MAX and ALL are left out where nothing was found (RFC 4731, section 3.1). */
const resultValues: Record<ResultName, (numbers: readonly number[]) => string> = {
  MIN: (numbers) => (numbers.length > 0 ? ` MIN ${numbers[0]}` : ''),
  MAX: (numbers) => (numbers.length > 0 ? ` MAX ${numbers.at(-1)}` : ''),
  ALL: (numbers) => (numbers.length > 0 ? ` ALL ${formatSet(numbers)}` : ''),
  COUNT: (numbers) => ` COUNT ${numbers.length}`,
}

function tellEsearch(session: Session, { tag, isUid, results, numbers, modseq }: Found): void {
  const values = results.map((name) => resultValues[name](numbers)).join('')
  const highest = modseq === null ? '' : ` MODSEQ ${modseq}`
  session.untagged(`ESEARCH (TAG "${tag}")${isUid ? ' UID' : ''}${values}${highest}`)
}
