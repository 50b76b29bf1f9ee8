import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Proc, postferry, startProc } from '../support/proc.ts'
import { type Api, createApi } from './api.ts'

/** `postferry serve` as a process of its own. */
export interface Server extends AsyncDisposable {
  readonly proc: Proc
  /** `http://127.0.0.1:PORT` */
  readonly address: string
  readonly api: Api
}

const signInLink = /http:\/\/127\.0\.0\.1:\d+\/sign-in\?token=[\w-]+/

/** Starts the server on a data folder and a free port; it answers when this returns. */
export async function startServer(dataFolder: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
  const proc = startProc(postferry('serve', '--data', dataFolder, '--listen', '127.0.0.1:0'), { env })
  const [link] = await proc.printed(signInLink)
  const address = new URL(link).origin
  const token = (await readFile(join(dataFolder, 'cli.token'), 'utf8')).trim()
  return { proc, address, api: createApi(address, token), [Symbol.asyncDispose]: () => proc[Symbol.asyncDispose]() }
}

/** Signs a browser in by the printed link; returns its cookie. */
export async function signIn({ proc, address }: Server): Promise<string> {
  const [link] = await proc.printed(signInLink)
  const response = await fetch(`${address}/sign-in`, {
    method: 'POST',
    headers: { origin: address, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ token: new URL(link).searchParams.get('token') ?? '' }),
    redirect: 'manual',
  })
  const [cookie = ''] = response.headers.getSetCookie()
  if (cookie === '') throw new Error(`Cannot sign in: ${response.status} ${await response.text()}`)
  return cookie.split(';')[0] ?? ''
}

export interface TempFolder extends AsyncDisposable {
  readonly path: string
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'postferry-e2e-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
