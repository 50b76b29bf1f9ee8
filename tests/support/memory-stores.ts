import {
  advanced,
  type FolderPatch,
  followIssues,
  forgotten,
  hasIssue,
  intended,
  rekeyed,
} from '../../db/stores/folder-patches.ts'
import { Fault } from '../../src/domain/fault.ts'
import { FolderLedger } from '../../src/domain/folder-ledger.ts'
import type { JobStore } from '../../src/domain/job.ts'
import {
  type EndpointTraits,
  type Fence,
  type FolderState,
  type ItemIssue,
  type KnownRecord,
  type LedgerRecord,
  noCounts,
  type PairKey,
  type SyncStore,
  wholeFolder,
} from '../../src/domain/sync-state.ts'
import { createMemoryJobs } from './memory-jobs.ts'

/** How a write fails: before it takes effect, or after it, as when the process dies before it hears the answer. */
export interface FailedWrite {
  /** 1 is the next write. */
  readonly at: number
  readonly when?: 'before' | 'after'
  /** How many writes fail from there on. */
  readonly times?: number
  /** Default: `store.full`. */
  readonly error?: Error
}

/** Both stores in memory, behaving as the ones on libSQL (tests/db holds them to it), which can be made to fail. */
export interface MemoryStores {
  readonly sync: SyncStore
  readonly jobs: JobStore
  /** Writes asked for so far. */
  readonly writes: () => number
  readonly failWrite: (plan: FailedWrite) => void
  /** A job that is running: its fence holds until it is stolen. */
  readonly holdJob: () => Promise<Fence>
  /** Another worker takes the job over: the fence given becomes stale, the one returned holds. */
  readonly steal: (fence: Fence) => Promise<Fence>
}

interface MemoryFolder {
  readonly pair: PairKey
  state: FolderState
  readonly records: Map<number, KnownRecord>
  readonly issues: Map<number, ItemIssue>
}

export function createMemoryStores(): MemoryStores {
  let writes = 0
  let plan: Required<FailedWrite> | null = null

  const failsNow = (when: 'before' | 'after') =>
    plan !== null && plan.when === when && writes >= plan.at && writes < plan.at + plan.times
  const write = async <T>(change: () => T): Promise<T> => {
    writes += 1
    if (failsNow('before')) throw plan?.error
    const result = change()
    if (failsNow('after')) throw plan?.error
    return result
  }
  const jobs = createMemoryJobs(write)
  const claim = async (jobId: number): Promise<Fence> => {
    const filter = { now: 0, leaseMs: 60_000, limit: 1, fullForInitial: [], fullForIncremental: [] }
    const [job] = await jobs.claim(filter)
    if (job?.id !== jobId) throw new Error(`Cannot claim the job ${jobId}`)
    return { jobId, token: job.token }
  }
  return {
    jobs,
    sync: createMemorySync(write, jobs.check),
    writes: () => writes,
    failWrite: ({ at, when = 'before', times = 1, error = new Fault('store.full', 'The disk is full') }) => {
      plan = { at: writes + at, when, times, error }
    },
    async holdJob() {
      const spec = { kind: 'sync-user', userId: 1, pass: 'initial' } as const
      const [job] = await jobs.enqueue([
        { spec, priority: 1000, runAt: 0, sourceEndpointId: null, targetEndpointId: null, lock: null },
      ])
      return await claim(job?.id ?? 0)
    },
    async steal(fence) {
      await jobs.snooze(fence, 0)
      return await claim(fence.jobId)
    },
  }
}

