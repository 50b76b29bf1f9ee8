import type { MailReader } from '../connectors/connector.ts'
import type { EndpointLimits } from '../domain/endpoint.ts'
import type { Clock } from '../platform/clock.ts'
import { sleep, type Timers } from '../platform/timers.ts'

/** Whose session it is, and what closes it. */
export interface SessionOwner {
  /** Two sessions with one key may stand in for each other. */
  readonly key: string
  readonly endpointId: number
  readonly batchId: number
  readonly userId: number
}

/** A connection in use. */
export interface Place {
  readonly owner: SessionOwner
  /** False: who it belongs to was stopped or changed meanwhile. */
  mayBeKept: boolean
}

export interface TakenSession {
  readonly place: Place
  readonly session: MailReader
}

/** Whose sessions are closed. */
type Disconnected = { readonly batchId: number; readonly userId?: number } | { readonly endpointId: number }

type Connections = ReadonlyMap<number, Pick<EndpointLimits, 'connectionsMax'>>

/**
 * Sessions that stay signed in for the next pass, the longest unused the first to go. They count among the connections
 * of their endpoint, and give way to whoever needs one.
 */
export interface KeptSessions {
  /** One that was kept under that key; null where there is none. */
  take(owner: SessionOwner): TakenSession | null
  /** One more connection is about to be in use: returns when there is room for it. */
  enter(owner: SessionOwner): Promise<Place>
  /** A connection that was in use has ended. */
  leave(place: Place): void
  /** The session that was in use is kept; returns when that is closed for which there is no room then. */
  keep(place: Place, session: MailReader): Promise<void>
  /** Closes those of a batch, of one user of it, or of an endpoint; what is in use is not kept afterwards. */
  disconnect(what: Disconnected): void
  /** How many connections each endpoint may have; others are no endpoints any more. What is too much is closed at once. */
  fit(limits: Connections): void
  /** Closes all, within a second, and keeps none any more. */
  stop(): Promise<void>
  /** False: whatever is given to be kept is closed. */
  readonly isKeeping: boolean
  readonly count: number
}

export interface KeptSessionsOptions {
  readonly clock: Clock
  readonly timers: Timers
  /** Of all endpoints together; 0 keeps none. */
  readonly keptMax: number
}

/** A server may end a session after 30 minutes in which it heard nothing (RFC 3501, section 5.4): we go before. */
const keptMsMax = 25 * 60_000
const stopMs = 1_000

/** Takes leave of the server; never throws. */
export async function closeSession(session: MailReader): Promise<void> {
  try {
    await session[Symbol.asyncDispose]()
  } catch {
    session.destroy()
  }
}

export const createKeptSessions = (options: KeptSessionsOptions): KeptSessions => new SessionKeeper(options)

interface Entry {
  readonly owner: SessionOwner
  readonly session: MailReader
  /** Monotonic. */
  readonly until: number
}

class SessionKeeper implements KeptSessions {
  readonly #options: KeptSessionsOptions
  /** The longest unused first. */
  readonly #kept = new Set<Entry>()
  readonly #inUse = new Set<Place>()
  #limits: Connections | null = null
  #cancelTimer: (() => void) | null = null
  #isStopped = false

  constructor(options: KeptSessionsOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#kept.size
  }

  get isKeeping(): boolean {
    return this.#options.keptMax > 0 && !this.#isStopped
  }

  take(owner: SessionOwner): TakenSession | null {
    const found = [...this.#kept].findLast((entry) => entry.owner.key === owner.key)
    if (found === undefined) return null
    this.#kept.delete(found)
    return { place: this.#use(owner), session: found.session }
  }

  async enter(owner: SessionOwner): Promise<Place> {
    const place = this.#use(owner)
    await this.#close(this.#surplus(owner.endpointId))
    return place
  }

  leave(place: Place): void {
    this.#inUse.delete(place)
  }

  async keep(place: Place, session: MailReader): Promise<void> {
    const { owner, mayBeKept } = place
    const { clock, keptMax } = this.#options
    this.#inUse.delete(place)
    if (!mayBeKept || !this.isKeeping) return await closeSession(session)
    this.#kept.add({ owner, session, until: clock.monotonic() + keptMsMax })
    this.#arm()
    const tooMany = [...this.#kept].slice(0, Math.max(0, this.#kept.size - keptMax))
    await this.#close([...tooMany, ...this.#surplus(owner.endpointId)])
  }

  disconnect(what: Disconnected): void {
    const isMeant = ({ owner }: { readonly owner: SessionOwner }) => {
      if ('endpointId' in what) return owner.endpointId === what.endpointId
      return what.userId === undefined ? owner.batchId === what.batchId : owner.userId === what.userId
    }
    for (const place of this.#inUse) place.mayBeKept &&= !isMeant(place)
    void this.#close([...this.#kept].filter(isMeant))
  }

  fit(limits: Connections): void {
    this.#limits = limits
    const endpointIds = new Set([...this.#kept].map(({ owner }) => owner.endpointId))
    void this.#close([...endpointIds].flatMap((id) => this.#surplus(id)))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    const all = [...this.#kept]
    const isClosed = new AbortController()
    const waited = sleep(this.#options.timers, stopMs, isClosed.signal).catch(() => undefined)
    await Promise.race([this.#close(all), waited])
    isClosed.abort()
    for (const { session } of all) session.destroy()
  }

  #use(owner: SessionOwner): Place {
    const place = { owner, mayBeKept: true }
    this.#inUse.add(place)
    return place
  }

  /** Those of an endpoint for which it has no room, the longest unused first. */
  #surplus(endpointId: number): readonly Entry[] {
    if (this.#limits === null) return []
    const isThere = ({ owner }: { readonly owner: SessionOwner }) => owner.endpointId === endpointId
    const kept = [...this.#kept].filter(isThere)
    const { connectionsMax } = this.#limits.get(endpointId) ?? { connectionsMax: 0 }
    const room = Math.max(0, connectionsMax - [...this.#inUse].filter(isThere).length)
    return kept.slice(0, Math.max(0, kept.length - room))
  }

  /** They are kept no longer from this moment on, and closed when it returns. */
  async #close(entries: readonly Entry[]): Promise<void> {
    const mine = entries.filter((entry) => this.#kept.delete(entry))
    await Promise.all(mine.map(({ session }) => closeSession(session)))
  }

  /** Wakes up when the longest unused has been kept for long enough. */
  #arm(): void {
    const [first] = this.#kept
    if (this.#cancelTimer !== null || first === undefined || this.#isStopped) return
    const { timers, clock } = this.#options
    this.#cancelTimer = timers.after(Math.max(0, first.until - clock.monotonic()), () => {
      this.#cancelTimer = null
      void this.#close([...this.#kept].filter(({ until }) => until <= clock.monotonic()))
      this.#arm()
    })
  }
}
