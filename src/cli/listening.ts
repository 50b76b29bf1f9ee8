import project from '../../package.json' with { type: 'json' }
import type { App } from '../app.ts'
import type { ListenAddress } from '../config.ts'
import { Failure } from './failure.ts'

/** An app that answers on an address. */
export interface Listening extends AsyncDisposable {
  /** `http://127.0.0.1:8480`, with the real port. */
  readonly address: string
  /** A new link for one sign-in. */
  readonly signInLink: () => string
}

/** Puts pages and API of an app on a loopback address. Nothing is encrypted here, so no other address is taken. */
export async function listen(app: App, address: ListenAddress, onError: (error: unknown) => void): Promise<Listening> {
  refuseBeyondLoopback(address)
  const { host, port } = address
  const [{ createHttp }, { serve }] = await Promise.all([import('../http/server.ts'), import('../platform/serve.ts')])
  const http = createHttp(app, { listenHost: host, version: project.version, onError })
  const server = await serve({ hostname: host, port, fetch: http.fetch }).catch((error: unknown) => {
    throw new Failure('invalid', `Cannot listen on ${host}:${port}: ${reason(error)}`, [], error)
  })
  return {
    address: server.address,
    signInLink: () => server.address + http.signInPath(),
    async [Symbol.asyncDispose]() {
      http.close()
      await server.stop()
    },
  }
}

/** Throws for an address that others can reach. */
export function refuseBeyondLoopback({ host }: ListenAddress): void {
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return
  throw new Failure('invalid', `Cannot listen on ${host}: without encryption only loopback addresses are served`, [
    'Listen on 127.0.0.1, and reach it from elsewhere through an SSH tunnel or a proxy with TLS on this machine',
  ])
}

const reason = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    ? 'another program uses this port'
    : error instanceof Error
      ? error.message
      : String(error)
