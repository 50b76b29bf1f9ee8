import { Buffer } from 'node:buffer'
import { Fault, type FaultCode, type Side } from '../../domain/fault.ts'
import type { StatusLine } from './codec/status-line.ts'

/** Whom a connection leads to, for messages. */
export interface Peer {
  /** `host:port`. */
  readonly name: string
  readonly side: Side
}

type FaultDetails = NonNullable<ConstructorParameters<typeof Fault>[2]>

/** What was asked, since the same words mean another thing for a message than for a folder that is made or opened. */
export type Asked = 'append' | 'folder' | 'open' | 'sign-in' | 'other'

type Verdict = readonly [code: FaultCode, details?: FaultDetails]

/** Response codes of RFC 3501, 5530, 7889, 9208 and those that large providers made up. */
const byCode: Readonly<Record<string, Verdict | Partial<Record<Asked, Verdict>>>> = {
  OVERQUOTA: ['append.over-quota'],
  TOOBIG: ['append.too-large'],
  LIMIT: ['server.limit'],
  UNAVAILABLE: ['server.unavailable'],
  INUSE: ['server.unavailable', { scope: 'folder' }],
  SERVERBUG: ['server.unavailable'],
  THROTTLED: ['server.throttled'],
  NOPERM: ['server.permission'],
  'READ-ONLY': ['server.permission'],
  TRYCREATE: ['folder.missing'],
  NONEXISTENT: {
    'sign-in': ['sign-in.refused'],
    append: ['folder.missing'],
    folder: ['folder.missing'],
    open: ['folder.missing'],
  },
  EXPIRED: ['sign-in.refused'],
  AUTHENTICATIONFAILED: ['sign-in.refused'],
  AUTHORIZATIONFAILED: ['sign-in.refused'],
  PRIVACYREQUIRED: ['sign-in.unsupported'],
  CONTACTADMIN: { 'sign-in': ['sign-in.refused'], other: ['server.unavailable', { retry: 'never' }] },
  CORRUPTION: ['server.unavailable', { scope: 'folder' }],
  ALREADYEXISTS: ['folder.refused'],
  CANNOT: { append: ['append.refused'], folder: ['folder.refused'], open: ['folder.unreadable'] },
  CLIENTBUG: ['server.protocol'],
}

/** Words of servers that give no code. The first that fits counts. */
const byWords: readonly (readonly [RegExp, Verdict])[] = [
  [/throttl|backoff time|rate limit|bandwidth limit/i, ['server.throttled']],
  [/too many (?:simultaneous )?(?:connections|sessions|commands)|maximum number of connections/i, ['server.limit']],
  [
    /over ?quota|quota (?:is )?exceeded|mailbox (?:is )?full|not enough (?:disk )?(?:space|quota)/i,
    ['append.over-quota'],
  ],
  [/too (?:large|big)|maximum (?:message )?size|size limit/i, ['append.too-large']],
  [/temporar|try again|unavailable|internal (?:server )?error|timed? ?out/i, ['server.unavailable']],
  [/permission|not allowed|access denied|read-?only/i, ['server.permission']],
  [
    /(?:does not|doesn't|does'nt) exist|no such|unknown (?:mailbox|folder)|non-?existent|not found/i,
    ['folder.missing'],
  ],
]

const byDefault: Record<Asked, Verdict> = {
  append: ['append.refused'],
  folder: ['folder.refused'],
  open: ['server.unavailable', { scope: 'folder' }],
  'sign-in': ['sign-in.refused'],
  other: ['server.unavailable', { scope: 'folder' }],
}

/**
 * What a NO, BAD or BYE means. `action` begins the sentence: `Cannot open the folder "A"`. A BAD says that we were not
 * understood, whatever its words, unless it is how the server asks to wait.
 */
