import { isCapPause } from './endpoint-caps.ts'
import { Fault, type FaultCode, isFault, type Side } from './fault.ts'
import type { JobFailure } from './job.ts'
import { retryDelayMs } from './schedule.ts'

/** What becomes of a job that stopped running. */
export type JobEnd =
  | { readonly kind: 'succeed' }
  /** Back to the queue with one attempt more. */
  | { readonly kind: 'retry'; readonly runAt: number; readonly failure: SidedFailure }
  /** Back to the queue as it was; the failure is shown meanwhile where there is one. */
  | { readonly kind: 'snooze'; readonly runAt: number; readonly failure: SidedFailure | null }
  | { readonly kind: 'discard'; readonly failure: SidedFailure }
  | { readonly kind: 'cancel' }
  /** The lease is gone: whoever took the job over writes what becomes of it. */
  | { readonly kind: 'leave' }

export interface SidedFailure extends JobFailure {
  readonly side: Side | null
}

export interface FailedRun {
  readonly error: unknown
  /** Failed attempts before this one. */
  readonly attempts: number
  readonly attemptsMax: number
  /** The same where the server asks to wait. */
  readonly throttledMax: number
  /** Why the run was asked to end, or null when it ended by itself. */
  readonly asked: 'halt' | 'drain' | null
  /** The endpoint of the failure was given up: waiting for it any longer is senseless. */
  readonly isEndpointGivenUp: boolean
  readonly now: number
  readonly random: number
}

/** An error of our own is tried again only so often: it may be a race, but it is rather a mistake. */
const internalAttemptsMax = 3
/** What is nobody's attempt must not come back at once either, or it would go round and round. */
const pauseMs = 5_000

/** The two axes of the fault decide, and nothing else does. */
export function endOfFailure(run: FailedRun): JobEnd {
  const { error } = run
  if (isFault(error) && error.code === 'lease.lost') return { kind: 'leave' }
  if (run.asked === 'halt') return { kind: 'cancel' }
  if (run.asked === 'drain') return backAsItWas(run)
  if (!isFault(error)) return tryAgain(run, internalAttemptsMax)
  if (error.scope === 'store' || error.scope === 'cancelled') return backAsItWas(run, pauseMs)
  if (isCapPause(error.code)) return pauseFor(run, error)
  if (error.retry === 'never') return { kind: 'discard', failure: failureOf(error) }
  if (error.scope === 'endpoint') return waitForEndpoint(run, error)
  return tryAgain(run, isThrottle(error.code) ? run.throttledMax : run.attemptsMax)
}

/** The server is there, and is asked too much. */
export const isThrottle = (code: FaultCode | 'internal'): boolean =>
  code === 'server.throttled' || code === 'server.limit'

const backAsItWas = (run: FailedRun, afterMs = 0): JobEnd => ({
  kind: 'snooze',
  runAt: run.now + afterMs,
  failure: null,
})

/** Our own cap, no failure: it goes on when the cap lets it. */
const pauseFor = (run: FailedRun, fault: Fault): JobEnd => ({
  kind: 'snooze',
  runAt: run.now + (fault.retryAfterMs ?? pauseMs),
  failure: failureOf(fault),
})

/** A server that is away costs a user no attempt. */
function waitForEndpoint(run: FailedRun, fault: Fault): JobEnd {
  if (run.isEndpointGivenUp) return { kind: 'discard', failure: failureOf(fault) }
  return { kind: 'snooze', runAt: run.now + (fault.retryAfterMs ?? 0), failure: failureOf(fault) }
}

function tryAgain(run: FailedRun, attemptsMax: number): JobEnd {
  const failure = failureOf(run.error)
  if (run.attempts + 1 >= attemptsMax) return { kind: 'discard', failure }
  const askedMs = isFault(run.error) ? run.error.retryAfterMs : null
  return { kind: 'retry', runAt: run.now + retryDelayMs(run.attempts + 1, run.random, askedMs), failure }
}

/** An error as it is kept and shown. What our own mistakes say is for the log, not for the page. */
export function failureOf(error: unknown): SidedFailure {
  if (error instanceof Fault) {
    const { code, scope, message, side } = error
    return { code, scope, message, side }
  }
  return { code: 'internal', scope: 'internal', message: 'Cannot go on: an error inside Postferry', side: null }
}
