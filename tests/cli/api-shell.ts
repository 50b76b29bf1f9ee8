import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/run.ts'
import { writeServerInfo } from '../../src/platform/data-folder.ts'
import { serve } from '../../src/platform/serve.ts'
import { type TestHttp, testHttp, token } from '../support/http.ts'
import { recordedShell } from './recorded-shell.ts'

export interface ApiShell extends AsyncDisposable {
  readonly server: TestHttp
  readonly folder: string
  /** Runs a verb against the server, and tells its exit code and all it wrote. */
  call(argv: readonly string[], files?: Readonly<Record<string, string>>): Promise<Ended>
  /** The same with `-o json`, read back. */
  json(...argv: readonly string[]): Promise<Record<string, unknown>>
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A server with nobody working its jobs, found by the command line through a data folder. */
export async function apiShell(): Promise<ApiShell> {
  const server = await testHttp()
  const running = await serve({ hostname: '127.0.0.1', port: 0, fetch: server.http.fetch })
  const folder = await mkdtemp(join(tmpdir(), 'postferry-cli-'))
  await writeFile(join(folder, 'cli.token'), token)
  writeServerInfo(folder, { address: running.address, pid: process.pid })
  const call: ApiShell['call'] = async (argv, files = {}) => {
    const shell = recordedShell({ files, env: { POSTFERRY_DATA: folder } })
    const code = await run(argv, shell)
    return { code, out: shell.out(), err: shell.err() }
  }
  return {
    server,
    folder,
    call,
    async json(...argv) {
      const { code, out, err } = await call([...argv, '-o', 'json'])
      if (code !== 0) throw new Error(`Exit ${code}: ${err}`)
      return JSON.parse(out)
    },
    async [Symbol.asyncDispose]() {
      await running.stop(0)
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
