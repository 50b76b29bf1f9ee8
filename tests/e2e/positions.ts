import { run } from '../support/imap-client.ts'
import { decodeName } from '../support/imap-names.ts'
import { ImapWire, type Line } from '../support/imap-wire.ts'
import { inParallel, type MailServer } from '../support/mail-server.ts'

/** Where a folder stands: a message more raises UIDNEXT, any change at all raises HIGHESTMODSEQ (RFC 7162, section 3.1.2). */
export interface Position {
  readonly uidNext: number
  readonly modseq: number
}

/** Positions of all folders of users, by user and the name of the folder at the server. */
export type Positions = ReadonlyMap<string, Position>

const usersAtOnce = 8

/** Reads them without touching anything: proof that a pass did nothing, or only so much. */
export async function readPositions(server: MailServer, users: readonly string[]): Promise<Positions> {
  const all = await inParallel(users, usersAtOnce, async (user) => {
    await using imap = await ImapWire.connect(server.access(user))
    const { lines } = await run(imap, 'LIST "" "*" RETURN (STATUS (UIDNEXT HIGHESTMODSEQ))')
    return lines.flatMap((line) => readStatus(user, line))
  })
  return new Map(all.flat())
}

function readStatus(user: string, { text, literals }: Line): [string, Position][] {
  const [, quoted, bare, uidNext, modseq] =
    /^\* STATUS (?:"(.*)"|(\S+)) \(UIDNEXT (\d+) HIGHESTMODSEQ (\d+)\)$/.exec(text) ?? []
  // A name with a quote in it may come as a literal, which stands as its length in the text.
  const name = quoted?.replace(/\\(.)/g, '$1') ?? literals[0]?.toString('latin1') ?? bare
  if (name === undefined) return []
  return [[`${user} ${decodeName(name)}`, { uidNext: Number(uidNext), modseq: Number(modseq) }]]
}

/** How many messages came since, and which folders changed at all. */
export function changesBetween(before: Positions, after: Positions) {
  const changed = [...after].filter(([folder, { modseq }]) => before.get(folder)?.modseq !== modseq)
  return {
    arrived: changed.reduce((sum, [folder, { uidNext }]) => sum + uidNext - (before.get(folder)?.uidNext ?? 1), 0),
    folders: changed.map(([folder]) => folder).sort(),
  }
}
