import { Fault, isFault } from '../domain/fault.ts'
import type { Job, JobStore } from '../domain/job.ts'
import type { Clock } from '../platform/clock.ts'
import type { Timers } from '../platform/timers.ts'
import type { Lease } from './lease.ts'

/** A job with its lease; aborted with `lease.lost` when that has ended. */
export interface Held {
  readonly job: Job
  readonly lease: Lease
  readonly abort: AbortController
}

export interface LeaseKeeperOptions {
  readonly store: Pick<JobStore, 'heartbeat' | 'rescue'>
  readonly clock: Clock
  readonly timers: Timers
  readonly leaseMs: number
  readonly onTrouble: (error: unknown, job: Job | null) => void
  /** Jobs went back to the queue. */
  readonly onRescue: () => void
}

/** Renews leases at a third of their time, drops jobs whose lease has ended, and puts them back into the queue. */
export interface LeaseKeeper {
  keep(held: Held): void
  release(held: Held): void
  /** Calls back later, and looks at all leases first when that was too late: the machine slept, and they may be gone. */
  after(delayMs: number, callback: () => void): () => void
  /** No lease that is still kept is held any more. */
  stop(): void
}

/** A timer that is later than this was not late by chance. */
const lateMsMax = 2_000
/** Beats after the last job, longer than a lease: one whose end was not written is rescued when its lease ends. */
const idleBeatsMax = 5

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, clock, timers, leaseMs, onTrouble, onRescue } = options
  const kept = new Set<Held>()
  let cancelBeat: (() => void) | null = null
  let idleBeats = 0

  const dropExpired = (): void => {
    for (const { lease, abort, job } of kept)
      if (!lease.isHeld()) abort.abort(new Fault('lease.lost', `Cannot go on with job ${job.id}: its lease has ended`))
  }

  const after = (delayMs: number, callback: () => void): (() => void) => {
    const due = { now: clock.now() + delayMs, monotonic: clock.monotonic() + delayMs }
    return timers.after(delayMs, () => {
      if (Math.max(clock.now() - due.now, clock.monotonic() - due.monotonic) > lateMsMax) dropExpired()
      callback()
    })
  }

  const renew = async ({ lease, abort, job }: Held): Promise<void> => {
    if (!lease.isHeld()) return
    const until = lease.nextUntil()
    const monotonic = clock.monotonic()
    try {
      await store.heartbeat(lease.fence, until)
      lease.renew(until, monotonic)
    } catch (error) {
      onTrouble(error, job)
      if (isFault(error) && error.code === 'lease.lost') abort.abort(error)
    }
  }

  const rescue = async (): Promise<void> => {
    try {
      if ((await store.rescue(clock.now())).length > 0) onRescue()
    } catch (error) {
      onTrouble(error, null)
    }
  }

  const beat = async (): Promise<void> => {
    dropExpired()
    await Promise.all([...kept].map(renew))
    await rescue()
  }

  const armBeat = (): void => {
    cancelBeat ??= after(leaseMs / 3, () => {
      cancelBeat = null
      idleBeats = kept.size > 0 ? 0 : idleBeats + 1
      if (idleBeats < idleBeatsMax) armBeat()
      void beat()
    })
  }

  return {
    after,
    keep(held) {
      kept.add(held)
      idleBeats = 0
      armBeat()
    },
    release: (held) => void kept.delete(held),
    stop() {
      cancelBeat?.()
      for (const { lease } of kept) lease.end()
    },
  }
}
