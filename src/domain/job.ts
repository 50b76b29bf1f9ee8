import type { FaultCode, FaultScope } from './fault.ts'
import type { Fence } from './sync-state.ts'

export type PassKind = 'initial' | 'incremental' | 'final'

/** What jobs can be about. `verify-user` and `sync-user` take slots at both endpoints of their user. */
export type JobSpec =
  | { readonly kind: 'sync-user'; readonly userId: number; readonly pass: PassKind }
  | { readonly kind: 'verify-user'; readonly userId: number; readonly readsData: boolean }
  | { readonly kind: 'remove-batch'; readonly batchId: number }

/** Which of an endpoint's two limits a job counts against, or null for a job that opens no mailbox. */
export function slotKind(spec: JobSpec): 'initial' | 'incremental' | null {
  if (spec.kind === 'remove-batch') return null
  return spec.kind === 'sync-user' && spec.pass !== 'incremental' ? 'initial' : 'incremental'
}

export type JobStatus = 'queued' | 'running' | 'completed' | 'discarded' | 'cancelled'

export interface Job {
  readonly id: number
  readonly spec: JobSpec
  readonly status: JobStatus
  /** Higher goes first; equal ones go by id. */
  readonly priority: number
  /** Failed attempts so far. Only `retry` counts one. */
  readonly attempts: number
  /** Not claimed before, milliseconds UTC. */
  readonly runAt: number
  /** Raised at every claim. A write that carries an older one is refused. */
  readonly token: number
  readonly leaseUntil: number | null
  /** Endpoints whose slots the job takes while it runs. */
  readonly sourceEndpointId: number | null
  readonly targetEndpointId: number | null
  /** Two jobs with one lock never run at a time: the target mailbox. */
  readonly lock: string | null
}

export interface NewJob {
  readonly spec: JobSpec
  readonly priority: number
  readonly runAt: number
  readonly sourceEndpointId: number | null
  readonly targetEndpointId: number | null
  readonly lock: string | null
}

/** The job that removes a batch: it opens no mailbox, so nothing limits it. */
export const removalOf = (batch: { readonly id: number; readonly priority: number }, runAt: number): NewJob => ({
  spec: { kind: 'remove-batch', batchId: batch.id },
  priority: batch.priority,
  runAt,
  sourceEndpointId: null,
  targetEndpointId: null,
  lock: null,
})

export interface JobFailure {
  readonly code: FaultCode | 'internal'
  readonly scope: FaultScope | 'internal'
  readonly message: string
}

/** What may be claimed now. `full` names endpoints without a free slot for a pass of that kind. */
export interface ClaimFilter {
  readonly now: number
  readonly leaseMs: number
  readonly limit: number
  readonly fullForInitial: readonly number[]
  readonly fullForIncremental: readonly number[]
}

/** The queue. Each method is one durable write or one read. Writes by a fence that is stale raise `lease.lost`. */
export interface JobStore {
  enqueue(jobs: readonly NewJob[]): Promise<readonly Job[]>
  /** Due jobs, highest priority first, whose endpoints have room and whose lock is free; now running, with a new token. */
  claim(filter: ClaimFilter): Promise<readonly Job[]>
  heartbeat(fence: Fence, leaseUntil: number): Promise<void>
  succeed(fence: Fence): Promise<void>
  /** Back to the queue with one attempt more. */
  retry(fence: Fence, runAt: number, failure: JobFailure): Promise<void>
  /** Back to the queue as it was. */
  snooze(fence: Fence, runAt: number): Promise<void>
  discard(fence: Fence, failure: JobFailure): Promise<void>
  /** Queued jobs become cancelled; running ones are told by the caller. Returns the ids of both. */
  cancel(
    ids: readonly number[],
  ): Promise<{ readonly cancelled: readonly number[]; readonly running: readonly number[] }>
  /** A running job that was asked to stop. */
  cancelled(fence: Fence): Promise<void>
  /** Cancelled and discarded jobs go back to the queue with no attempts. */
  requeue(ids: readonly number[], now: number): Promise<void>
  /** Running jobs whose lease ended before `now` go back to the queue; at start `now` is infinite: all leases are void. */
  rescue(now: number): Promise<readonly number[]>
  /** When the next queued job that is due after that moment is due, or null: those due before wait for something else. */
  nextDueAt(after: number): Promise<number | null>
  get(id: number): Promise<Job | null>
}

/** The connections are closed. */
export type GiveBack = () => void

/** What a job gets to work with. */
export interface JobControl {
  readonly fence: Fence
  /** Synchronous: the lease still holds, by wall clock and monotonic clock. */
  readonly mayCommit: () => boolean
  /** Aborts when the job shall end soon: its user was halted, the process stops, or the lease is lost. */
  readonly signal: AbortSignal
  /** The endpoint let the job in: if others wait for it, they need not any longer. */
  readonly reached: (endpointId: number) => void
  /** One more connection to each endpoint of the job, once all who may run have theirs; null where none can be spared. */
  readonly spare: () => Promise<GiveBack | null>
}
