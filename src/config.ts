import { join, resolve } from 'node:path'
import { Refusal } from './domain/refusal.ts'

/** What a default may depend on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** As `process.platform` names it. */
  readonly platform: string
  readonly home: string
}

/** One thing that can be set: by its flag, else by its variable, else it is as `initial` says. */
export interface Setting<T> {
  /** The long name of its flag, without dashes. */
  readonly name: string
  readonly flags: string
  readonly variable: string
  readonly sentence: string
  readonly initial: (around: Surroundings) => string
  /** Throws a Refusal for a value that makes no sense. */
  readonly parse: (text: string) => T
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export const outputFormats = ['table', 'json', 'ndjson', 'csv'] as const
export type OutputFormat = (typeof outputFormats)[number]

const setting = <T>(value: Setting<T>): Setting<T> => value

/** All settings. The help prints this table. */
export const settings = {
  data: setting<string>({
    name: 'data',
    flags: '--data <folder>',
    variable: 'POSTFERRY_DATA',
    sentence: 'Folder that holds the database, its key and the tokens',
    initial: defaultDataFolder,
    parse: (text) => resolve(text),
  }),
  listen: setting<ListenAddress>({
    name: 'listen',
    flags: '--listen <address>',
    variable: 'POSTFERRY_LISTEN',
    sentence: 'Loopback address and port to listen on',
    initial: () => '127.0.0.1:8480',
    parse: parseListenAddress,
  }),
  keptConnections: setting<number>({
    name: 'kept-connections',
    flags: '--kept-connections <number>',
    variable: 'POSTFERRY_KEPT_CONNECTIONS',
    sentence: 'Connections that stay signed in between two passes, of all endpoints together',
    initial: () => '500',
    parse: parseKeptConnections,
  }),
  openBatches: setting<number>({
    name: 'max-batches',
    flags: '--max-batches <number>',
    variable: 'POSTFERRY_MAX_BATCHES',
    sentence: 'Batches that may be open at a time; completed ones do not count',
    initial: () => '100',
    parse: parseOpenBatches,
  }),
  output: setting<OutputFormat>({
    name: 'output',
    flags: '-o, --output <format>',
    variable: 'POSTFERRY_OUTPUT',
    sentence: `Form of the answer: ${outputFormats.join(', ')}`,
    initial: () => 'table',
    parse: parseOutputFormat,
  }),
  debug: setting<boolean>({
    name: 'debug',
    flags: '--debug',
    variable: 'POSTFERRY_DEBUG',
    sentence: 'Tell with an error where in the program it arose',
    initial: () => '',
    parse: (text) => text !== '' && text !== '0',
  }),
}

export type SettingName = keyof typeof settings

/** An empty variable counts as one that is not set. */
export function readSetting<T>(it: Setting<T>, given: string | null, around: Surroundings): T {
  return it.parse(given ?? (around.env[it.variable] || it.initial(around)))
}

/** The folder that the service manager names, else the place where the system keeps a program's state. */
function defaultDataFolder({ env, platform, home }: Surroundings): string {
  const perUser: Record<string, string> = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: env.LOCALAPPDATA || join(home, 'AppData', 'Local'),
  }
  const state = env.XDG_STATE_HOME || perUser[platform] || join(home, '.local', 'state')
  return env.STATE_DIRECTORY || join(state, 'postferry')
}

function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (!host || port > 65535) {
    throw new Refusal('invalid', `Cannot listen on "${text}": give an address and a port, such as 127.0.0.1:8480`)
  }
  return { host, port }
}

function parseKeptConnections(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new Refusal('invalid', `Cannot keep "${text}" connections: give a whole number from 0 to 99999`)
}

function parseOpenBatches(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new Refusal('invalid', `Cannot allow "${text}" batches: give a whole number from 1 to 99999`)
}

function parseOutputFormat(text: string): OutputFormat {
  const format = outputFormats.find((known) => known === text)
  if (!format) throw new Refusal('invalid', `Cannot write as "${text}": the forms are ${outputFormats.join(', ')}`)
  return format
}
