import type { NewMessage } from '../support/imap-client.ts'
import { seededRandom } from '../support/random.ts'

/** What a mailbox of a profile holds; the same plan is always the same mail, to the byte. */
export interface MailPlan {
  readonly messages: number
  readonly folders: number
  readonly bytesMin: number
  readonly bytesMax: number
}

/** What real mailboxes have and clients stumble over; the rest is made up. */
const namedFolders: readonly (readonly string[])[] = [
  ['INBOX'],
  ['Sent'],
  ['Archive'],
  ['Kunden', 'Größe & Maß'],
  ['見積', '二〇二五年'],
  ['Счета'],
  ['Reports "final"'],
  ['Family'],
]
const quarters = ['spring', 'summer', 'autumn', 'winter'] as const

export function folderPaths({ folders }: MailPlan): readonly (readonly string[])[] {
  const madeUp = Array.from({ length: folders }, (_, at) => ['Years', `${1990 + at}`, quarters[at % 4] ?? ''])
  return [...namedFolders, ...madeUp].slice(0, folders)
}

/** The messages of the folder at that place, one after the other. */
export function* messagesOf(plan: MailPlan, folderAt: number): Generator<NewMessage> {
  const first = firstOf(plan, folderAt)
  for (let index = first; index < firstOf(plan, folderAt + 1); index += 1) yield makeMessage(plan, index)
}

const firstOf = ({ messages, folders }: MailPlan, folderAt: number) => Math.floor((messages * folderAt) / folders)

/** Above this a message is text with an attachment in Base64. */
const textBytesMax = 20_000

function makeMessage(plan: MailPlan, index: number): NewMessage {
  const random = seededRandom(index * 2654435761 + plan.messages)
  const sizeBytes = plan.bytesMin + Math.floor(random() * (plan.bytesMax - plan.bytesMin))
  const receivedAt = dateOf(plan, index)
  const head = headOf(index, receivedAt)
  const bytes = sizeBytes > textBytesMax ? withAttachment(head, sizeBytes, random) : plainText(head, sizeBytes, random)
  return { bytes, flags: flagsOf(index), receivedAt }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const firstDay = Date.UTC(2012, 2, 4, 6, 7, 8)
const spanMs = 12 * 365 * 86_400_000

/** Rising with the index, over twelve years. */
function dateOf({ messages }: MailPlan, index: number): string {
  const date = new Date(firstDay + Math.floor((spanMs / messages) * index))
  const day = `${date.getUTCDate()}`.padStart(2, '0')
  return `${day}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`
}

function headOf(index: number, receivedAt: string): string {
  const date = receivedAt.replace(/^(..)-(...)-/, '$1 $2 ')
  const subject = index % 20 === 9 ? `Rückfrage zu Nummer ${index}` : `Question about number ${index}`
  return [
    `Return-Path: <writer${index % 83}@example.org>`,
    `Received: from relay${index % 7}.example.org by mx.example.net with ESMTPS id ${index.toString(36)};`,
    `\t${date}`,
    `From: "Writer ${index % 83}" <writer${index % 83}@example.org>`,
    'To: <reader@example.net>',
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <${index}.bench@example.org>`,
    'MIME-Version: 1.0\r\n',
  ].join('\r\n')
}

/** Seven of ten are read, one of nine carries a keyword. */
function flagsOf(index: number): readonly string[] {
  const flags = index % 10 < 7 ? ['\\Seen'] : []
  if (index % 9 === 0) flags.push('\\Flagged')
  if (index % 7 === 0) flags.push('\\Answered')
  if (index % 12 === 0) flags.push(`$Label${1 + (index % 5)}`)
  if (index % 31 === 0) flags.push('Invoices')
  return flags
}

const lineBytes = 76
const textPool = linesOf(40_000, 'abcdefghijklmnopqrstuvwxyz      .')
const base64Pool = linesOf(3_000_000, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Random characters in lines of CRLF. */
function linesOf(bytes: number, alphabet: string): Buffer {
  const random = seededRandom(bytes)
  const pool = Buffer.alloc(bytes - (bytes % (lineBytes + 2)))
  for (let at = 0; at < pool.length; at += 1) pool[at] = alphabet.charCodeAt(Math.floor(random() * alphabet.length))
  for (let at = lineBytes; at < pool.length; at += lineBytes + 2) pool.write('\r\n', at, 'latin1')
  return pool
}

function plainText(head: string, sizeBytes: number, random: () => number): Buffer {
  const start = Buffer.from(`${head}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`)
  return Buffer.concat([start, ...takeLines(textPool, sizeBytes - start.length, random)])
}

function withAttachment(head: string, sizeBytes: number, random: () => number): Buffer {
  const type = 'Content-Type: multipart/mixed; boundary="=_part"\r\n\r\n'
  const text = '--=_part\r\nContent-Type: text/plain\r\n\r\nSee attached.\r\n'
  const file = '--=_part\r\nContent-Type: application/octet-stream; name="file.bin"\r\n'
  const start = Buffer.from(`${head}${type}${text}${file}Content-Transfer-Encoding: base64\r\n\r\n`)
  const end = Buffer.from('--=_part--\r\n')
  return Buffer.concat([start, ...takeLines(base64Pool, sizeBytes - start.length - end.length, random), end])
}

/** Whole lines from anywhere in the pool, as often as it takes. */
function takeLines(pool: Buffer, sizeBytes: number, random: () => number): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let left = Math.ceil(sizeBytes / (lineBytes + 2)); left > 0; ) {
    const lines = pool.length / (lineBytes + 2)
    const from = Math.floor(random() * (lines - 1))
    const count = Math.min(left, lines - from)
    parts.push(pool.subarray(from * (lineBytes + 2), (from + count) * (lineBytes + 2)))
    left -= count
  }
  return parts
}
