import { Fault } from '../../src/domain/fault.ts'
import { type ClaimFilter, type Job, type JobStore, slotKind } from '../../src/domain/job.ts'
import type { Fence } from '../../src/domain/sync-state.ts'

/** Runs a change of the store, or lets it fail as the test asked for. */
export type MemoryWrite = <T>(change: () => T) => Promise<T>

export interface MemoryJobs extends JobStore {
  /** Raises `lease.lost` unless the fence holds its job. */
  check(fence: Fence): void
}

/** The queue in memory. */
export function createMemoryJobs(write: MemoryWrite): MemoryJobs {
  const jobs = new Map<number, Job>()
  let lastId = 0

  const check = ({ jobId, token }: Fence) => {
    const job = jobs.get(jobId)
    if (job?.status !== 'running' || job.token !== token)
      throw new Fault('lease.lost', 'Cannot write to the store: another worker holds the job')
  }
  const patch = (id: number, change: (job: Job) => Partial<Job>) => {
    const job = jobs.get(id)
    if (job) jobs.set(id, { ...job, ...change(job) })
  }
  const asHolder = (fence: Fence, change: (job: Job) => Partial<Job>) =>
    write(() => {
      check(fence)
      patch(fence.jobId, change)
    })
  const among = (ids: readonly number[], ...statuses: Job['status'][]) =>
    ids.filter((id) => statuses.some((status) => jobs.get(id)?.status === status)).sort((a, b) => a - b)

  return {
    check,
    enqueue: (newJobs) =>
      write(() => {
        for (const [id, { status, spec }] of jobs)
          if (status === 'completed' && newJobs.some((job) => isSameUser(job.spec, spec))) jobs.delete(id)
        return newJobs.map((newJob) => {
          lastId += 1
          const job: Job = { ...newJob, id: lastId, status: 'queued', attempts: 0, token: 0, leaseUntil: null }
          jobs.set(lastId, job)
          return job
        })
      }),
    claim: (filter) =>
      write(() => {
        const locks = new Set([...jobs.values()].flatMap(({ status, lock }) => (status === 'running' ? [lock] : [])))
        const claimed: number[] = []
        for (const job of [...jobs.values()].sort((a, b) => b.priority - a.priority || a.id - b.id)) {
          if (claimed.length >= filter.limit || !isDue(job, filter) || (job.lock && locks.has(job.lock))) continue
          locks.add(job.lock)
          claimed.push(job.id)
          patch(job.id, ({ token }) => ({
            status: 'running',
            token: token + 1,
            leaseUntil: filter.now + filter.leaseMs,
          }))
        }
        return claimed.flatMap((id) => jobs.get(id) ?? [])
      }),
    heartbeat: (fence, leaseUntil) => asHolder(fence, () => ({ leaseUntil })),
    succeed: (fence) => asHolder(fence, () => ({ status: 'completed', leaseUntil: null })),
    retry: (fence, runAt) =>
      asHolder(fence, ({ attempts }) => ({ status: 'queued', leaseUntil: null, runAt, attempts: attempts + 1 })),
    snooze: (fence, runAt) => asHolder(fence, () => ({ status: 'queued', leaseUntil: null, runAt })),
    discard: (fence) => asHolder(fence, () => ({ status: 'discarded', leaseUntil: null })),
    cancel: (ids) =>
      write(() => {
        const cancelled = among(ids, 'queued')
        for (const id of cancelled) patch(id, () => ({ status: 'cancelled' }))
        return { cancelled, running: among(ids, 'running') }
      }),
    cancelled: (fence) => asHolder(fence, () => ({ status: 'cancelled', leaseUntil: null })),
    requeue: (ids, now) =>
      write(() => {
        for (const id of among(ids, 'cancelled', 'discarded'))
          patch(id, () => ({ status: 'queued', runAt: now, attempts: 0, leaseUntil: null }))
      }),
    rescue: (now) =>
      write(() => {
        const lost = [...jobs.values()].filter((job) => job.status === 'running' && (job.leaseUntil ?? 0) < now)
        for (const { id } of lost) patch(id, () => ({ status: 'queued', leaseUntil: null }))
        return lost.map(({ id }) => id)
      }),
    nextDueAt: async (after) => {
      const later = [...jobs.values()].filter(({ status, runAt }) => status === 'queued' && runAt > after)
      return later.length > 0 ? Math.min(...later.map(({ runAt }) => runAt)) : null
    },
    get: async (id) => jobs.get(id) ?? null,
  }
}

const isSameUser = (a: Job['spec'], b: Job['spec']): boolean => 'userId' in a && 'userId' in b && a.userId === b.userId

function isDue(job: Job, { now, fullForInitial, fullForIncremental }: ClaimFilter): boolean {
  const slot = slotKind(job.spec)
  const full = slot === 'initial' ? fullForInitial : slot === 'incremental' ? fullForIncremental : []
  const isFull = [job.sourceEndpointId, job.targetEndpointId].some((id) => id !== null && full.includes(id))
  return job.status === 'queued' && job.runAt <= now && !isFull
}
