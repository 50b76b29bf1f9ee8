import { createHash } from 'node:crypto'
import { quote } from './imap-names.ts'
import type { ImapWire, Line, Reply } from './imap-wire.ts'

/** What one looks at in a message, to tell whether it is the same on both servers. */
export interface SeenMessage {
  readonly uid: number
  /** Of the body as fetched. */
  readonly sha256: string
  readonly sizeBytes: number
  /** INTERNALDATE as the server writes it. */
  readonly receivedAt: string
  /** Sorted, without \Recent; system flags in lower case, keywords as they are. */
  readonly flags: readonly string[]
  /** For reports only. */
  readonly subject: string
}

export interface NewMessage {
  readonly bytes: Uint8Array
  readonly flags: readonly string[]
  /** As in `17-Jul-1996 02:44:25 -0700`. */
  readonly receivedAt: string
}

export interface ListedFolder {
  /** As on the wire. */
  readonly name: string
  /** In lower case, with the backslash. */
  readonly attributes: readonly string[]
}

const appendsMax = 100
const appendBytesMax = 4_000_000

/** Sends one command and refuses any answer but OK. */
export async function run(imap: ImapWire, text: string, onLine?: (line: Line) => void): Promise<Reply> {
  const reply = await imap.command([text], onLine)
  if (reply.status !== 'OK') throw new Error(`Cannot ${text.slice(0, 80)}: ${reply.status} ${reply.text}`)
  return reply
}

export function listFolders(imap: ImapWire): Promise<readonly ListedFolder[]> {
  return list(imap, 'LIST')
}

export function listSubscribed(imap: ImapWire): Promise<readonly ListedFolder[]> {
  return list(imap, 'LSUB')
}

async function list(imap: ImapWire, verb: 'LIST' | 'LSUB'): Promise<readonly ListedFolder[]> {
  const { lines } = await run(imap, `${verb} "" "*"`)
  return lines.flatMap((line) => readListed(line) ?? [])
}

function readListed({ text, literals }: Line): ListedFolder | null {
  const [, attributes = '', rest = ''] = /^\* (?:LIST|LSUB) \(([^)]*)\) (?:"[^"]*"|"\\."|NIL) (.+)$/.exec(text) ?? []
  if (rest === '') return null
  const name = literals[0]?.toString('latin1') ?? rest.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1')
  return { name, attributes: words(attributes.toLowerCase()) }
}

/** Gives the part of a message that is to be looked at. */
export type BodyPart = (body: Buffer) => Buffer

/** Reads every message of a folder, read-only, without marking it as read. */
export async function fetchAll(
  imap: ImapWire,
  name: string,
  partOf: BodyPart = (body) => body,
): Promise<readonly SeenMessage[]> {
  const messages: SeenMessage[] = []
  const examined = run(imap, `EXAMINE ${quote(name)}`)
  const fetched = run(imap, 'UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])', (line) => {
    const message = readFetched(line, partOf)
    if (message !== null) messages.push(message)
  })
  await Promise.all([examined, fetched])
  return messages
}

function readFetched({ text, literals }: Line, partOf: BodyPart): SeenMessage | null {
  const uid = /[( ]UID (\d+)/.exec(text)?.[1]
  const flags = /[( ]FLAGS \(([^)]*)\)/.exec(text)?.[1]
  const receivedAt = /[( ]INTERNALDATE "([^"]*)"/.exec(text)?.[1]
  if (!/[( ]BODY\[\] /.test(text) || uid === undefined || flags === undefined || receivedAt === undefined) return null
  // A server may write an empty body as "" or NIL instead of a literal.
  const body = partOf(literals[0] ?? Buffer.alloc(0))
  return {
    uid: Number(uid),
    sha256: createHash('sha256').update(body).digest('hex'),
    sizeBytes: body.length,
    receivedAt,
    flags: normalFlags(words(flags)),
    subject: /^Subject: *(.{0,60})/im.exec(body.toString('latin1', 0, 4_096))?.[1] ?? '',
  }
}

/** Flags in the form of {@link SeenMessage}. */
export function normalFlags(flags: readonly string[]): readonly string[] {
  return flags
    .map((flag) => (flag.startsWith('\\') ? flag.toLowerCase() : flag))
    .filter((flag) => flag !== '\\recent')
    .sort()
}

/** Appends in order, many at once (MULTIAPPEND, RFC 3502); all batches are on the way before the first is answered. */
export async function append(imap: ImapWire, name: string, messages: readonly NewMessage[]): Promise<void> {
  const replies = batches(messages).map((batch) =>
    imap.command([
      `APPEND ${quote(name)}`,
      ...batch.flatMap((item) => [` (${item.flags.join(' ')}) ${quote(item.receivedAt)} `, item.bytes]),
    ]),
  )
  const refused = (await Promise.all(replies)).find((reply) => reply.status !== 'OK')
  if (refused !== undefined) throw new Error(`Cannot append to ${name}: ${refused.status} ${refused.text}`)
}

function batches(messages: readonly NewMessage[]): readonly (readonly NewMessage[])[] {
  const all: NewMessage[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const message of messages) {
    if (bytes + message.bytes.length > appendBytesMax || all.at(-1)?.length === appendsMax) {
      all.push([])
      bytes = 0
    }
    all.at(-1)?.push(message)
    bytes += message.bytes.length
  }
  return all
}

/** What a user does in a folder: each selects it first, then acts on the messages named by UID. */
export async function store(imap: ImapWire, name: string, uids: readonly number[], change: string): Promise<void> {
  await inFolder(imap, name, `UID STORE ${uids.join(',')} ${change}`)
}

export async function move(imap: ImapWire, name: string, uids: readonly number[], to: string): Promise<void> {
  await inFolder(imap, name, `UID MOVE ${uids.join(',')} ${quote(to)}`)
}

/** Deletes for good, and only these (RFC 4315, section 2.1). */
export async function expunge(imap: ImapWire, name: string, uids: readonly number[]): Promise<void> {
  await store(imap, name, uids, '+FLAGS.SILENT (\\Deleted)')
  await inFolder(imap, name, `UID EXPUNGE ${uids.join(',')}`)
}

async function inFolder(imap: ImapWire, name: string, command: string): Promise<void> {
  await Promise.all([run(imap, `SELECT ${quote(name)}`), run(imap, command)])
}

export async function createFolder(imap: ImapWire, name: string): Promise<void> {
  await run(imap, `CREATE ${quote(name)}`)
}

export async function renameFolder(imap: ImapWire, name: string, to: string): Promise<void> {
  await run(imap, `RENAME ${quote(name)} ${quote(to)}`)
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}
