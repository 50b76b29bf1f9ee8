import type { Shell } from '../../src/cli/shell.ts'

export interface RecordedShell extends Shell {
  readonly out: () => string
  readonly err: () => string
  /** Acts as if the process got SIGINT. */
  readonly interrupt: () => void
  readonly exits: readonly number[]
}

interface Given {
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
  /** What is typed. */
  readonly lines?: readonly string[]
  readonly columns?: number
}

/** A shell that keeps what is written, reads files from memory, and sleeps no longer than 5 ms. */
export function recordedShell({
  env = {},
  files = {},
  isTerminal = false,
  columns = 80,
  lines = [],
}: Given = {}): RecordedShell {
  const written = { out: '', err: '' }
  const callbacks = new Set<() => void>()
  const exits: number[] = []
  const typed = [...lines]
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
    },
    isTerminal,
    columns,
  })
  return {
    env,
    platform: 'linux',
    home: '/home/admin',
    stdout: sink('out'),
    stderr: sink('err'),
    read: async (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return new TextEncoder().encode(text)
    },
    readLine: async () => typed.shift() ?? null,
    onSignal(callback) {
      callbacks.add(callback)
      return () => callbacks.delete(callback)
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5))),
    exit: (code) => exits.push(code),
    out: () => written.out,
    err: () => written.err,
    interrupt: () => {
      for (const callback of callbacks) callback()
    },
    exits,
  }
}
