/** What a person waits for: pages and API answers, asked one after the other while the server works. */
export interface Watch {
  /** Ends the asking; answer times in milliseconds by path, ascending. */
  stop(): Promise<ReadonlyMap<string, readonly number[]>>
}

const pauseMs = 40

/** Asks for each path in turn, in a browser's session, until stopped. Any answer but 200 fails. */
export function watchPages(address: string, cookie: string, paths: readonly string[]): Watch {
  const times = new Map(paths.map((path) => [path, [] as number[]]))
  let isStopped = false
  const asking = (async () => {
    while (!isStopped) {
      for (const [path, all] of times) {
        all.push(await timed(`${address}${path}`, cookie))
        await Bun.sleep(pauseMs)
      }
    }
  })()
  asking.catch(() => null)
  return {
    stop: async () => {
      isStopped = true
      await asking
      return new Map([...times].map(([path, all]) => [path, all.sort((a, b) => a - b)]))
    },
  }
}

async function timed(url: string, cookie: string): Promise<number> {
  const startedAt = performance.now()
  const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`Cannot get ${url}: ${response.status} ${text.slice(0, 200)}`)
  return performance.now() - startedAt
}

/** The value below which that share of ascending values lies. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN
