import { settings } from '../config.ts'
import type { Problem } from '../domain/refusal.ts'
import { readCliToken, readServerInfo } from '../platform/data-folder.ts'
import type { ExitName } from './exit-codes.ts'
import { Failure, problemLine } from './failure.ts'
import { type Options, settingOf } from './options.ts'
import { isRow, parseRow, type Row } from './output.ts'
import type { Shell } from './shell.ts'

/** The API of the server that holds a data folder. Paths are below `/api/v1`; each answer is one JSON object. */
export interface Client {
  /** `http://127.0.0.1:8480` */
  readonly address: string
  readonly get: (path: string) => Promise<Row>
  readonly send: (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: Row) => Promise<Row>
  /** Posts the fields that are not null, a file as bytes. */
  readonly sendForm: (path: string, fields: Readonly<Record<string, string | Uint8Array | null>>) => Promise<Row>
  readonly sendCsv: (path: string, csv: Uint8Array) => Promise<Row>
  /** All items of a list, page after page. */
  readonly all: (path: string) => Promise<readonly Row[]>
}

/** The client for the data folder that a call names. */
export const openClient = (shell: Shell, options: Options): Promise<Client> =>
  connect(settingOf(settings.data, options, shell))

/** A name or an id as one segment of a path. */
export const segment = (nameOrId: string | number | undefined): string => encodeURIComponent(nameOrId ?? '')

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Finds the running server through the data folder: its address in server.json, its token in cli.token. */
export async function connect(dataFolder: string, fetch: Fetch = globalThis.fetch): Promise<Client> {
  const server = readServerInfo(dataFolder) ?? noServer(dataFolder)
  const token = readCliToken(dataFolder) ?? noServer(dataFolder)
  return createClient(server.address, token, fetch)
}

export function createClient(address: string, token: string, fetch: Fetch): Client {
  const ask = async (path: string, init: RequestInit): Promise<Row> => {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}`, ...init.headers }
    const response = await fetch(`${address}/api/v1${path}`, { ...init, headers, redirect: 'error' }).catch((cause) => {
      throw new Failure('apiUnreachable', `Cannot reach the server at ${address}`, [], cause)
    })
    return answer(response)
  }
  const get: Client['get'] = (path) => ask(path, { method: 'GET' })
  return {
    address,
    get,
    send: (method, path, body) =>
      ask(path, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      }),
    sendForm: (path, fields) => ask(path, { method: 'POST', body: formOf(fields) }),
    sendCsv: (path, csv) =>
      ask(path, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: new Uint8Array(csv) }),
    all: (path) => allItems(get, path),
  }
}

function formOf(fields: Readonly<Record<string, string | Uint8Array | null>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.set(name, value)
    else if (value !== null) form.set(name, new Blob([new Uint8Array(value)], { type: 'text/csv' }), `${name}.csv`)
  }
  return form
}

function noServer(dataFolder: string): never {
  throw new Failure('apiUnreachable', `No server runs on the data folder ${dataFolder}`, [
    `Start one with: postferry serve --data ${dataFolder}`,
  ])
}

async function answer(response: Response): Promise<Row> {
  const text = await response.text()
  const body = parseRow(text)
  if (response.ok && (body || text === '')) return body ?? {}
  throw refusalOf(response.status, body)
}

const exitOfStatus: Readonly<Record<number, ExitName>> = {
  400: 'invalid',
  401: 'apiRefused',
  403: 'apiRefused',
  404: 'notFound',
  409: 'wrongState',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
}

/** A problem of RFC 9457 as a failure of the command line. */
function refusalOf(status: number, body: Row | null): Failure {
  const exit = body?.code === 'needs-approval' ? 'needsApproval' : (exitOfStatus[status] ?? 'unexpected')
  const sentence = [body?.detail, body?.title].find((text) => typeof text === 'string' && text !== '')
  const problems = Array.isArray(body?.problems) ? body.problems.filter(isProblem).map(problemLine) : []
  return new Failure(exit, String(sentence ?? `The server answered with status ${status}`), problems)
}

const isProblem = (value: unknown): value is Problem =>
  isRow(value) && typeof value.message === 'string' && value.line !== undefined && value.column !== undefined

async function allItems(get: Client['get'], path: string): Promise<readonly Row[]> {
  const items: Row[] = []
  let cursor: unknown = ''
  while (typeof cursor === 'string') {
    const query = cursor && `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
    const page = await get(path + query)
    if (Array.isArray(page.items)) items.push(...page.items.filter(isRow))
    cursor = page.nextCursor
  }
  return items
}
