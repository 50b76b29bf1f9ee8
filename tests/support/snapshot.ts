import { type BodyPart, fetchAll, listFolders, listSubscribed, type SeenMessage } from './imap-client.ts'
import { pathOf } from './imap-names.ts'
import { ImapWire } from './imap-wire.ts'
import type { MailServer } from './mail-server.ts'

/** A mailbox as a witness saw it. */
export interface Snapshot {
  /** By {@link folderKey}, folders that hold no mail of their own left out. */
  readonly folders: ReadonlyMap<string, readonly SeenMessage[]>
  readonly subscribed: ReadonlySet<string>
}

/** One text for a path, which no separator of a server can blur. */
export function folderKey(path: readonly string[]): string {
  return path.join(' › ')
}

/** Reads all that is in a user's mailbox. */
export async function readMailbox(server: MailServer, user: string, partOf?: BodyPart): Promise<Snapshot> {
  await using imap = await ImapWire.connect(server.access(user))
  const [listed, subscribed] = await Promise.all([listFolders(imap), listSubscribed(imap)])
  const selectable = listed.filter(
    ({ attributes }) => !attributes.some((a) => a === '\\noselect' || a === '\\nonexistent'),
  )
  const key = (name: string) => folderKey(pathOf(server, name))
  const folders = await Promise.all(
    selectable.map(async ({ name }) => [key(name), await fetchAll(imap, name, partOf)] as const),
  )
  return {
    folders: new Map(folders),
    subscribed: new Set(subscribed.filter((s) => !s.attributes.includes('\\noselect')).map(({ name }) => key(name))),
  }
}
