import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../db/client.ts'
import { createSyncStore } from '../../db/stores/sync-store.ts'
import type { Context } from '../../src/operations/context.ts'
import { createTurns } from '../../src/platform/turns.ts'
import { createVault } from '../../src/platform/vault.ts'
import { type HandClock, handClock } from './hand-clock.ts'

/** Operations over a database of their own, with nobody working the jobs. */
export interface TestContext extends AsyncDisposable {
  readonly context: Context
  readonly clock: HandClock
  /** What operations told the scheduler and the guard. */
  readonly told: {
    wakes: number
    readonly halted: number[]
    readonly forgiven: unknown[]
    readonly disconnected: unknown[]
    readonly renewed: number[]
  }
  /** All that stands on the disk, as Latin-1. */
  bytes(): Promise<string>
}

export async function testContext(changes: Partial<Context> = {}): Promise<TestContext> {
  const folder = mkdtempSync(join(tmpdir(), 'postferry-operations-'))
  const db = await openDatabase(join(folder, 'postferry.db'))
  const clock = handClock()
  const told: TestContext['told'] = { wakes: 0, halted: [], forgiven: [], disconnected: [], renewed: [] }
  const context: Context = {
    db,
    sync: createSyncStore(db),
    vault: await createVault(new Uint8Array(32)),
    clock,
    turns: createTurns(),
    random: () => 0,
    openBatchesMax: 100,
    saved: { read: async () => null },
    pressed: () => new Map(),
    wake() {
      told.wakes += 1
    },
    halt: (userIds) => told.halted.push(...userIds),
    forgive: (what) => told.forgiven.push(what),
    disconnect: (what) => told.disconnected.push(what),
    renewed: (endpointId) => told.renewed.push(endpointId),
    probe: async () => ({ isOk: true, steps: [], capabilities: [] }),
    changed: () => undefined,
    ...changes,
  }
  return {
    context,
    clock,
    told,
    bytes: async () =>
      readdirSync(folder)
        .map((file) => readFileSync(join(folder, file), 'latin1'))
        .join(''),
    async [Symbol.asyncDispose]() {
      await db.close()
      rmSync(folder, { recursive: true })
    },
  }
}
