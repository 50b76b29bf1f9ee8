import { Fault, isFault } from '../domain/fault.ts'
import type { GiveBack, Job, JobControl, JobStore } from '../domain/job.ts'
import { endOfFailure, isThrottle, type JobEnd } from '../domain/job-end.ts'
import type { Clock } from '../platform/clock.ts'
import { sleep, type Timers } from '../platform/timers.ts'
import { createLease } from './lease.ts'
import { createLeaseKeeper, type Held, type LeaseKeeper } from './lease-keeper.ts'
import { createLimits, type EndpointStanding, endpointsAt, type Limits, type SlotLimits } from './limits.ts'

/** `Result` is what a run hands over to be written together with its end. */
export interface SchedulerOptions<Result> {
  readonly store: Pick<JobStore, 'claim' | 'heartbeat' | 'rescue' | 'nextDueAt'>
  readonly run: (job: Job, control: JobControl) => Promise<Result>
  /** Writes what becomes of a job, with all that follows from it, in one write. `result` is null when the run failed. */
  readonly settle: (job: Job, end: JobEnd, result: Result | null) => Promise<void>
  /** Read whenever there may be work, so that a change takes effect at once. */
  readonly limits: () => Promise<ReadonlyMap<number, SlotLimits>>
  /** What the clock starts, by `now` in milliseconds UTC; tells when it wants to be asked again. */
  readonly tick: (now: number) => Promise<number | null>
  /** Fulfilled when the store can write again. */
  readonly tryStore: () => Promise<void>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: () => number
  /** Mistakes of our own, and a store that cannot be used: what no end of a job tells of. */
  readonly onError: (error: unknown, job: Job | null) => void
  /** Milliseconds; default 60 s. */
  readonly leaseMs?: number | undefined
  /** Default 10. */
  readonly attemptsMax?: number | undefined
  /** Attempts that a server's wish to wait may cost before a user is given up; default 100. */
  readonly throttledMax?: number | undefined
  /** How long an endpoint that does not answer is waited for; default 24 hours. */
  readonly endpointPatienceMs?: number | undefined
  /** How long a stop waits for running jobs; default 10 s. */
  readonly drainMs?: number | undefined
}

export interface Scheduler {
  /** Makes all leases void, then works. */
  start(): Promise<void>
  /** There may be work, or room for it. */
  wake(): void
  /** Stops the running jobs of these users, softly: they end as cancelled. */
  halt(userIds: readonly number[]): void
  /** Lets jobs go to an endpoint that was held. */
  release(endpointId: number): void
  /** Takes no more jobs, lets the running ones end softly, and returns when they have, or after the drain time. */
  stop(): Promise<void>
  /** Endpoints that are held, or that bear fewer jobs than are set. */
  standing(): ReadonlyMap<number, EndpointStanding>
  /** Why the store could not be written the last time, and no jobs are taken; null when all is well. */
  readonly storeFault: Fault | null
}

/** A job that is being worked on, from its claim to the write of its end. */
interface Run extends Held {
  readonly done: Promise<void>
  asked: 'halt' | 'drain' | null
}

/** Whatever the store and the clock say of due times, it is never looked more often or more seldom by itself. */
const delayMsMin = 20
const delayMsMax = 60 * 60_000
const storeRetryMs = 2_000

/** Runs jobs and knows nothing of what they do. One a process: the data folder's lock sees to that. */
export function createScheduler<Result>(given: SchedulerOptions<Result>): Scheduler {
  const {
    leaseMs = 60_000,
    attemptsMax = 10,
    throttledMax = 100,
    endpointPatienceMs = 24 * 60 * 60_000,
    drainMs = 10_000,
  } = given
  return new JobScheduler({ ...given, leaseMs, attemptsMax, throttledMax, endpointPatienceMs, drainMs })
}

type Options<Result> = SchedulerOptions<Result> & Limited

interface Limited {
  readonly leaseMs: number
  readonly attemptsMax: number
  readonly throttledMax: number
  readonly endpointPatienceMs: number
  readonly drainMs: number
}

