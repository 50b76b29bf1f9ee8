import { randomBytes } from 'node:crypto'
import { type Database, openDatabase } from '../db/client.ts'
import { addBytes, bytesOfDay } from '../db/queries/endpoint-days.ts'
import { endpointLimits } from '../db/queries/endpoints.ts'
import { setLiveProgress } from '../db/queries/users.ts'
import { guards } from '../db/schema/guards.ts'
import { createJobStore } from '../db/stores/job-store.ts'
import { createSyncStore } from '../db/stores/sync-store.ts'
import { type Connectors, createConnectors } from './connectors/registry.ts'
import type { EndpointLimits } from './domain/endpoint.ts'
import { dayOf } from './domain/endpoint-caps.ts'
import { type Fault, faultKinds, isFault } from './domain/fault.ts'
import type { Job } from './domain/job.ts'
import type { JobContext } from './jobs/context.ts'
import { createEndpointMeters } from './jobs/endpoint-meters.ts'
import { createKeptSessions } from './jobs/kept-sessions.ts'
import { createProgressBoard } from './jobs/progress-board.ts'
import { recover } from './jobs/recover.ts'
import { runJob, settleJob } from './jobs/run.ts'
import { sessionKeys } from './jobs/session-key.ts'
import { createSignInGuard } from './jobs/sign-in-guard.ts'
import { tickBatches } from './jobs/tick-batches.ts'
import type { Context } from './operations/context.ts'
import { createSessions, type Sessions } from './operations/sessions.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { type DataFolder, openDataFolder } from './platform/data-folder.ts'
import { createHub, type Hub } from './platform/hub.ts'
import { createSavedMessages } from './platform/saved-messages.ts'
import { systemTimers, type Timers } from './platform/timers.ts'
import { createTurns } from './platform/turns.ts'
import { createVault } from './platform/vault.ts'
import { createScheduler, type Scheduler } from './scheduler/scheduler.ts'

export { type Connectors, createConnectors }

export interface AppOptions {
  /** Made with mode 0700 where it is missing. */
  readonly dataFolder: string
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: () => number
  /** Default: the real one. Tests give mailboxes in memory. */
  readonly connectors?: Connectors
  /** Failed attempts after which a user is given up, default 10. */
  readonly attemptsMax?: number
  /** Attempts that a server's wish to wait may cost before a user is given up; default 100. */
  readonly throttledMax?: number
  /** How long a server that does not answer is waited for before its users fail; default 24 hours. */
  readonly endpointPatienceMs?: number
  /** How long a stop waits for running jobs, default 10 s. */
  readonly drainMs?: number
  /** How many batches may be open at a time; default 100. */
  readonly openBatchesMax?: number
  /** Sessions that stay signed in between two passes, of all endpoints together; default 500. */
  readonly keptConnectionsMax?: number
  /** What no user and no operation tells of: mistakes of our own, a store that cannot be written. Default: to stderr. */
  readonly onError?: (error: unknown, job: Job | null) => void
}

/** Everything behind the three doors. */
export interface App {
  readonly context: Context
  readonly hub: Hub
  readonly sessions: Sessions
  /** Bearer token of the command line, as it stands in DIR/cli.token. */
  readonly cliToken: string
  /** Why no work is done now; empty when all is well. */
  readiness(): readonly string[]
  /** Begins to run jobs. */
  start(): void
  /** Lets running jobs end softly, then closes the database. */
  stop(): Promise<void>
}

/** Opens the data folder; raises DatabaseHeld when another process has it. */
export async function createApp(options: AppOptions): Promise<App> {
  const folder = openDataFolder(options.dataFolder)
  const db = await openDatabase(folder.databaseFile)
  try {
    return await assemble(options, folder, db)
  } catch (error) {
    await db.close().catch(() => undefined)
    throw error
  }
}

