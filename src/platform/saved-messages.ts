import { constants } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../domain/fault.ts'

/** Which message, by numbers of our own and of the protocol: nothing foreign ever stands in a path. */
export interface SavedPlace {
  readonly batchId: number
  readonly userId: number
  readonly folderId: number
  readonly uidValidity: number
  readonly sourceUid: number
}

/** Messages that a target did not take, as files below the data folder that only its owner may read. */
export interface SavedMessages {
  /** Returns the length; durable when it resolves, and never seen in part. Raises `store.full` and `store.failed`. */
  save(place: SavedPlace, content: AsyncIterable<Uint8Array>): Promise<number>
  /** Null where there is none. */
  read(place: SavedPlace): Promise<Uint8Array<ArrayBuffer> | null>
  removeBatch(batchId: number): Promise<void>
}

export function createSavedMessages(dataFolder: string): SavedMessages {
  const root = join(dataFolder, 'skipped')
  const folderOf = ({ batchId, userId }: SavedPlace): string => join(root, numbered(batchId), numbered(userId))
  const fileOf = (place: SavedPlace): string => join(folderOf(place), savedName(place))
  return {
    async save(place, content) {
      try {
        await mkdir(folderOf(place), { recursive: true, mode: 0o700 })
      } catch (error) {
        throw asFault(error)
      }
      return await writeWhole(fileOf(place), folderOf(place), content)
    },
    async read(place) {
      try {
        return new Uint8Array(await readFile(fileOf(place)))
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null
        throw error
      }
    },
    removeBatch: (batchId) => rm(join(root, numbered(batchId)), { recursive: true, force: true }),
  }
}

/** `12-1700000000-7.eml`: folder, numbering and message. */
export const savedName = ({ folderId, uidValidity, sourceUid }: Omit<SavedPlace, 'batchId' | 'userId'>): string =>
  `${[folderId, uidValidity, sourceUid].map(numbered).join('-')}.eml`

function numbered(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`Cannot name a file by ${value}`)
  return String(value)
}

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

/** Under another name until it is on the disk; the folder is synced for the name. */
async function writeWhole(file: string, folder: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const part = `${file}.part`
  let bytes = 0
  const disk = await onDisk(() => open(part, flags, 0o600))
  try {
    for await (const chunk of content) {
      await onDisk(() => disk.writeFile(chunk))
      bytes += chunk.length
    }
    await onDisk(() => disk.sync())
  } catch (error) {
    await disk.close()
    await rm(part, { force: true })
    throw error
  }
  await onDisk(() => disk.close())
  await onDisk(() => rename(part, file))
  await onDisk(() => syncFolder(folder))
  return bytes
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What the disk refuses is told apart from what the source does. */
async function onDisk<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw asFault(error)
  }
}

const asFault = (cause: unknown): Fault =>
  ['ENOSPC', 'EDQUOT'].includes(codeOf(cause))
    ? new Fault('store.full', 'Cannot save a skipped message: the disk is full', { cause })
    : new Fault('store.failed', 'Cannot save a skipped message in the data folder', { cause })

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : ''
}