class JobScheduler<Result> implements Scheduler {
  readonly #options: Options<Result>
  readonly #limits: Limits
  readonly #keeper: LeaseKeeper
  readonly #runs = new Map<number, Run>()
  #state: 'idle' | 'working' | 'stopping' | 'stopped' = 'idle'
  #storeFault: Fault | null = null
  #pumping: Promise<void> | null = null
  #isWoken = false
  #cancelTimer: (() => void) | null = null

  constructor(options: Options<Result>) {
    this.#options = options
    this.#limits = createLimits(options.endpointPatienceMs)
    this.#keeper = createLeaseKeeper({
      ...options,
      onTrouble: (error, job) => this.#onTrouble(error, job),
      onRescue: () => this.wake(),
    })
  }

  standing(): ReadonlyMap<number, EndpointStanding> {
    return this.#limits.standing(this.#options.clock.monotonic())
  }

  get storeFault(): Fault | null {
    return this.#storeFault
  }

  async start(): Promise<void> {
    // The lock of the data folder proves that the process which held them is gone.
    await this.#options.store.rescue(Number.POSITIVE_INFINITY).catch((error) => this.#onTrouble(error, null))
    if (this.#state !== 'idle') return
    this.#state = 'working'
    this.wake()
  }

  wake(): void {
    this.#isWoken = true
    if (this.#state === 'working') this.#pumping ??= this.#pump()
  }

  halt(userIds: readonly number[]): void {
    for (const run of this.#runs.values()) {
      if ('userId' in run.job.spec && userIds.includes(run.job.spec.userId)) ask(run, 'halt')
    }
  }

  release(endpointId: number): void {
    if (this.#limits.release(endpointId)) this.wake()
  }

  async stop(): Promise<void> {
    this.#state = 'stopping'
    this.#cancelTimer?.()
    for (const run of this.#runs.values()) ask(run, 'drain')
    const isDrained = new AbortController()
    const waited = sleep(this.#options.timers, this.#options.drainMs, isDrained.signal).catch(() => undefined)
    await Promise.race([waited, this.#drained()])
    isDrained.abort()
    this.#state = 'stopped'
    this.#keeper.stop()
  }

  async #drained(): Promise<void> {
    await this.#pumping
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
  }

  /** Claims until nothing is left that may run now. One at a time; a wake meanwhile makes it look once more. */
  async #pump(): Promise<void> {
    do {
      this.#isWoken = false
      try {
        await this.#claim()
      } catch (error) {
        this.#onTrouble(error, null)
        this.#arm(storeRetryMs)
      }
    } while (this.#isWoken && this.#state === 'working')
    this.#pumping = null
  }

  async #claim(): Promise<void> {
    const { store, clock, tick, limits, leaseMs, tryStore } = this.#options
    if (this.#storeFault !== null) await tryStore()
    this.#storeFault = null
    const [tickAt, slots] = await Promise.all([tick(clock.now()), limits()])
    for (;;) {
      const from = { now: clock.now(), monotonic: clock.monotonic() }
      const room = this.#limits.room(slots, from.monotonic)
      const jobs = await store.claim({ now: from.now, leaseMs, ...room })
      for (const job of jobs) this.#take(job, from)
      // Fewer than there was room for: those that are left wait for something else.
      if (jobs.length < room.limit || this.#state !== 'working') return await this.#armForNext(from, tickAt)
    }
  }

  /**
   * Jobs that are due but may not run wait for an end, a wake or a release; the others for their moment. What became due
   * since the claim was not in it.
   */
  async #armForNext(claimed: { now: number; monotonic: number }, tickAt: number | null): Promise<void> {
    const { store, clock } = this.#options
    const dueAt = await store.nextDueAt(claimed.now)
    const tryAt = this.#limits.nextTryAt(claimed.monotonic)
    const delays = [dueAt, tickAt].filter((at) => at !== null).map((at) => at - clock.now())
    if (tryAt !== null) delays.push(tryAt - clock.monotonic())
    this.#arm(Math.min(delayMsMax, ...delays))
  }

  #arm(delayMs: number): void {
    this.#cancelTimer?.()
    if (this.#state !== 'working') return
    this.#cancelTimer = this.#keeper.after(Math.max(delayMs, delayMsMin), () => this.wake())
  }

  #take(job: Job, from: { now: number; monotonic: number }): void {
    const lease = createLease({ jobId: job.id, token: job.token }, this.#options.clock, this.#options.leaseMs, from)
    const before = this.#runs.get(job.id)?.done ?? Promise.resolve()
    this.#limits.take(job)
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const run: Run = { job, lease, abort: new AbortController(), done, asked: null }
    this.#runs.set(job.id, run)
    this.#keeper.keep(run)
    if (this.#state === 'stopping') ask(run, 'drain')
    void before
      .then(() => this.#work(run))
      .then(() => this.#leave(run))
      .then(resolve)
  }

  async #work(run: Run): Promise<void> {
    const { job, lease } = run
    const control: JobControl = {
      fence: lease.fence,
      mayCommit: () => lease.isHeld(),
      signal: run.abort.signal,
      reached: (endpointId) => this.release(endpointId),
      spare: () => this.#spare(job),
    }
    try {
      run.abort.signal.throwIfAborted()
      const result = await this.#options.run(job, control)
      await this.#settle(run, { kind: 'succeed' }, result)
    } catch (error) {
      this.#onTrouble(error, job)
      await this.#settle(run, this.#endOf(run, error), null)
    }
  }

  /** All who may run are taken first: many mailboxes get on faster than one with many connections. */
  async #spare(job: Job): Promise<GiveBack | null> {
    await this.#pumping
    const giveBack = this.#limits.spare(job, await this.#options.limits())
    if (giveBack === null) return null
    return () => {
      giveBack()
      this.wake()
    }
  }

  #endOf(run: Run, error: unknown): JobEnd {
    const { clock, random, attemptsMax, throttledMax } = this.#options
    const { job, asked } = run
    const isEndpointGivenUp = this.#holdEndpoints(job, error)
    this.#easeEndpoints(job, error)
    const { attempts } = job
    return endOfFailure({
      error,
      attempts,
      attemptsMax,
      throttledMax,
      asked,
      isEndpointGivenUp,
      now: clock.now(),
      random: random(),
    })
  }

  /** The server said that it is asked too much: fewer jobs go there for a while. */
  #easeEndpoints(job: Job, error: unknown): void {
    if (!isFault(error) || !isThrottle(error.code)) return
    for (const id of endpointsAt(job, error.side)) this.#limits.ease(id, this.#options.clock.monotonic())
  }

  #holdEndpoints(job: Job, error: unknown): boolean {
    if (!isFault(error) || error.scope !== 'endpoint' || error.retry === 'never') return false
    const { clock, random } = this.#options
    return endpointsAt(job, error.side)
      .map((id) => this.#limits.hold(id, clock.monotonic(), random(), error.retryAfterMs))
      .some((isGivenUp) => isGivenUp)
  }

  /** Writes the end, however long the store needs for it: the job stays ours until then. */
  async #settle(run: Run, end: JobEnd, result: Result | null): Promise<void> {
    if (end.kind === 'leave') return
    for (;;) {
      try {
        await this.#options.settle(run.job, end, result)
        return
      } catch (error) {
        this.#onTrouble(error, run.job)
        if (!isFault(error) || error.scope !== 'store' || this.#state === 'stopped') return
        await sleep(this.#options.timers, storeRetryMs)
      }
    }
  }

  #leave(run: Run): void {
    this.#keeper.release(run)
    // A job that was rescued and claimed again keeps the slot of the run that was dropped.
    if (this.#runs.get(run.job.id) === run) {
      this.#runs.delete(run.job.id)
      this.#limits.give(run.job)
    }
    this.wake()
  }

  #onTrouble(error: unknown, job: Job | null): void {
    if (isFault(error) && error.scope === 'store') this.#storeFault = error
    // What else the world does to a job is told by how the job ends.
    if (!isFault(error) || error.scope === 'store') this.#options.onError(error, job)
  }
}

function ask(run: Run, asked: 'halt' | 'drain'): void {
  run.asked ??= asked
  run.abort.abort(new Fault('cancelled', `Cannot go on with job ${run.job.id}: it was asked to stop`))
}