function createMemorySync(write: <T>(change: () => T) => Promise<T>, check: (fence: Fence) => void): SyncStore {
  const folders = new Map<number, MemoryFolder>()
  const traits = new Map<string, EndpointTraits>()

  const asHolder = <T>(fence: Fence, change: () => T): Promise<T> =>
    write(() => {
      check(fence)
      return change()
    })
  const find = (id: number): MemoryFolder => {
    const folder = folders.get(id)
    if (!folder) throw new Error(`Cannot find the folder ${id}`)
    return folder
  }
  const ofPair = ({ source, target }: PairKey) =>
    [...folders.values()].filter(({ pair }) => pair.source === source && pair.target === target)
  const patch = (id: number, change: FolderPatch) => {
    const folder = find(id)
    folder.state = { ...folder.state, ...change }
  }

  return {
    folders: async (pair) => ofPair(pair).map(({ state }) => state),
    ledger: async (id) => new FolderLedger(folders.get(id)?.records.values()),
    async *vanished(pair) {
      for (const { state, records } of ofPair(pair)) {
        const ledger = [...new FolderLedger(records.values())]
        yield ledger
          .filter(({ isVanished, fingerprint }) => isVanished && fingerprint !== null)
          .map((record) => ({ ...record, folderId: state.id }))
      }
    },
    intend: (fence, pair, intents) =>
      asHolder(fence, () => {
        const states = intents.map((intent) => (intent.id === null ? null : find(intent.id).state))
        return intents.map((intent, index) => {
          const state = { ...(states[index] ?? newState(folders.size + 1)), ...intended(states[index] ?? null, intent) }
          folders.set(state.id, { pair, records: new Map(), issues: new Map(), ...folders.get(state.id), state })
          return state
        })
      }),
    settle: (fence, pages) =>
      asHolder(fence, () => {
        for (const page of pages) find(page.folderId)
        for (const { folderId, records, issues } of pages) {
          const folder = find(folderId)
          for (const record of records) {
            folder.records.set(record.sourceUid, asKnown(record))
            if (!hasIssue(record)) folder.issues.delete(record.sourceUid)
          }
          for (const issue of issues) folder.issues.set(issue.sourceUid, issue)
        }
      }),
    advance: (fence, id, advance) =>
      asHolder(fence, () => {
        const { state, records, issues } = find(id)
        issues.delete(wholeFolder)
        patch(id, { ...advanced(advance), passes: state.passes + 1 })
        for (const record of records.values()) records.set(record.sourceUid, { ...record, isConfirmed: true })
      }),
    rest: (fence, ids) =>
      asHolder(fence, () => {
        for (const id of ids) patch(id, { idlePasses: find(id).state.idlePasses + 1 })
      }),
    rekey: (fence, id, source, target, records) =>
      asHolder(fence, () => {
        const folder = find(id)
        const isSourceNew = source.uidValidity !== folder.state.source.uidValidity
        const issues = followIssues([...folder.issues.values()], [...folder.records.values()], records, isSourceNew)
        patch(id, rekeyed(folder.state, source, target))
        refill(folder.records, records)
        refill(folder.issues, issues)
      }),
    forget: (fence, id) =>
      asHolder(fence, () => {
        const { records, issues } = find(id)
        records.clear()
        issues.clear()
        patch(id, forgotten)
      }),
    suspect: (fence, id, suspect) => asHolder(fence, () => patch(id, { suspect })),
    issues: async (pair) =>
      ofPair(pair).flatMap(({ issues }) => [...issues.values()].sort((a, b) => a.sourceUid - b.sourceUid)),
    traits: async (endpoint) => traits.get(endpoint) ?? unknownTraits,
    learn: (endpoint, learnt) =>
      write(() => {
        traits.set(endpoint, { ...unknownTraits, ...traits.get(endpoint), ...learnt })
      }),
  }
}

const unknownTraits: EndpointTraits = { tellsUids: null, rewrites: null }

const nowhere = { name: '', path: [], uidValidity: 0, uidNext: 1, id: null }

const newState = (id: number): FolderState => ({
  id,
  source: nowhere,
  target: nowhere,
  cursor: null,
  dirtySince: null,
  targetSeen: null,
  suspect: null,
  counts: noCounts,
  sizeBytes: 0,
  passes: 0,
  idlePasses: 0,
})

const asKnown = (record: LedgerRecord | KnownRecord): KnownRecord => ({ isConfirmed: false, ...record })

function refill<T extends { readonly sourceUid: number }>(map: Map<number, T>, list: Iterable<T>): void {
  map.clear()
  for (const item of list) map.set(item.sourceUid, item)
}
