import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRow } from './output.ts'

const pathIn = (dataFolder: string): string => join(dataFolder, 'server.json')

/** Where the server of a data folder said that it listens, or null. */
export async function readServerAddress(dataFolder: string): Promise<string | null> {
  const server = parseRow(await readFile(pathIn(dataFolder), 'utf8').catch(() => ''))
  return typeof server?.address === 'string' ? server.address : null
}

/** Tells the other verbs where to find the server, such as `http://127.0.0.1:8480`. */
export const writeServerAddress = (dataFolder: string, address: string, pid: number): Promise<void> =>
  writeFile(pathIn(dataFolder), `${JSON.stringify({ address, pid })}\n`, { mode: 0o600 })

export const removeServerAddress = (dataFolder: string): Promise<void> => rm(pathIn(dataFolder), { force: true })
