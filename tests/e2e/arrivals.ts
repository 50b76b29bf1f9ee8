import { append, store } from '../support/imap-client.ts'
import { wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { inParallel, type MailServer } from '../support/mail-server.ts'
import { makeMessage } from '../support/mail-shapes.ts'
import { seededRandom, seedOf } from '../support/random.ts'

const usersAtOnce = 8
const mailFolder = ['Projekte', 'Übersicht', '2024']
const flagFolder = ['Sent']

/**
 * One new message and one changed flag for each of the users, in two folders of the seeded plan. `label` makes them
 * other ones than those of an earlier call. Returns the folders they stand in, as `readPositions` names them.
 */
export async function changeMailboxes(server: MailServer, users: readonly string[], label: string): Promise<string[]> {
  await inParallel(users, usersAtOnce, async (user) => {
    await using imap = await ImapWire.connect(server.access(user))
    const message = makeMessage(`${user} ${label}`, 0, seededRandom(seedOf(label)))
    await append(imap, wireName(server, mailFolder), [message])
    await store(imap, wireName(server, flagFolder), [2], `+FLAGS.SILENT (Changed-${label})`)
  })
  return users
    .flatMap((user) => [mailFolder, flagFolder].map((path) => `${user} ${path.join(server.separator)}`))
    .sort()
}
