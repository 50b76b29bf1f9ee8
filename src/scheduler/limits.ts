import type { EndpointLimits } from '../domain/endpoint.ts'
import type { Side } from '../domain/fault.ts'
import { type ClaimFilter, type GiveBack, type Job, slotKind } from '../domain/job.ts'
import { createAllowances } from './allowances.ts'

export type SlotLimits = Pick<
  EndpointLimits,
  'concurrentMigrationsMax' | 'concurrentIncrementalSyncsMax' | 'connectionsMax'
>

/** What a claim may take, as far as endpoints decide it. */
export type Room = Pick<ClaimFilter, 'limit' | 'fullForInitial' | 'fullForIncremental'>

/** An endpoint that did not answer: nobody goes there until `until`, then one goes and looks. Times are monotonic. */
interface Hold {
  readonly since: number
  until: number
  failures: number
  /** Waited for long enough: all may go, and fail. */
  isGivenUp: boolean
  /** The job that went to look. */
  probe: number | null
}

const holdDelayMsMin = 5_000
const holdDelayMsMax = 5 * 60_000
/** For each running job that many of an endpoint's connections are set aside: as it begins, one may still be ending. */
const connectionsPerJob = 2
/** Claims in one write, where no endpoint has fewer slots. */
const claimsMax = 50

/** Who may go to which endpoint: slots by kind of pass, and endpoints that are held. `now` is monotonic. */
export interface Limits {
  take(job: Job): void
  give(job: Job): void
  room(limits: ReadonlyMap<number, SlotLimits>, now: number): Room
  /** One more connection to each endpoint of a running job, where enough are left; it ends with the job at the latest. */
  spare(job: Job, limits: ReadonlyMap<number, SlotLimits>): GiveBack | null
  /** An endpoint failed as a whole; `askedMs` is how long the server asked to wait. True: it was waited for long enough. */
  hold(endpointId: number, now: number, random: number, askedMs: number | null): boolean
  /** An endpoint said that it is asked too much: fewer go there for a while. */
  ease(endpointId: number, now: number): void
  /** An endpoint answered, or somebody says that it will: all may go there. False: nobody was held. */
  release(endpointId: number): boolean
  /** When a held endpoint may next be tried, or null. */
  nextTryAt(now: number): number | null
  /** What keeps jobs from the endpoints that are held or bear fewer jobs than are set. */
  standing(now: number): ReadonlyMap<number, EndpointStanding>
}

export interface EndpointStanding {
  /** Jobs that may run there now; null: as many as are set. */
  readonly allowed: number | null
  /** How long nobody goes there, milliseconds; null: it is not held. */
  readonly heldForMs: number | null
}

const endpointsOf = (job: Job): readonly number[] => [
  ...new Set([job.sourceEndpointId, job.targetEndpointId].filter((id) => id !== null)),
]

/** Each job has one connection to either of its endpoints. */
const connections = (jobs: readonly Job[], endpointId: number): number =>
  jobs.flatMap((job) => [job.sourceEndpointId, job.targetEndpointId]).filter((id) => id === endpointId).length

/** The endpoint that a fault of that side speaks of; both when it does not say. */
export function endpointsAt(job: Job, side: Side | null): readonly number[] {
  if (side === null) return endpointsOf(job)
  const id = side === 'source' ? job.sourceEndpointId : job.targetEndpointId
  return id === null ? [] : [id]
}

