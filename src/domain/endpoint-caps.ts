import type { FaultCode } from './fault.ts'
import { checkCount } from './field.ts'
import { type WorkingHours, workingHoursProblem } from './working-hours.ts'

/** How much mail may move at an endpoint, over all of its users together; null is no cap. */
export interface EndpointCaps {
  /** Contents of messages, in both directions together. */
  readonly bytesPerSecondMax: number | null
  readonly messagesPerSecondMax: number | null
  /** Read from the endpoint within a day of UTC. */
  readonly bytesReadPerDayMax: number | null
  /** Written to it. */
  readonly bytesWrittenPerDayMax: number | null
  /** The same for each mailbox, as providers count. */
  readonly mailboxBytesReadPerDayMax: number | null
  readonly mailboxBytesWrittenPerDayMax: number | null
  /** No pass begins at other times, and one that is under way ends softly. */
  readonly workingHours: WorkingHours | null
}

/** Which way mail goes, as the endpoint sees it. */
export type Direction = 'read' | 'written'

/** What moved on one day of UTC, at an endpoint as a whole (`mailbox` is null) or in one mailbox of it. */
export interface DayBytes extends Readonly<Record<Direction, number>> {
  readonly endpointId: number
  readonly mailbox: string | null
  /** Days since 1970. */
  readonly day: number
}

export const noCaps: EndpointCaps = {
  bytesPerSecondMax: null,
  messagesPerSecondMax: null,
  bytesReadPerDayMax: null,
  bytesWrittenPerDayMax: null,
  mailboxBytesReadPerDayMax: null,
  mailboxBytesWrittenPerDayMax: null,
  workingHours: null,
}

const capNames = Object.keys(noCaps) as readonly (keyof EndpointCaps)[]

export const isCapped = (caps: EndpointCaps): boolean => capNames.some((name) => caps[name] !== null)

/** What may still move of a day's bytes, by what of them has moved at the endpoint and in one mailbox of it. */
export function dayBytesLeft(
  caps: EndpointCaps,
  direction: Direction,
  moved: { readonly endpoint: number; readonly mailbox: number },
): number {
  const isRead = direction === 'read'
  const endpointMax = (isRead ? caps.bytesReadPerDayMax : caps.bytesWrittenPerDayMax) ?? Number.POSITIVE_INFINITY
  const mailboxMax =
    (isRead ? caps.mailboxBytesReadPerDayMax : caps.mailboxBytesWrittenPerDayMax) ?? Number.POSITIVE_INFINITY
  return Math.min(endpointMax - moved.endpoint, mailboxMax - moved.mailbox)
}

/** Below it one large message would keep an endpoint waiting for hours. */
const bytesPerSecondMin = 10_000
const dayMs = 24 * 60 * 60_000

/** What is wrong with them, each at its field. */
export const capProblems = (caps: EndpointCaps) => ({
  bytesPerSecondMax: maybe(caps.bytesPerSecondMax, checkCount(bytesPerSecondMin, 1e12)),
  messagesPerSecondMax: maybe(caps.messagesPerSecondMax, checkCount(1, 1e6)),
  bytesReadPerDayMax: maybe(caps.bytesReadPerDayMax, checkCount(1, 1e15)),
  bytesWrittenPerDayMax: maybe(caps.bytesWrittenPerDayMax, checkCount(1, 1e15)),
  mailboxBytesReadPerDayMax: maybe(caps.mailboxBytesReadPerDayMax, checkCount(1, 1e15)),
  mailboxBytesWrittenPerDayMax: maybe(caps.mailboxBytesWrittenPerDayMax, checkCount(1, 1e15)),
  workingHours: maybe(caps.workingHours, workingHoursProblem),
})

const maybe = <T>(value: T | null, check: (value: T) => string | null): string | null =>
  value === null ? null : check(value)

/** Days since 1970, UTC. */
export const dayOf = (at: number): number => Math.floor(at / dayMs)

/** When the day of UTC ends, milliseconds. */
export const endOfDay = (at: number): number => (dayOf(at) + 1) * dayMs

const pauseCodes: ReadonlySet<FaultCode> = new Set(['endpoint.window', 'endpoint.budget', 'endpoint.pace'])

/** Our own caps made it wait: that is no failure, and costs no attempt. */
export const isCapPause = (code: FaultCode): boolean => pauseCodes.has(code)
