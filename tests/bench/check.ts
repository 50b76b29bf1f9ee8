import { compareMailboxes } from '../support/compare.ts'
import type { BodyPart, SeenMessage } from '../support/imap-client.ts'
import type { MailServer } from '../support/mail-server.ts'
import { readMailbox, type Snapshot } from '../support/snapshot.ts'

/** What a look from outside found. */
export interface Finding {
  /** Kinds of differences with their counts, such as `other flags: 12`; empty where there is none. */
  readonly differences: string
  /** Some of them in words. */
  readonly examples: readonly string[]
}

export interface CheckOptions {
  /** What of a message is compared; default all of it. */
  readonly partOf?: BodyPart
  /** Somebody else was there first, so that the order says nothing. */
  readonly ignoresOrder?: boolean
}

/** Reads a copy and compares bodies, flags, dates, folders, subscriptions and the order within each folder. */
export async function checkCopy(
  expected: Snapshot,
  server: MailServer,
  user: string,
  { partOf, ignoresOrder }: CheckOptions = {},
): Promise<Finding> {
  const actual = await readMailbox(server, user, partOf)
  const differences = compareMailboxes(expected, actual)
  const kinds = [...Map.groupBy(differences, ({ kind }) => kind)].map(([kind, all]) => `${kind}: ${all.length}`)
  const unordered = ignoresOrder || differences.length > 0 ? 0 : countUnordered(expected, actual)
  if (unordered > 0) kinds.push(`folders in another order: ${unordered}`)
  return {
    differences: kinds.join(', '),
    examples: differences.slice(0, 5).map(({ kind, folder, detail }) => `${kind}: ${folder} ${detail}`),
  }
}

/** Folders that hold the right messages in another order. */
function countUnordered(expected: Snapshot, actual: Snapshot): number {
  const folders = [...expected.folders].filter(([folder, messages]) => {
    const found = actual.folders.get(folder) ?? []
    return messages.some((message, at) => lookOf(message) !== lookOf(found[at]))
  })
  return folders.length
}

const lookOf = (message: SeenMessage | undefined): string =>
  `${message?.sha256} ${message?.receivedAt} ${message?.flags.join(' ')}`