export function createLimits(patienceMs: number): Limits {
  const running = new Map<number, Job>()
  const holds = new Map<number, Hold>()
  /** Further connections, by the running job that has them. */
  const spares = new Set<{ readonly job: Job }>()
  const allowances = createAllowances()
  const runningAt = (endpointId: number) =>
    [...running.values()].filter((job) => endpointsOf(job).includes(endpointId)).length

  const taken = (endpointId: number, kind: 'initial' | 'incremental') =>
    [...running.values()].filter((job) => slotKind(job.spec) === kind && endpointsOf(job).includes(endpointId)).length

  const own = (endpointId: number) => connections([...running.values()], endpointId)
  const spared = (endpointId: number) => [...spares].reduce((sum, { job }) => sum + connections([job], endpointId), 0)

  const standingOf = (id: number, now: number): EndpointStanding => {
    const allowed = allowances.allowed(id, now)
    const hold = holds.get(id)
    return {
      allowed: Number.isFinite(allowed) ? allowed : null,
      heldForMs: hold && !hold.isGivenUp ? Math.max(0, hold.until - now) : null,
    }
  }

  const freeWhenHeld = (hold: Hold, now: number) => {
    if (hold.isGivenUp) return Number.POSITIVE_INFINITY
    return now >= hold.until && hold.probe === null ? 1 : 0
  }

  return {
    take(job) {
      running.set(job.id, job)
      for (const id of endpointsOf(job)) {
        const hold = holds.get(id)
        if (hold) hold.probe ??= job.id
      }
    },
    give(job) {
      running.delete(job.id)
      for (const spare of spares) if (spare.job.id === job.id) spares.delete(spare)
      for (const hold of holds.values()) if (hold.probe === job.id) hold.probe = null
    },
    room(limits, now) {
      const free = (kind: 'initial' | 'incremental') =>
        [...limits].map(([id, limit]) => {
          const max = kind === 'initial' ? limit.concurrentMigrationsMax : limit.concurrentIncrementalSyncsMax
          const hold = holds.get(id)
          const set = limit.concurrentMigrationsMax + limit.concurrentIncrementalSyncsMax
          if (allowances.allowed(id, now) >= set) allowances.forget(id)
          const borne = allowances.allowed(id, now) - runningAt(id)
          const free = Math.min(max - taken(id, kind), limit.connectionsMax - own(id) - spared(id), borne)
          const slots = Math.max(0, free)
          return { id, slots: hold ? Math.min(slots, freeWhenHeld(hold, now)) : slots }
        })
      const initial = free('initial')
      const incremental = free('incremental')
      const open = [...initial, ...incremental].filter(({ slots }) => slots > 0)
      const idsOfFull = (of: typeof initial) => of.filter(({ slots }) => slots === 0).map(({ id }) => id)
      return {
        // A claimed job takes at most one slot anywhere: the smallest room is never overdrawn.
        limit: Math.min(claimsMax, ...open.map(({ slots }) => slots)),
        fullForInitial: idsOfFull(initial),
        fullForIncremental: idsOfFull(incremental),
      }
    },
    spare(job, limits) {
      const isLeft = (id: number): boolean => {
        const max = limits.get(id)?.connectionsMax ?? 0
        return (
          !holds.has(id) &&
          !allowances.endpoints().includes(id) &&
          max - connectionsPerJob * own(id) - spared(id) >= connections([job], id)
        )
      }
      if (!running.has(job.id) || !endpointsOf(job).every(isLeft)) return null
      const spare = { job }
      spares.add(spare)
      return () => spares.delete(spare)
    },
    hold(endpointId, now, random, askedMs) {
      const hold = holds.get(endpointId) ?? { since: now, until: now, failures: 0, isGivenUp: false, probe: null }
      holds.set(endpointId, hold)
      hold.isGivenUp ||= now - hold.since >= patienceMs
      // Jobs that were under way together fail together: that is one failure.
      if (hold.isGivenUp || (now < hold.until && askedMs === null)) return hold.isGivenUp
      hold.failures += 1
      const delayMs = Math.min(holdDelayMsMax, holdDelayMsMin * 2 ** Math.min(hold.failures - 1, 20))
      hold.until = Math.max(hold.until, now + (askedMs ?? Math.round(delayMs * (0.75 + random / 4))))
      return false
    },
    ease: (endpointId, now) => allowances.lower(endpointId, runningAt(endpointId), now),
    release: (endpointId) => holds.delete(endpointId),
    nextTryAt(now) {
      const tries = [...holds.values()].filter(({ until }) => until > now).map(({ until }) => until)
      const riseAt = allowances.nextRiseAt(now)
      if (riseAt !== null) tries.push(riseAt)
      return tries.length === 0 ? null : Math.min(...tries)
    },
    standing(now) {
      const ids = new Set([...holds.keys(), ...allowances.endpoints()])
      return new Map([...ids].map((id) => [id, standingOf(id, now)] as const))
    },
  }
}
