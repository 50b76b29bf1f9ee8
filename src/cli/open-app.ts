import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { App, AppOptions } from '../app.ts'
import { readServerInfo } from '../platform/data-folder.ts'
import { Failure } from './failure.ts'

/** Opens a data folder; when another process has it, the failure says where that one listens. */
export async function openApp(options: AppOptions): Promise<App> {
  const { createApp } = await import('../app.ts')
  try {
    return await createApp(options)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'DatabaseHeld') throw error
    throw heldFailure(options.dataFolder, error)
  }
}

function heldFailure(dataFolder: string, cause: unknown): Failure {
  const server = readServerInfo(dataFolder)
  const holder = server === null ? 'another process' : `the server at ${server.address}`
  return new Failure('dataFolderHeld', `Cannot open the data folder ${dataFolder}: ${holder} holds it`, [], cause)
}

/** Where a run keeps what it knows: a folder that was named, or one of its own which need not stay. */
export interface WorkFolder {
  readonly path: string
  readonly isTemporary: boolean
  /** Removes a temporary folder. */
  readonly discard: () => Promise<void>
}

export async function openWorkFolder(named: string | null): Promise<WorkFolder> {
  if (named !== null) return { path: resolve(named), isTemporary: false, discard: async () => {} }
  const path = await mkdtemp(join(tmpdir(), 'postferry-'))
  return { path, isTemporary: true, discard: () => rm(path, { recursive: true, force: true }) }
}
