import type { Load, Passage } from '../connectors/decorate.ts'
import { createThrottle, type Throttle } from '../connectors/throttle.ts'
import { type Direction, dayBytesLeft, type EndpointCaps, endOfDay, isCapped, noCaps } from '../domain/endpoint-caps.ts'
import { Fault, type Side } from '../domain/fault.ts'
import { movesAt } from '../domain/working-hours.ts'
import { createDayCounter, type DayCounter, type DayCounterOptions } from './day-counter.ts'

/** Which mailbox, on which side, mail passes an endpoint for. */
export interface PassageOf {
  readonly endpointId: number
  readonly mailbox: string
  readonly side: Side
  readonly direction: Direction
}

/** The caps of all endpoints, and what has passed under them. */
export interface EndpointMeters {
  passage(of: PassageOf): Passage
  /** The caps as they are now; others are no endpoints any more. */
  fit(caps: ReadonlyMap<number, { readonly caps: EndpointCaps }>): void
  /** Throws the fault for which no mail passes now. */
  check(of: PassageOf): void
  /** Until when no pass may begin at the endpoint, milliseconds UTC; null: one may. */
  closedUntil(endpointId: number): number | null
  /** When the next of the endpoints opens, or null. */
  readonly nextOpeningAt: number | null
  /** Writes what is not written yet. */
  stop(): Promise<void>
}

/** Connections do not rest longer: a server or a firewall would end them. */
const waitMsMax = 4 * 60_000
/** Of the rate that is allowed, asked for in one go. */
const pageMs = 1_000
/** What is left of a day's bytes is asked for in parts, so that many who ask at a time do not exceed it by much. */
const partsOfDay = 16
const partBytesMin = 1024 * 1024
/** Hours that never come are looked at again as seldom as all that waits. */
const neverMs = 24 * 60 * 60_000

export const createEndpointMeters = (options: DayCounterOptions): EndpointMeters => new Meters(options)

interface Meter {
  caps: EndpointCaps
  readonly bytes: Throttle
  readonly messages: Throttle
}

class Meters implements EndpointMeters {
  readonly #options: Pick<DayCounterOptions, 'clock' | 'timers'>
  readonly #meters = new Map<number, Meter>()
  readonly #days: DayCounter

  constructor(options: DayCounterOptions) {
    this.#options = options
    this.#days = createDayCounter(options)
  }

  passage(of: PassageOf): Passage {
    const meters = this
    return {
      get isCapped() {
        return isCapped(meters.#of(of.endpointId).caps)
      },
      get bytesAtOnce() {
        const { perSecond } = meters.#of(of.endpointId).bytes
        const left = meters.#left(of)
        return Math.min(
          (perSecond ?? Number.POSITIVE_INFINITY) * (pageMs / 1000),
          Math.max(partBytesMin, left / partsOfDay),
        )
      },
      get messagesAtOnce() {
        return (meters.#of(of.endpointId).messages.perSecond ?? Number.POSITIVE_INFINITY) * (pageMs / 1000)
      },
      take: (load, signal) => meters.#take(of, load, signal),
      correct: (load) => meters.#correct(of, load),
    }
  }

  fit(all: ReadonlyMap<number, { readonly caps: EndpointCaps }>): void {
    for (const id of this.#meters.keys()) if (!all.has(id)) this.#meters.delete(id)
    for (const [id, { caps }] of all) {
      const meter = this.#of(id)
      meter.caps = caps
      meter.bytes.set(caps.bytesPerSecondMax)
      meter.messages.set(caps.messagesPerSecondMax)
    }
  }

  check(of: PassageOf): void {
    const now = this.#options.clock.now()
    const closedUntil = this.closedUntil(of.endpointId)
    if (closedUntil !== null) throw paused('endpoint.window', of, closedUntil - now)
    if (this.#left(of) <= 0) throw paused('endpoint.budget', of, endOfDay(now) - now)
  }

  closedUntil(endpointId: number): number | null {
    const { workingHours } = this.#of(endpointId).caps
    if (workingHours === null) return null
    const now = this.#options.clock.now()
    const { moves, until } = movesAt(workingHours, now)
    return moves ? null : (until ?? now + neverMs)
  }

  get nextOpeningAt(): number | null {
    const openings = [...this.#meters.keys()].map((id) => this.closedUntil(id)).filter((at) => at !== null)
    return openings.length === 0 ? null : Math.min(...openings)
  }

  stop(): Promise<void> {
    return this.#days.stop()
  }

  async #take(of: PassageOf, { bytes, messages }: Load, signal: AbortSignal): Promise<void> {
    this.check(of)
    const meter = this.#of(of.endpointId)
    const delayMs = Math.max(meter.bytes.delayMs, meter.messages.delayMs)
    if (delayMs > waitMsMax) throw paused('endpoint.pace', of, delayMs)
    await meter.messages.take(messages, signal)
    await meter.bytes.take(bytes, signal)
    // Hours end and others use up the day while one waits.
    this.check(of)
    this.#days.count(of, of.direction, bytes)
  }

  #correct(of: PassageOf, { bytes, messages }: Load): void {
    const meter = this.#of(of.endpointId)
    meter.bytes.correct(bytes)
    meter.messages.correct(messages)
    this.#days.count(of, of.direction, bytes)
  }

  #of(endpointId: number): Meter {
    const known = this.#meters.get(endpointId)
    if (known) return known
    const { clock, timers } = this.#options
    const made = { caps: noCaps, bytes: createThrottle(clock, timers), messages: createThrottle(clock, timers) }
    this.#meters.set(endpointId, made)
    return made
  }

  #left({ endpointId, mailbox, direction }: PassageOf): number {
    const moved = (name: string | null): number => this.#days.moved({ endpointId, mailbox: name }, direction)
    return dayBytesLeft(this.#of(endpointId).caps, direction, { endpoint: moved(null), mailbox: moved(mailbox) })
  }
}

const why = {
  'endpoint.window': 'no mail moves there at this time of the week',
  'endpoint.budget': 'the bytes that may move there today are used up',
  'endpoint.pace': 'too much mail waits there already',
} as const

const paused = (code: keyof typeof why, { side, mailbox }: PassageOf, afterMs: number): Fault =>
  new Fault(code, `Cannot go on with "${mailbox}" at the ${side}: ${why[code]}`, {
    side,
    retryAfterMs: Math.ceil(afterMs),
  })
