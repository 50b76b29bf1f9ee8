import { append, type NewMessage } from '../support/imap-client.ts'
import { quote, wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import type { MailServer } from '../support/mail-server.ts'
import { folderPaths, type MailPlan, messagesOf } from './mail.ts'

const sliceBytesMax = 16_000_000

/** Puts the mail of a plan into a user's mailbox, in order; with `keeps` only those messages, told by their place in the folder. */
export async function seedMailbox(
  server: MailServer,
  user: string,
  plan: MailPlan,
  keeps: (place: number) => boolean = () => true,
): Promise<void> {
  await using imap = await ImapWire.connect(server.access(user))
  for (const [at, path] of folderPaths(plan).entries()) {
    const name = wireName(server, path)
    const created = name === 'INBOX' ? [] : [imap.command([`CREATE ${quote(name)}`])]
    await Promise.all([...created, imap.command([`SUBSCRIBE ${quote(name)}`])])
    const kept = messagesOf(plan, at).filter((_, place) => keeps(place))
    for (const slice of slices(kept)) await append(imap, name, slice)
  }
}

/** As much as may lie in memory at once, and at least one message. */
function* slices(messages: Iterable<NewMessage>): Generator<readonly NewMessage[]> {
  let slice: NewMessage[] = []
  let bytes = 0
  for (const message of messages) {
    if (slice.length > 0 && bytes + message.bytes.length > sliceBytesMax) {
      yield slice
      slice = []
      bytes = 0
    }
    slice.push(message)
    bytes += message.bytes.length
  }
  if (slice.length > 0) yield slice
}
