import { Buffer } from 'node:buffer'
import type { Delivery } from './account.ts'
import { formatInternalDate } from './internal-date.ts'
import type { Language } from './people.ts'
import { sentences, subjects } from './phrases.ts'
import { below, isLucky, pick, type Random } from './random.ts'

/** What a made-up message is like. */
export type MailShape = keyof typeof shapes

export interface MailOrder {
  /** Makes Message-IDs and boundaries unique. */
  readonly serial: number
  readonly to: string
  readonly language: Language
  readonly random: Random
}

interface Draft extends MailOrder {
  readonly from: string
  readonly subject: string
  readonly at: Date
  readonly zoneMinutes: number
}

/** One message of that shape, with a date and flags: the same for the same order. */
export function makeMail(shape: MailShape, order: MailOrder): Delivery {
  const { random, language } = order
  const draft: Draft = {
    ...order,
    from: pick(senders, random),
    subject: pick(subjects[language], random),
    at: new Date(Date.UTC(2019, 0, 1) + below(6 * 365 * 86_400, random) * 1000),
    zoneMinutes: pick(zones, random),
  }
  const internalDate = formatInternalDate(draft.at, draft.zoneMinutes)
  return { body: shapes[shape](draft), internalDate, flags: makeFlags(random) }
}

/** A shape as it comes in a mailbox: most mail is plain, every shape comes up. */
export const pickShape = (random: Random): MailShape => pick(isLucky(0.4, random) ? everyday : allShapes, random)

const senders = [
  'Harbour Office <office@example.com>',
  '"Lindqvist, Dorothea" <dorothea.lindqvist@example.org>',
  'tickets@example.com',
  '=?UTF-8?Q?J=C3=B6rg_Ufer?= <joerg.ufer@example.com>',
  'Newsletter <news@example.com>',
] as const

const zones = [0, 0, 60, 120, -480, 330, 540, -210, 765] as const

const shapes = {
  plain: (draft: Draft) => message(header(draft), textHeader('quoted-printable'), quotedPrintable(text(draft))),
  html: (draft: Draft) => message(header(draft), multipart('alternative', draft, [textPart(draft), htmlPart(draft)])),
  attachment: (draft: Draft) => message(header(draft), multipart('mixed', draft, [textPart(draft), filePart(draft)])),
  encodedSubject: (draft: Draft) =>
    message(
      header({ ...draft, subject: `${draft.subject} – №${draft.serial} ✓` }),
      textHeader('7bit'),
      'See above.\r\n',
    ),
  eightBit: (draft: Draft) => message(rawHeader(draft), textHeader('8bit'), text(draft)),
  noMessageId: (draft: Draft) =>
    message(header(draft).replace(/^Message-ID: .*\r\n/m, ''), textHeader('7bit'), 'No id.\r\n'),
  emptyBody: (draft: Draft) => message(header(draft), '\r\n'),
  headerOnly: (draft: Draft) => message(header(draft)),
  longHeader: (draft: Draft) => message(header(draft) + references(draft), textHeader('8bit'), text(draft)),
  commands: (draft: Draft) => message(header(draft), textHeader('7bit'), commandText),
} satisfies Record<string, (draft: Draft) => Uint8Array>

const allShapes = Object.keys(shapes) as [MailShape, ...MailShape[]]
const everyday: readonly [MailShape, ...MailShape[]] = ['plain', 'html', 'encodedSubject']

/** Mail may well talk about IMAP; none of it must ever be obeyed. */
const commandText = 'a1 NOOP\r\na2 CREATE owned\r\na3 DELETE INBOX\r\n* BYE\r\n+ go on\r\na4 LOGOUT\r\n'

const message = (...parts: readonly string[]): Uint8Array => Buffer.from(parts.join(''), 'utf8')

function header({ from, to, subject, at, zoneMinutes, serial }: Draft): string {
  return (
    `Received: from mx${serial % 3}.example.com by mail.example.org with ESMTPS; ${mailDate(at, 0)}\r\n` +
    `From: ${from}\r\nTo: <${to}>\r\nSubject: ${encodedWords(subject)}\r\nDate: ${mailDate(at, zoneMinutes)}\r\n` +
    `Message-ID: <${serial}.${at.getTime().toString(36)}@example.com>\r\nMIME-Version: 1.0\r\n`
  )
}

/** A subject in bare UTF-8, as programs write it that do not care. */
const rawHeader = (draft: Draft): string =>
  header(draft).replace(/^Subject: .*\r\n(?: .*\r\n)*/m, `Subject: ${draft.subject}\r\n`)

const references = ({ serial }: Draft): string =>
  `References:${Array.from({ length: 150 }, (_, at) => ` <${serial}.${at}.a-rather-long-message-id@example.com>`).join('\r\n')}\r\n` +
  `X-Long: ${'unbroken-'.repeat(300)}\r\n`

const textHeader = (encoding: string): string =>
  `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`

function text({ language, random, to }: Draft): string {
  const paragraph = () =>
    Array.from({ length: 2 + below(5, random) }, () => pick(sentences[language], random)).join('\r\n')
  return `${Array.from({ length: 1 + below(6, random) }, paragraph).join('\r\n\r\n')}\r\n-- \r\n${to}\r\n`
}

function multipart(kind: string, { serial }: Draft, parts: readonly string[]): string {
  const boundary = `=_part_${serial}`
  const inner = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${inner}--${boundary}--\r\n`
}

const textPart = (draft: Draft): string => textHeader('8bit') + text(draft)

const htmlPart = (draft: Draft): string =>
  'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
  base64Lines(Buffer.from(`<html><body><p>${text(draft).replaceAll('\r\n', '<br>')}</p></body></html>`))

function filePart({ random, serial }: Draft): string {
  const bytes = Buffer.from(Array.from({ length: 3000 + below(15_000, random) }, () => below(256, random)))
  const name = `plan-${serial}.bin`
  const head = `Content-Type: application/octet-stream; name="${name}"\r\nContent-Transfer-Encoding: base64\r\n`
  return `${head}Content-Disposition: attachment; filename="${name}"\r\n\r\n${base64Lines(bytes)}`
}

const base64Lines = (bytes: Buffer): string => bytes.toString('base64').replace(/.{1,76}/g, '$&\r\n')

/** RFC 2047, section 2: words of at most 75 characters. */
function encodedWords(subject: string): string {
  if (/^[\x20-\x7e]*$/.test(subject)) return subject
  const words = subject.match(/.{1,12}/gu) ?? []
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

/** RFC 2045, section 6.7, without soft line breaks: our lines are short. */
const quotedPrintable = (plain: string): string =>
  plain.replace(/[^\r\n\x20-\x3c\x3e-\x7e]|[ \t](?=\r\n)/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )

/** RFC 5322, section 3.3. */
function mailDate(at: Date, zoneMinutes: number): string {
  const [day = '', time, zone] = formatInternalDate(at, zoneMinutes).split(' ')
  return `${day.replaceAll('-', ' ')} ${time} ${zone}`
}

const keywords = ['$Label1', '$Forwarded', 'Work', 'Travel', '$MDNSent'] as const

function makeFlags(random: Random): readonly string[] {
  const chances = { '\\Seen': 0.7, '\\Answered': 0.2, '\\Flagged': 0.1, '\\Draft': 0.03, '\\Deleted': 0.02 }
  const flags = Object.entries(chances).flatMap(([flag, chance]) => (isLucky(chance, random) ? [flag] : []))
  return isLucky(0.2, random) ? [...flags, pick(keywords, random)] : flags
}
