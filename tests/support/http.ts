import { sql } from 'drizzle-orm'
import { createSyncStore } from '../../db/stores/sync-store.ts'
import type { Access, ProbeReport } from '../../src/domain/endpoint.ts'
import { createHttp, type Http, type HttpApp } from '../../src/http/server.ts'
import type { Context } from '../../src/operations/context.ts'
import { createSessions } from '../../src/operations/sessions.ts'
import { createHub, type Hub } from '../../src/platform/hub.ts'
import { createTurns } from '../../src/platform/turns.ts'
import { createVault } from '../../src/platform/vault.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { tempDatabase } from './temp-database.ts'

const origin = 'http://localhost'

/** The pages and the API over a real database, with nobody working the jobs. */
export interface TestHttp extends AsyncDisposable {
  readonly http: Http
  readonly app: HttpApp & { readonly hub: Hub }
  readonly context: Context
  readonly clock: HandClock
  /** Failures that were told to the log. */
  readonly errors: unknown[]
  /** What a test of an endpoint finds, and what it was asked with. */
  readonly probe: { answer: () => ProbeReport; readonly asked: Access[] }
  reasons: readonly string[]
  request(path: string, init?: RequestInit): Promise<Response>
  /** With the token of the command line; an object goes as JSON. */
  api(method: string, path: string, body?: unknown): Promise<Response>
  /** A browser that has signed in. */
  signIn(): Promise<Browser>
}

/** Keeps a cookie, and says where a request comes from, as browsers do. */
export interface Browser {
  readonly cookie: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** A form: with a File in it as multipart, else url-encoded. */
  post(path: string, fields?: Record<string, string | File>, headers?: Record<string, string>): Promise<Response>
}

export const token = 'token-of-the-command-line'

export async function testHttp(): Promise<TestHttp> {
  const temp = await tempDatabase()
  const clock = handClock()
  const hub = createHub(1)
  const errors: unknown[] = []
  const probe: TestHttp['probe'] = { answer: () => ({ isOk: true, steps: [], capabilities: [] }), asked: [] }
  const context: Context = {
    db: temp.db,
    sync: createSyncStore(temp.db),
    vault: await createVault(new Uint8Array(32)),
    clock,
    turns: createTurns(),
    random: () => 0.5,
    openBatchesMax: 100,
    saved: { read: async () => null },
    pressed: () => new Map(),
    wake: () => {},
    halt: () => {},
    forgive: () => {},
    disconnect: () => {},
    renewed: () => {},
    async probe(access) {
      probe.asked.push(access)
      return probe.answer()
    },
    changed: (what) => hub.publish(what),
  }
  const sessions = createSessions({ clock })
  const test = { reasons: [] as readonly string[] }
  const app: TestHttp['app'] = { context, hub, sessions, cliToken: token, readiness: () => test.reasons }
  const http = createHttp(app, { onError: (error) => errors.push(error), version: '1.2.3', keepAliveMs: 20 })
  const request: TestHttp['request'] = (path, init = {}) => {
    const url = new URL(path, origin)
    return http.fetch(new Request(url, { redirect: 'manual', ...init, headers: { host: url.host, ...init.headers } }))
  }

  return Object.assign(test, {
    http,
    app,
    context,
    clock,
    errors,
    probe,
    request,
    api: (method: string, path: string, body?: unknown) =>
      request(`/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(isPlain(body) && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: isPlain(body) ? JSON.stringify(body) : (body as BodyInit) }),
      }),
    async signIn() {
      const path = http.signInPath()
      const linkToken = new URL(path, origin).searchParams.get('token') ?? ''
      const answer = await browse(request, '').post('/sign-in', { token: linkToken })
      const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
      return browse(request, cookie)
    },
    async [Symbol.asyncDispose]() {
      http.close()
      await temp[Symbol.asyncDispose]()
    },
  })
}

const isPlain = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype

function browse(request: TestHttp['request'], cookie: string): Browser {
  const own = { cookie, 'sec-fetch-site': 'same-origin' }
  return {
    cookie,
    get: (path, headers) => request(path, { headers: { ...own, ...headers } }),
    post: (path, fields = {}, headers) =>
      request(path, { method: 'POST', headers: { ...own, ...headers }, body: formOf(fields) }),
  }
}

function formOf(fields: Record<string, string | File>): FormData | URLSearchParams {
  const hasFile = Object.values(fields).some((value) => value instanceof File)
  const form = hasFile ? new FormData() : new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) form.append(name, value as string)
  return form
}

/** Two endpoints whose users bring a password for the source, while an administrator opens the target. */
export async function makeEndpoints(test: TestHttp): Promise<void> {
  await test.api('POST', '/endpoints', { name: 'old', host: 'old.example', security: 'ssl' })
  await test.api('POST', '/endpoints', {
    name: 'new',
    host: 'new.example',
    security: 'tls',
    login: '{user}*{admin}',
    adminName: 'master',
    adminPassword: 'canary-of-the-administrator',
    isHome: true,
  })
}

export const canary = 'canary-of-a-mailbox'

export const goodCsv = `EmailAddress,UserName,Password\nalice@example.org,alice,${canary}\nbob@example.org,bob,${canary}\n`

/** The two endpoints and a batch of alice and bob, by its id. */
export async function makeBatch(test: TestHttp, name = 'Sales'): Promise<number> {
  await makeEndpoints(test)
  const answer = await test.api('POST', '/batches', {
    name,
    sourceEndpoint: 'old',
    targetEndpoint: 'new',
    csv: goodCsv,
  })
  const batch = (await answer.json()) as { id: number }
  return batch.id
}

/** Puts a batch and its users into a status, as the jobs would. */
export async function settle(
  { context }: TestHttp,
  id: number,
  status: 'synced' | 'completed' | 'failed',
): Promise<void> {
  const { db } = context
  await db.write([
    db.query.run(
      sql`update users set status = ${status}, source = 10, copied = 9, adopted = 1, passes = 1, last_synced_at = 1 where batch_id = ${id}`,
    ),
    db.query.run(
      sql`update batches set status = ${status}, pending = 0, active = 0, synced = 0, completed = 0, failed = 0, stopped = 0
        where id = ${id}`,
    ),
    db.query.run(sql`update batches set ${sql.identifier(status)} = total where id = ${id}`),
  ])
}
