import { createHash } from 'node:crypto'
import type { ForeignMessage } from './checker.ts'
import { append, type NewMessage, normalFlags, type SeenMessage } from './imap-client.ts'
import { wireName } from './imap-names.ts'
import { ImapWire } from './imap-wire.ts'
import type { MailServer } from './mail-server.ts'
import { pick, seededRandom } from './random.ts'
import { folderKey } from './snapshot.ts'

/** Mail that goes on arriving at a server by other ways. */
export interface Deliveries {
  /** Ends with the delivery in hand, or when so many arrived; returns all that did, for the checker. */
  stop(atLeast?: number): Promise<readonly ForeignMessage[]>
}

export interface DeliveryOptions {
  /** Where to; a folder that is not there (yet) is passed over. Default the inbox. */
  readonly paths?: readonly [readonly string[], ...(readonly string[])[]]
  /** Pause between two messages; default 10 ms. */
  readonly everyMs?: number
  readonly seed?: number
}

/** Delivers one message after the other to users in turn, by APPEND, until told to stop. */
export function startDeliveries(
  server: MailServer,
  users: readonly string[],
  options: DeliveryOptions = {},
): Deliveries {
  const random = seededRandom(options.seed ?? 1)
  const arrived: ForeignMessage[] = []
  let wanted = Number.POSITIVE_INFINITY
  const deliverAll = async () => {
    for (let number = 0; arrived.length < wanted; number += 1) {
      const user = users[number % users.length] ?? ''
      const path = pick(random, options.paths ?? [['INBOX']])
      arrived.push(...(await deliver(server, user, path, foreignMessage(number))))
      await Bun.sleep(options.everyMs ?? 10)
    }
  }
  const done = deliverAll()
  // A failure is told by stop(), not as an unhandled rejection before it.
  done.catch(() => null)
  return {
    stop: async (atLeast = 0) => {
      wanted = atLeast
      await done
      return arrived
    },
  }
}

async function deliver(
  server: MailServer,
  user: string,
  path: readonly string[],
  message: NewMessage,
): Promise<readonly ForeignMessage[]> {
  await using imap = await ImapWire.connect(server.access(user))
  try {
    await append(imap, wireName(server, path), [message])
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes('[TRYCREATE]')) return []
    throw cause
  }
  return [{ user, folder: folderKey(path), message: asSeen(message) }]
}

function foreignMessage(number: number): NewMessage {
  const text = `From: <elsewhere@example.net>\r\nSubject: Foreign ${number}\r\n\r\nDelivered by other ways, ${number}\r\n`
  return {
    bytes: Buffer.from(text),
    flags: number % 3 === 0 ? ['\\Seen'] : [],
    receivedAt: '05-May-2025 10:20:30 +0000',
  }
}

/** As it will be seen at a server that keeps the bytes and runs in UTC. */
function asSeen({ bytes, flags, receivedAt }: NewMessage): SeenMessage {
  return {
    uid: 0,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    receivedAt,
    flags: normalFlags(flags),
    subject: 'delivered by other ways',
  }
}
