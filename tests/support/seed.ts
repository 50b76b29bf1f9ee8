import { append, type NewMessage } from './imap-client.ts'
import { quote, wireName } from './imap-names.ts'
import { ImapWire } from './imap-wire.ts'
import { inParallel, type MailServer } from './mail-server.ts'
import { makeMessage, receivedAgain } from './mail-shapes.ts'
import { seededRandom, seedOf } from './random.ts'

/** Who gets how much mail; the same plan is always the same mail, to the byte. */
export interface SeedPlan {
  readonly users: readonly string[]
  readonly messagesPerUser: number
  readonly seed?: number
}

export interface PlannedFolder {
  readonly path: readonly string[]
  readonly isSubscribed: boolean
  readonly messages: readonly PlannedMessage[]
}

export interface PlannedMessage extends NewMessage {
  /** Place in the plan of the user, from 0. */
  readonly index: number
}

export interface SeedOptions {
  /** Which messages of the plan are put there; default all. Empty folders are made with all only. */
  readonly keeps?: (message: PlannedMessage) => boolean
  /** Default the same. */
  readonly mapPath?: (path: readonly string[]) => readonly string[]
  /** The user's name at this server; default the same. */
  readonly userAt?: (user: string) => string
}

/** Non-ASCII names, a parent without mail of its own, quotes, an ampersand, and one that nobody subscribed to. */
const folders: readonly (Omit<PlannedFolder, 'messages'> & { readonly isEmpty?: boolean })[] = [
  { path: ['INBOX'], isSubscribed: true },
  { path: ['Sent'], isSubscribed: true },
  { path: ['Projekte', 'Übersicht', '2024'], isSubscribed: true },
  { path: ['受信', 'テスト'], isSubscribed: true },
  { path: ['Work & "Play"'], isSubscribed: true },
  { path: ['Reisen 🚲'], isSubscribed: false },
  { path: ['Leer'], isSubscribed: true, isEmpty: true },
]
const filled = folders.filter((folder) => !folder.isEmpty)

// Neighbours share a folder, so that twins do.
const blockLength = 5
const twinEvery = 20
const usersAtOnce = 6

/** The mailbox of one user. Of each twenty messages one is its neighbour's exact twin, another has only its body. */
export function planMailbox(plan: SeedPlan, user: string): readonly PlannedFolder[] {
  const random = seededRandom(seedOf(`${plan.seed ?? 1} ${user}`))
  const messages: PlannedMessage[] = []
  for (let index = 0; index < plan.messagesPerUser; index += 1) {
    messages.push({ ...nextMessage(user, index, messages.at(-1), random), index })
  }
  const at = ({ index }: PlannedMessage) => filled[Math.floor(index / blockLength) % filled.length]
  return folders.map((folder) => ({ ...folder, messages: messages.filter((message) => at(message) === folder) }))
}

function nextMessage(user: string, index: number, last: NewMessage | undefined, random: () => number): NewMessage {
  if (last !== undefined && index % twinEvery === 7) return last
  if (last !== undefined && index % twinEvery === 13) return receivedAgain(last, random)
  return makeMessage(user, index, random)
}

/** Puts the mail of a plan on a server, several users at a time; returns how many messages that were. */
export async function seed(server: MailServer, plan: SeedPlan, options: SeedOptions = {}): Promise<number> {
  const counts = await inParallel(plan.users, usersAtOnce, (user) => seedUser(server, plan, user, options))
  return counts.reduce((total, count) => total + count, 0)
}

/** Half of the same mail, every second message, as somebody else's tool would have left it there. */
export function seedHalf(
  server: MailServer,
  plan: SeedPlan,
  options: Omit<SeedOptions, 'keeps'> = {},
): Promise<number> {
  return seed(server, plan, { ...options, keeps: ({ index }) => index % 2 === 1 })
}

async function seedUser(server: MailServer, plan: SeedPlan, user: string, options: SeedOptions): Promise<number> {
  await using imap = await ImapWire.connect(server.access(options.userAt?.(user) ?? user))
  const counts = planMailbox(plan, user).map(async (folder) => {
    const messages = folder.messages.filter(options.keeps ?? (() => true))
    if (messages.length === 0 && options.keeps !== undefined) return 0
    const name = wireName(server, options.mapPath?.(folder.path) ?? folder.path)
    // INBOX is always there, and on a filled server so are others; a folder that is really missing refuses the mail.
    const made = name === 'INBOX' ? [] : [imap.command([`CREATE ${quote(name)}`])]
    const subscribed = folder.isSubscribed ? [imap.command([`SUBSCRIBE ${quote(name)}`])] : []
    await Promise.all([...made, ...subscribed, append(imap, name, messages)])
    return messages.length
  })
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0)
}
