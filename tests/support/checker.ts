import { compareMailboxes, type DateRule, type Difference, type DifferenceKind } from './compare.ts'
import type { SeenMessage } from './imap-client.ts'
import { inParallel, type MailServer } from './mail-server.ts'
import { readMailbox, type Snapshot } from './snapshot.ts'

export interface CheckOptions {
  /** The user's name at the target; default the same. */
  readonly targetUser?: (user: string) => string
  /** Where a folder of the source is at the target (paths joined by {@link folderKey}); default the same. */
  readonly mapFolder?: (folder: string) => string
  /** Mail that came to the target by other ways and must be there too, once each. */
  readonly foreign?: readonly ForeignMessage[]
  /** Folders of the target that may be there without one at the source; what is in them is not looked at. */
  readonly ignoresFolder?: (folder: string) => boolean
  /** A last word on what should be at the target, for what its users did there. */
  readonly adjust?: (user: string, expected: Snapshot) => Snapshot
  readonly dates?: DateRule
}

export interface ForeignMessage {
  /** At the target. */
  readonly user: string
  readonly folder: string
  readonly message: SeenMessage
}

export interface CheckTotals {
  readonly users: number
  readonly folders: number
  readonly messages: number
}

export interface CheckReport extends CheckTotals {
  readonly differences: readonly (Difference & { readonly user: string })[]
}

const examplesMax = 5
const usersAtOnce = 8

/** Reads the mailboxes on both servers and throws, with counts and examples, unless the target holds just what it should. */
export async function expectSame(
  source: MailServer,
  target: MailServer,
  users: readonly string[],
  options: CheckOptions = {},
): Promise<CheckTotals> {
  const { differences, ...totals } = await check(source, target, users, options)
  if (differences.length > 0) throw new Error(explain(differences))
  return totals
}

/** The same, with the differences as values; the totals are of what was expected. */
export async function check(
  source: MailServer,
  target: MailServer,
  users: readonly string[],
  options: CheckOptions = {},
): Promise<CheckReport> {
  const reports = await inParallel(users, usersAtOnce, (user) => checkUser(source, target, user, options))
  return {
    users: users.length,
    folders: sum(reports, ({ folders }) => folders),
    messages: sum(reports, ({ messages }) => messages),
    differences: reports.flatMap(({ differences }) => differences),
  }
}

async function checkUser(source: MailServer, target: MailServer, user: string, options: CheckOptions) {
  const targetUser = options.targetUser?.(user) ?? user
  const [original, copy] = await Promise.all([readMailbox(source, user), readMailbox(target, targetUser)])
  const foreign = options.foreign?.filter((item) => item.user === targetUser) ?? []
  const mapped = withForeign(mapSnapshot(original, options.mapFolder ?? ((folder) => folder)), foreign)
  const expected = options.adjust?.(user, mapped) ?? mapped
  const differences = compareMailboxes(expected, withoutIgnored(copy, options), options.dates)
  return {
    folders: expected.folders.size,
    messages: sum([...expected.folders.values()], (messages) => messages.length),
    differences: differences.map((difference) => ({ ...difference, user })),
  }
}

function mapSnapshot({ folders, subscribed }: Snapshot, map: (folder: string) => string): Snapshot {
  const merged = new Map<string, readonly SeenMessage[]>()
  for (const [folder, messages] of folders) {
    merged.set(map(folder), [...(merged.get(map(folder)) ?? []), ...messages])
  }
  return { folders: merged, subscribed: new Set([...subscribed].map(map)) }
}

function withForeign({ folders, subscribed }: Snapshot, foreign: readonly ForeignMessage[]): Snapshot {
  const all = new Map(folders)
  for (const { folder, message } of foreign) all.set(folder, [...(all.get(folder) ?? []), message])
  return { folders: all, subscribed }
}

function withoutIgnored({ folders, subscribed }: Snapshot, { ignoresFolder }: CheckOptions): Snapshot {
  return { folders: new Map([...folders].filter(([folder]) => !ignoresFolder?.(folder))), subscribed }
}

/** Counts by kind, with some examples of each. */
function explain(differences: CheckReport['differences']): string {
  const kinds = [...Map.groupBy(differences, ({ kind }) => kind)]
  return ['The target differs from the source', ...kinds.map(([kind, all]) => explainKind(kind, all))].join('\n')
}

function explainKind(kind: DifferenceKind, all: CheckReport['differences']): string {
  const examples = all.slice(0, examplesMax).map(({ user, folder, detail }) => `\n    ${user}: ${folder} ${detail}`)
  return `  ${kind}: ${all.length}${examples.join('')}`
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
