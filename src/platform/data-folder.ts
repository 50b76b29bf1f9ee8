import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { keyBytes } from './vault.ts'

/** Everything that Postferry keeps stands in one folder, which only its owner may enter. */
export interface DataFolder {
  readonly path: string
  readonly databaseFile: string
  /** Of the vault. */
  readonly key: Uint8Array
  /** What the command line shows to a running server. */
  readonly cliToken: string
}

/** Where the server of a data folder answers. */
export interface ServerInfo {
  /** `http://127.0.0.1:8480` */
  readonly address: string
  readonly pid: number
}

/** The folder cannot be used as it is. */
export class DataFolderFailed extends Error {
  override readonly name = 'DataFolderFailed'
}

const files = { database: 'postferry.db', key: 'key', cliToken: 'cli.token', server: 'server.json' } as const

/** Opens the folder, made with mode 0700 where it is missing, key and token with mode 0600. Raises DataFolderFailed. */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const databaseFile = join(path, files.database)
    return { path, databaseFile, key: openKey(path, databaseFile), cliToken: openCliToken(path) }
  } catch (error) {
    throw asFailure(path, error)
  }
}

/** The token of a folder that a server made; null where there is none. */
export const readCliToken = (path: string): string | null => readText(join(path, files.cliToken))?.trim() ?? null

/** Tells every other process where the server answers. */
export function writeServerInfo(path: string, { address, pid }: ServerInfo): void {
  const part = writePart(path, `${JSON.stringify({ address, pid })}\n`)
  renameSync(part, join(path, files.server))
}

/** What the last server told, be it alive or not; null where there is nothing to read. */
export function readServerInfo(path: string): ServerInfo | null {
  const text = readText(join(path, files.server))
  return text === null ? null : parseServerInfo(text)
}

export const removeServerInfo = (path: string): void => rmSync(join(path, files.server), { force: true })

function openKey(path: string, databaseFile: string): Uint8Array {
  const file = join(path, files.key)
  // With another key no password of the database could be opened any more.
  if (!existsSync(file) && existsSync(databaseFile))
    throw new DataFolderFailed(`Cannot open the data folder "${path}": its key file is gone, restore it from a backup`)
  createOnce(path, file, () => randomBytes(keyBytes))
  const key = new Uint8Array(readFileSync(file))
  if (key.length !== keyBytes)
    throw new DataFolderFailed(`Cannot open the data folder "${path}": its key file is damaged`)
  return key
}

function openCliToken(path: string): string {
  const file = join(path, files.cliToken)
  createOnce(path, file, () => `${randomBytes(32).toString('base64url')}\n`)
  return readFileSync(file, 'utf8').trim()
}

/** Whoever is first makes the file, whole; everybody reads the same. Only its owner may read it, whoever restored it. */
function createOnce(path: string, file: string, content: () => Uint8Array | string): void {
  if (!existsSync(file)) {
    const part = writePart(path, content())
    try {
      linkSync(part, file)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      rmSync(part)
    }
  }
  chmodSync(file, 0o600)
}

/** Writes a file under a name of its own, down to the disk. */
function writePart(path: string, content: Uint8Array | string): string {
  const part = join(path, `.${randomBytes(8).toString('hex')}.part`)
  const descriptor = openSync(part, 'wx', 0o600)
  try {
    writeSync(descriptor, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return part
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

function parseServerInfo(text: string): ServerInfo | null {
  try {
    const { address, pid }: Partial<ServerInfo> = JSON.parse(text)
    return typeof address === 'string' && typeof pid === 'number' ? { address, pid } : null
  } catch {
    return null
  }
}

const asFailure = (path: string, error: unknown): Error =>
  error instanceof DataFolderFailed
    ? error
    : new DataFolderFailed(`Cannot open the data folder "${path}": ${reasonOf(error)}`, { cause: error })

const reasonOf = (error: unknown): string => reasons[codeOf(error)] ?? (error instanceof Error ? error.message : '')

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'the permission is missing',
  EPERM: 'the permission is missing',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : ''
}