async function assemble(options: AppOptions, folder: DataFolder, db: Database): Promise<App> {
  const hub = createHub()
  const context = await jobContext(options, folder, db, hub)
  const store = createJobStore(db)
  // The lock on the data folder proves that whoever held a lease is gone.
  await store.rescue(Number.POSITIVE_INFINITY)
  await recover(context)
  const { clock, timers, random } = context
  const { attemptsMax, throttledMax, endpointPatienceMs, drainMs } = options
  const scheduler = createScheduler({
    ...{ clock, timers, random, store, attemptsMax, throttledMax, endpointPatienceMs, drainMs },
    onError: options.onError ?? ((error) => console.error(isFault(error) ? error.message : error)),
    run: (job, control) => runJob(context, job, control),
    settle: (job, end, result) => settleJob(context, job, end, result),
    limits: () => limitsNow(context),
    tick: (now) => tick(context, now),
    tryStore: () => tryStore(db),
  })
  return {
    context: operationsContext(context, scheduler, options.openBatchesMax ?? 100),
    hub,
    sessions: createSessions({ clock }),
    cliToken: folder.cliToken,
    readiness: () => (scheduler.storeFault === null ? [] : [storeReason(scheduler.storeFault)]),
    start: () => void scheduler.start(),
    async stop() {
      await scheduler.stop()
      await context.kept.stop()
      await context.meters.stop()
      context.board.stop()
      await db.close()
    },
  }
}

async function jobContext(options: AppOptions, folder: DataFolder, db: Database, hub: Hub): Promise<JobContext> {
  const { clock = systemClock, timers = systemTimers, random = Math.random, keptConnectionsMax = 500 } = options
  const board = createProgressBoard({
    timers,
    publish: hub.publish,
    write: async (progress) => void (await db.write(setLiveProgress(db, progress))),
  })
  return {
    ...{ db, clock, timers, random, board },
    vault: await createVault(folder.key),
    saved: createSavedMessages(options.dataFolder),
    sync: createSyncStore(db),
    turns: createTurns(),
    connectors: options.connectors ?? createConnectors(),
    guard: createSignInGuard(clock),
    meters: createEndpointMeters({
      ...{ clock, timers },
      moved: await bytesOfDay(db, dayOf(clock.now())),
      write: (moved) => addBytes(db, moved),
    }),
    kept: createKeptSessions({ clock, timers, keptMax: keptConnectionsMax }),
    sessionKey: sessionKeys(randomBytes(32)),
    changed: hub.publish,
  }
}

function operationsContext(jobs: JobContext, scheduler: Scheduler, openBatchesMax: number): Context {
  const { db, sync, vault, saved, clock, turns, random, connectors, guard, kept, changed } = jobs
  return {
    ...{ db, sync, vault, saved, clock, turns, random, changed, openBatchesMax },
    wake: () => scheduler.wake(),
    pressed: () => scheduler.standing(),
    halt: (userIds) => scheduler.halt(userIds),
    forgive(what) {
      for (const endpointId of guard.forgive(what)) scheduler.release(endpointId)
    },
    disconnect: (what) => kept.disconnect(what),
    renewed(endpointId) {
      kept.disconnect({ endpointId })
      scheduler.release(endpointId)
    },
    probe: (access, signal) => connectors.imap.probe(access, signal),
  }
}

/** Asked before every claim: what is kept makes room as soon as an endpoint may have fewer connections. */
async function limitsNow({ db, kept, meters }: JobContext): Promise<ReadonlyMap<number, EndpointLimits>> {
  const limits = await endpointLimits(db)
  kept.fit(limits)
  meters.fit(limits)
  const closed = { concurrentMigrationsMax: 0, concurrentIncrementalSyncsMax: 0 }
  return new Map(
    [...limits].map(([id, limit]) => [id, meters.closedUntil(id) === null ? limit : { ...limit, ...closed }]),
  )
}

/** What batches want of the clock, and when an endpoint opens for which passes wait. */
async function tick(context: JobContext, now: number): Promise<number | null> {
  const tickAt = await tickBatches(context, now)
  context.meters.fit(await endpointLimits(context.db))
  const wanted = [tickAt, context.meters.nextOpeningAt].filter((at) => at !== null)
  return wanted.length === 0 ? null : Math.min(...wanted)
}

/** A write that changes nothing and yet needs the disk. */
async function tryStore(db: Database): Promise<void> {
  await db.write([db.query.insert(guards).values({}), db.query.delete(guards)])
}

function storeReason({ code }: Fault): string {
  const { meaning, remedy } = faultKinds[code]
  return `${meaning}: no new work is begun. ${remedy}`
}
