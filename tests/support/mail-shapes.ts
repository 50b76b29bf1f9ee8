import type { NewMessage } from './imap-client.ts'
import { pick } from './random.ts'

/** What a message is made of; `subject` makes it one of its kind. */
interface Draft {
  readonly subject: string
  readonly user: string
  readonly date: string
  readonly messageId: string
  /** Text of about the wanted size, in lines of CRLF. */
  readonly filler: string
}

const text = 'Content-Type: text/plain; charset=utf-8\r\n'

/** All the forms of mail that a mailbox of twenty years holds, each as the whole message. */
const shapes: readonly [Shape, ...Shape[]] = [
  (draft) => utf8(head(draft), text, '\r\n', draft.filler),
  (draft) => utf8(head(draft), text, '\r\n', draft.filler),
  (draft) =>
    utf8(
      head({ ...draft, subject: `Größe & Preis ${draft.subject} 日本語` }),
      text,
      '\r\n',
      'Ünïcödé\r\n',
      draft.filler,
    ),
  (draft) =>
    latin1(
      head(draft),
      'Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe \xa9 \x80\xff\r\n',
      draft.filler,
    ),
  (draft) => utf8(head(draft).replace(/^Message-ID:.*\r\n/m, ''), '\r\n', draft.filler),
  (draft) => utf8(head({ ...draft, messageId: `<always-the-same@${draft.user}>` }), '\r\n', draft.filler),
  (draft) => utf8(head(draft), multipart(draft)),
  (draft) =>
    utf8(
      head(draft),
      `X-Long: ${'a long header '.repeat(200)}\r\n`,
      'X-Folded: one\r\n\ttwo\r\n  three\r\n\r\n',
      draft.filler,
    ),
  (draft) =>
    utf8(head(draft), '\r\n', 'From the start\r\n.\r\n..\r\n)\r\n{5}\r\n', 'x'.repeat(5_000), '\r\n', draft.filler),
  (draft) =>
    utf8(
      head(draft),
      '\r\n',
      'a1 CREATE Executed\r\na2 SELECT INBOX\r\na3 STORE 1:* +FLAGS (\\Deleted)\r\na4 CLOSE\r\n',
    ),
  (draft) => utf8(head(draft), '\r\n'),
  (draft) => utf8('No header here, only a line: ', draft.subject, '\r\n'),
]

type Shape = (draft: Draft) => Uint8Array

const flagSets: readonly [readonly string[], ...(readonly string[])[]] = [
  ['\\Seen'],
  ['\\Seen'],
  [],
  ['\\Seen', '\\Answered'],
  ['\\Flagged', '$Label1'],
  ['\\Seen', '$Forwarded', 'NonJunk'],
  ['\\Draft'],
  ['Work', '$MDNSent', '\\Seen', '\\Flagged'],
  ['\\Deleted', '\\Seen'],
]

const zones: readonly [string, ...string[]] = ['+0000', '-0700', '+0530', '+1345', '-0330', '+0200']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** A message that depends on the user, the index and the state of `random` only. */
export function makeMessage(user: string, index: number, random: () => number): NewMessage {
  const receivedAt = makeDate(random)
  const draft = {
    subject: `${user} ${index}`,
    user,
    date: receivedAt.replace(/^(..)-(...)-/, '$1 $2 '),
    messageId: `<${index}.${Math.floor(random() * 1e9)}@${user}>`,
    filler: makeFiller(random, sizeOf(random)),
  }
  return { bytes: pick(random, shapes)(draft), flags: pick(random, flagSets), receivedAt }
}

/** The same message once more, as another arrival: other date and flags. */
export function receivedAgain({ bytes }: NewMessage, random: () => number): NewMessage {
  return { bytes, flags: pick(random, flagSets), receivedAt: makeDate(random) }
}

/** Between 1990 and 2025, in many zones, sometimes with the blank that stands for a one-digit day. */
function makeDate(random: () => number): string {
  const upTo = (count: number) => Math.floor(random() * count)
  const two = (number: number) => `${number}`.padStart(2, '0')
  const day = `${1 + upTo(28)}`.padStart(2, random() < 0.5 ? ' ' : '0')
  const time = `${two(upTo(24))}:${two(upTo(60))}:${two(upTo(60))}`
  return `${day}-${months[upTo(12)]}-${1990 + upTo(36)} ${time} ${pick(random, zones)}`
}

/** Mostly small, a few up to 60 KB. */
function sizeOf(random: () => number): number {
  const kind = random()
  if (kind < 0.7) return 100 + random() * 3_400
  return kind < 0.95 ? 4_000 + random() * 16_000 : 20_000 + random() * 38_000
}

const line = 'The quick brown fox jumps over the lazy dog, 0123456789, and comes home again.\r\n'
const page = line.repeat(Math.ceil(62_000 / line.length))

function makeFiller(random: () => number, sizeBytes: number): string {
  return `${random()}\r\n${page.slice(0, line.length * Math.ceil(sizeBytes / line.length))}`
}

function head({ subject, user, date, messageId }: Draft): string {
  return `Return-Path: <sender@example.net>\r\nFrom: "A Sender" <sender@example.net>\r\nTo: <${user}>\r\nSubject: ${subject}\r\nDate: ${date}\r\nMessage-ID: ${messageId}\r\n`
}

function multipart({ filler }: Draft): string {
  const attachment = Buffer.from(filler).toString('base64').replace(/.{76}/g, '$&\r\n')
  return [
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_edge"\r\n\r\n',
    '--=_edge\r\nContent-Type: text/html\r\n\r\n<p>See attached</p>\r\n',
    '--=_edge\r\nContent-Type: application/octet-stream; name="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n',
    `${attachment}\r\n--=_edge--\r\n`,
  ].join('')
}

function utf8(...parts: readonly string[]): Uint8Array {
  return Buffer.from(parts.join(''), 'utf8')
}

function latin1(...parts: readonly string[]): Uint8Array {
  return Buffer.from(parts.join(''), 'latin1')
}
