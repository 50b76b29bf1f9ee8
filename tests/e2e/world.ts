import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import type { DovecotOptions } from '../support/dovecot-config.ts'
import type { MailServer } from '../support/mail-server.ts'
import { type Api, type BatchView, settled } from './api.ts'
import { type Server, startServer, tempFolder } from './server.ts'

/** Two mail servers and a data folder: what a migration needs around it. */
export interface World extends AsyncDisposable {
  readonly source: DovecotServer
  readonly target: DovecotServer
  readonly dataFolder: string
}

export interface WorldOptions {
  readonly source?: DovecotOptions
  readonly target?: DovecotOptions
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await tempFolder()
  const [source, target] = await Promise.all([startDovecot(options.source), startDovecot(options.target)])
  const all = [source, target, folder]
  return {
    source,
    target,
    dataFolder: folder.path,
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((one) => one[Symbol.asyncDispose]()))),
  }
}

export const userNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `user${`${at + 1}`.padStart(3, '0')}@example.org`)

/** A list for `users`, who are called the same on both sides. */
export function csvFor(users: readonly string[], source: MailServer, target: MailServer): string {
  const row = (user: string) => [user, user, source.access(user).password, target.access(user).password].join(',')
  return ['EmailAddress,UserName,Password,TargetPassword', ...users.map(row), ''].join('\r\n')
}

type Place = Pick<DovecotServer, 'port'>

/** In clear text, with as many further passes at a time as first ones. */
export const endpoint = (name: string, { port }: Place, settings: object = {}) => ({
  name,
  host: '127.0.0.1',
  port,
  security: 'none',
  concurrentIncrementalSyncsMax: 20,
  ...settings,
})

/** Makes both endpoints, called source and target. */
export async function createEndpoints(
  api: Api,
  world: { readonly source: Place; readonly target: Place },
  settings: object = {},
): Promise<void> {
  await api.post('/endpoints', endpoint('source', world.source, settings))
  await api.post('/endpoints', endpoint('target', world.target, settings))
}

/** Makes a batch between the endpoints source and target. */
export const createBatch = (api: Api, name: string, csv: string, others: object = {}): Promise<BatchView> =>
  api.post('/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv, ...others })

export const startSync = (api: Api, batch: string): Promise<BatchView> => api.post(`/batches/${batch}/sync`)

/** A first or a further pass, to its end. */
export async function sync(api: Api, batch: string): Promise<BatchView> {
  await startSync(api, batch)
  return settled(api, batch)
}

/** A world with a server that knows its two endpoints, source and target. */
export interface Served extends World {
  readonly server: Server
  readonly api: Api
}

export async function startServed(options: WorldOptions & { readonly endpoints?: object } = {}): Promise<Served> {
  const world = await startWorld(options)
  const server = await startServer(world.dataFolder)
  await createEndpoints(server.api, world, options.endpoints)
  const dispose = async () => {
    await server[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  }
  return { ...world, server, api: server.api, [Symbol.asyncDispose]: dispose }
}

/** The same with a batch of that name, which is made and not started. */
export async function startMigration(
  batch: string,
  users: readonly string[],
  options: WorldOptions & { readonly endpoints?: object } = {},
): Promise<Served> {
  const served = await startServed(options)
  await createBatch(served.api, batch, csvFor(users, served.source, served.target))
  return served
}
