import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../../db/client.ts'
import { type App, type AppOptions, createApp } from '../../src/app.ts'
import type { BatchStatus } from '../../src/domain/status.ts'
import { createBatch, type NewBatch, showBatch } from '../../src/operations/batches.ts'
import { createEndpoint, type NewEndpoint } from '../../src/operations/endpoints.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { type HandTimers, handTimers } from './hand-timers.ts'
import { type MemoryServers, memoryServers } from './memory-connector.ts'
import type { MemoryMailbox } from './memory-mailbox.ts'

/** The whole of it but its doors: a real database, mailboxes in memory, a clock moved by hand. */
export interface TestApp extends AsyncDisposable {
  readonly app: App
  readonly clock: HandClock
  readonly timers: HandTimers
  readonly servers: MemoryServers
  readonly errors: unknown[]
  source(user: string): MemoryMailbox
  target(user: string): MemoryMailbox
  /** Endpoints "old" and "new", and a batch from one to the other. */
  batch(users: readonly string[], changes?: Partial<NewBatch>): Promise<number>
  /** Waits until the batch has one of the statuses; when nothing happens meanwhile, time goes on by up to a minute. */
  until(batchId: number, ...statuses: BatchStatus[]): Promise<void>
  /** Ends this process softly and begins another on the same folder; `between` can leave there what a dead one leaves. */
  restart(between?: (db: Database) => Promise<unknown>): Promise<void>
}

export const oldHost = 'old.example'
export const newHost = 'new.example'

export const userCsv = (users: readonly string[]): string =>
  [
    'EmailAddress,UserName,Password,TargetPassword',
    ...users.map((user) => `${user}@new.example,${user},s-${user},t-${user}`),
  ].join('\n')

export async function testApp(options: Partial<AppOptions> = {}): Promise<TestApp> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'postferry-app-'))
  const clock = handClock()
  const timers = handTimers(clock)
  const servers = memoryServers()
  const errors: unknown[] = []
  // What a pass or a hold waits for, and heartbeats; schedules are not moved by it.
  const passWait = async () => {
    const leftMs = (timers.waiting[0] ?? Number.POSITIVE_INFINITY) - clock.monotonic()
    if (leftMs <= 60_000) await timers.advance(leftMs)
  }
  const open = () =>
    createApp({
      dataFolder,
      clock,
      timers,
      random: () => 0,
      connectors: { imap: servers.connector },
      onError: (error) => errors.push(error),
      ...options,
    })
  let app = await open()
  app.start()

  return {
    get app() {
      return app
    },
    clock,
    timers,
    servers,
    errors,
    source: (user) => servers.mailbox(oldHost, user),
    target: (user) => servers.mailbox(newHost, `${user}@new.example`),
    async batch(users, changes = {}) {
      const ends: readonly NewEndpoint[] = [
        { name: 'old', host: oldHost, security: 'ssl' },
        { name: 'new', host: newHost, security: 'ssl' },
      ]
      for (const end of ends) await createEndpoint(app.context, end).catch(() => undefined)
      const input = { name: 'Sales', sourceEndpoint: 'old', targetEndpoint: 'new', csv: userCsv(users), ...changes }
      return (await createBatch(app.context, input)).id
    },
    async until(batchId, ...statuses) {
      let seen = ''
      let seenAt = performance.now()
      await waitFor(
        async () => {
          const { status, counts } = await showBatch(app.context, batchId)
          if (statuses.includes(status)) return true
          const found = `${status} ${JSON.stringify(counts)}`
          if (found !== seen) [seen, seenAt] = [found, performance.now()]
          if (performance.now() - seenAt > standstillMs) {
            await passWait()
            seenAt = performance.now()
          }
          return false
        },
        () => `for ${statuses}: the batch is ${seen}, ${errors.map(String)}`,
      )
    },
    async restart(between) {
      await app.stop()
      if (between) {
        const db = await openDatabase(join(dataFolder, 'postferry.db'))
        await between(db)
        await db.close()
      }
      app = await open()
      app.start()
    },
    async [Symbol.asyncDispose]() {
      await app.stop()
      rmSync(dataFolder, { recursive: true })
    },
  }
}

/** Nothing happens for so long: somebody waits for the clock. */
const standstillMs = 200

/** For what another thread does: asked again and again in real time, for at most twenty seconds. */
export async function waitFor(holds: () => Promise<boolean> | boolean, what = () => ''): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited in vain ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