export function refusalFault(peer: Peer, asked: Asked, action: string, line: StatusLine): Fault {
  const waitMs = backoffMs(line)
  const [code, details] = waitMs === null ? verdictOf(asked, line) : (['server.throttled'] as const)
  return new Fault(code, `${action}: ${quoted(peer, line)}`, {
    ...details,
    side: peer.side,
    ...(waitMs !== null && { retryAfterMs: waitMs }),
  })
}

function verdictOf(asked: Asked, { status, code, text }: StatusLine): Verdict {
  if (status === 'BAD' && asked !== 'sign-in') return ['server.protocol']
  const known = code ? byCode[code.name] : undefined
  const byAsked = isVerdict(known) ? known : (known?.[asked] ?? known?.other)
  return byAsked ?? (asked === 'sign-in' ? wordsOfSignIn(text) : wordsOf(text)) ?? byDefault[asked]
}

const isVerdict = (value: (typeof byCode)[string] | undefined): value is Verdict => Array.isArray(value)

const wordsOf = (text: string): Verdict | undefined => byWords.find(([words]) => words.test(text))?.[1]

/** Only what says plainly that the password is not to blame counts; else we would try a wrong one again and again. */
function wordsOfSignIn(text: string): Verdict | undefined {
  const verdict = wordsOf(text)
  return verdict && ['server.throttled', 'server.limit', 'server.unavailable'].includes(verdict[0])
    ? verdict
    : undefined
}

/** `Request is throttled. Suggested Backoff Time: 92415 milliseconds`, which Exchange says with NO, BAD and BYE. */
function backoffMs({ text }: StatusLine): number | null {
  const [, digits] = /backoff time:?\s*(\d{1,9})/i.exec(text) ?? []
  return digits === undefined ? null : Number(digits)
}

/** The server has left by itself: at least this mailbox has to wait. */
export function byeFault(peer: Peer, line: StatusLine): Fault {
  const fault = refusalFault(peer, 'other', `The server ${peer.name} closed the connection`, line)
  const isWide = fault.scope === 'mailbox' || fault.scope === 'endpoint'
  const { message, side, retryAfterMs } = fault
  const code = wordsOf(line.text) || line.code ? fault.code : 'connect.dropped'
  return isWide
    ? fault
    : new Fault(code, message, {
        scope: 'mailbox',
        retry: 'later',
        ...(side && { side }),
        ...(retryAfterMs && { retryAfterMs }),
      })
}

export const droppedFault = ({ name, side }: Peer, cause: unknown): Fault =>
  new Fault('connect.dropped', `The connection to ${name} was lost${because(cause)}`, { cause, side })

export const stalledFault = ({ name, side }: Peer, stallMs: number): Fault =>
  new Fault('connect.timeout', `The server ${name} did not move for ${Math.round(stallMs / 1000)} seconds`, { side })

export const protocolFault = ({ name, side }: Peer, cause: unknown): Fault =>
  new Fault('server.protocol', `The server ${name} broke the protocol${because(cause)}`, { cause, side })

export const cancelledFault = ({ name, side }: Peer): Fault =>
  new Fault('cancelled', `The connection to ${name} was cut because the work was stopped`, { side })

const because = (cause: unknown): string => (cause instanceof Error ? `: ${plainText(cause.message)}` : '')

const quoted = ({ name }: Peer, { status, code, text }: StatusLine): string => {
  const words = plainText(unicode(code ? `[${code.name}] ${text}` : text))
  return words === '' ? `${name} says ${status}` : `${name} says "${words}"`
}

/** Text of the wire holds one character a byte; most servers mean UTF-8. */
function unicode(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text
  return Buffer.from(text, 'latin1').toString('utf8')
}

/** Foreign text, fit to be shown: one line without control characters, cut where it gets long. */
export function plainText(text: string, lengthMax = 200): string {
  const line = text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
  return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line
}

/** A folder's path in a sentence. */
export const shown = (path: readonly string[]): string => `"${plainText(path.join('/'), 120)}"`
