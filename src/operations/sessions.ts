import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'

/** Someone who is signed in to the pages. Times are milliseconds UTC. */
export interface Session {
  readonly createdAt: number
  /** When it ends if nothing is asked for any more. */
  readonly expiresAt: number
}

/** Sign-in links and sessions of this process. Only hashes of what was given out are kept. */
export interface Sessions {
  /** A token for one sign-in within 30 minutes, 256 bits, base64url. */
  createLink(): string
  /** Trades a link's token for a session id; null when it is unknown, used or too old. */
  redeem(linkToken: string): string | null
  /** The session of an id, its idle time begun anew; null when there is none. */
  find(sessionId: string): Session | null
  end(sessionId: string): void
}

const minuteMs = 60_000
const linkMs = 30 * minuteMs
const idleMs = 30 * minuteMs
const absoluteMs = 12 * 60 * minuteMs
/** Of each, the oldest goes when there are more. */
const keptMax = 1000

/** Lifetimes are measured by elapsed time: setting the wall clock ends or prolongs nothing. */
interface Kept {
  readonly createdAt: number
  readonly begunAt: number
  usedAt: number
}

/** `random` gives that many random bytes. */
export function createSessions({
  clock,
  random = randomBytes,
}: {
  readonly clock: Clock
  readonly random?: (bytes: number) => Uint8Array
}): Sessions {
  const links = new Map<string, number>()
  const sessions = new Map<string, Kept>()

  const open = (): string => {
    const id = token(random)
    const begunAt = clock.monotonic()
    keep(sessions, hash(id), { createdAt: clock.now(), begunAt, usedAt: begunAt })
    return id
  }

  return {
    createLink() {
      const link = token(random)
      keep(links, hash(link), clock.monotonic())
      return link
    },
    redeem(link) {
      const madeAt = links.get(hash(link))
      if (madeAt === undefined) return null
      links.delete(hash(link))
      return clock.monotonic() - madeAt < linkMs ? open() : null
    },
    find(id) {
      const session = sessions.get(hash(id))
      if (session === undefined) return null
      const now = clock.monotonic()
      const leftMs = Math.min(session.usedAt + idleMs, session.begunAt + absoluteMs) - now
      if (leftMs <= 0) {
        sessions.delete(hash(id))
        return null
      }
      session.usedAt = now
      const lastsMs = Math.min(idleMs, session.begunAt + absoluteMs - now)
      return { createdAt: session.createdAt, expiresAt: clock.now() + lastsMs }
    },
    end: (id) => void sessions.delete(hash(id)),
  }
}

/** Whether an `Authorization` header (RFC 6750, section 2.1) carries the command line's token; in constant time. */
export function isBearer(authorization: string | null | undefined, expected: string): boolean {
  const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? []
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}

const token = (random: (bytes: number) => Uint8Array): string => Buffer.from(random(32)).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const hash = (text: string): string => digest(text).toString('base64url')

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > keptMax && oldest !== undefined) map.delete(oldest)
}
