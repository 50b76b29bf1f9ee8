/** A server that listens. */
export interface RunningServer {
  /** Where it answers: `http://127.0.0.1:8480`, with the real port. */
  readonly address: string
  /** Takes no more requests, lets those under way end for at most `graceMs`, then gives them up. */
  stop(graceMs?: number): Promise<void>
}

export interface ServeOptions {
  readonly hostname: string
  /** 0: any free one. */
  readonly port: number
  readonly fetch: (request: Request) => Response | Promise<Response>
}

/** Listens with what the runtime brings. Throws when the address cannot be had. */
export const serve = (options: ServeOptions): Promise<RunningServer> =>
  deno === undefined ? serveWithBun(options) : serveWithDeno(options, deno)

const graceMsDefault = 5_000

async function serveWithBun({ hostname, port, fetch }: ServeOptions): Promise<RunningServer> {
  // The executable starts with a compiler that holds back; what serves runs for long.
  Bun.unsafe.setJITPolicy(1)
  // Quiet streams are cut after ten seconds otherwise.
  const server = Bun.serve({ hostname, port, fetch, idleTimeout: 0 })
  return {
    address: addressOf(hostname, server.port ?? port),
    stop: (graceMs = graceMsDefault) => endWithin(graceMs, server.stop(false), () => server.stop(true)),
  }
}

async function serveWithDeno({ hostname, port, fetch }: ServeOptions, { serve }: Deno): Promise<RunningServer> {
  const server = serve({ hostname, port, onListen: () => {} }, fetch)
  return {
    address: addressOf(hostname, server.addr.port),
    // Deno 2.9 cannot cut what its shutdown waits for (an abort throws then): the end of the process does.
    stop: (graceMs = graceMsDefault) => endWithin(graceMs, server.shutdown(), async () => server.unref()),
  }
}

const addressOf = (hostname: string, port: number): string =>
  `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`

async function endWithin(graceMs: number, ended: Promise<void>, cut: () => Promise<void>): Promise<void> {
  const grace = Promise.withResolvers<'late'>()
  const timer = setTimeout(grace.resolve, graceMs, 'late')
  const outcome = await Promise.race([ended, grace.promise])
  clearTimeout(timer)
  if (outcome === 'late') await cut()
}

/** As much of Deno as is used here. */
interface Deno {
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    handler: ServeOptions['fetch'],
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void>; unref(): void }
}

const { Deno: deno } = globalThis as { readonly Deno?: Deno }
