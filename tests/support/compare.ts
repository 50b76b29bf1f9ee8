import type { SeenMessage } from './imap-client.ts'
import type { Snapshot } from './snapshot.ts'

/** What can be wrong with a copy. An altered body shows as one missing and one extra message. */
export type DifferenceKind =
  | 'missing folder'
  | 'extra folder'
  | 'not subscribed'
  | 'missing'
  | 'doubled'
  | 'extra'
  | 'other flags'
  | 'other date'

export interface Difference {
  readonly kind: DifferenceKind
  readonly folder: string
  readonly detail: string
}

/** Whether INTERNALDATE must agree in its text, or only in the instant (servers in two time zones). */
export type DateRule = 'text' | 'instant'

/** Compares what should be with what is, folder by folder, as multisets: twins keep their count. */
export function compareMailboxes(
  expected: Snapshot,
  actual: Snapshot,
  dates: DateRule = 'text',
): readonly Difference[] {
  const missing = [...expected.folders.keys()].filter((folder) => !actual.folders.has(folder))
  const extra = [...actual.folders.keys()].filter((folder) => !expected.folders.has(folder))
  const unsubscribed = [...expected.subscribed].filter((folder) => !actual.subscribed.has(folder))
  const folders = new Set([...expected.folders.keys(), ...actual.folders.keys()])
  return [
    ...missing.map((folder): Difference => ({ kind: 'missing folder', folder, detail: '' })),
    ...extra.map((folder): Difference => ({ kind: 'extra folder', folder, detail: '' })),
    ...unsubscribed.map((folder): Difference => ({ kind: 'not subscribed', folder, detail: '' })),
    ...[...folders].flatMap((folder) =>
      compareMessages(expected.folders.get(folder) ?? [], actual.folders.get(folder) ?? [], dates).map((d) => ({
        ...d,
        folder,
      })),
    ),
  ]
}

type MessageDifference = Omit<Difference, 'folder'>

/** Compares two folders' messages; their order and UIDs do not matter. */
function compareMessages(
  expected: readonly SeenMessage[],
  actual: readonly SeenMessage[],
  dates: DateRule,
): readonly MessageDifference[] {
  const wanted = Map.groupBy(expected, ({ sha256 }) => sha256)
  const found = Map.groupBy(actual, ({ sha256 }) => sha256)
  const bodies = new Set([...wanted.keys(), ...found.keys()])
  return [...bodies].flatMap((body) => compareTwins(wanted.get(body) ?? [], found.get(body) ?? [], dates))
}

/** Copies of one body: equal ones cancel out, the rest is laid side by side, and what has no partner is too few or too many. */
function compareTwins(
  expected: readonly SeenMessage[],
  actual: readonly SeenMessage[],
  dates: DateRule,
): readonly MessageDifference[] {
  const [wanted, found] = withoutEqual(expected, actual, dates)
  const pairs = Math.min(wanted.length, found.length)
  return [
    ...wanted.slice(0, pairs).flatMap((message, at) => comparePair(message, found[at] ?? message, dates)),
    ...wanted.slice(pairs).map((message) => ({ kind: 'missing' as const, detail: nameOf(message) })),
    ...found.slice(pairs).map((message) => ({
      kind: expected.length > 0 ? ('doubled' as const) : ('extra' as const),
      detail: nameOf(message),
    })),
  ]
}

function withoutEqual(expected: readonly SeenMessage[], actual: readonly SeenMessage[], dates: DateRule) {
  const look = (message: SeenMessage) => `${dateKey(message, dates)} ${message.flags.join(' ')}`
  const found = [...actual]
  const wanted = expected.filter((message) => {
    const at = found.findIndex((candidate) => look(candidate) === look(message))
    if (at >= 0) found.splice(at, 1)
    return at < 0
  })
  return [wanted, found] as const
}

function comparePair(expected: SeenMessage, actual: SeenMessage, dates: DateRule): readonly MessageDifference[] {
  const names = `${nameOf(expected)} → uid ${actual.uid}`
  const flags = [expected.flags.join(' '), actual.flags.join(' ')]
  const all: MessageDifference[] = []
  if (flags[0] !== flags[1]) all.push({ kind: 'other flags', detail: `${names}: (${flags[0]}) → (${flags[1]})` })
  if (dateKey(expected, dates) !== dateKey(actual, dates)) {
    all.push({ kind: 'other date', detail: `${names}: ${expected.receivedAt} → ${actual.receivedAt}` })
  }
  return all
}

function dateKey({ receivedAt }: SeenMessage, rule: DateRule): string {
  return rule === 'text' ? receivedAt : `${instantOf(receivedAt)}`
}

/** Milliseconds of an INTERNALDATE such as ` 7-Jul-1996 02:44:25 -0700`. */
export function instantOf(receivedAt: string): number {
  const at = Date.parse(receivedAt.trim().replace(/^(\d+)-(\w+)-(\d+)/, '$1 $2 $3'))
  if (Number.isNaN(at)) throw new Error(`Cannot read the date "${receivedAt}"`)
  return at
}

function nameOf({ uid, subject, sizeBytes, sha256 }: SeenMessage): string {
  return `uid ${uid} "${subject}", ${sizeBytes} bytes, ${sha256.slice(0, 8)}`
}
