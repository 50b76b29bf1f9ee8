import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import type { Surroundings } from '../config.ts'

/** Somewhere to write words or data. */
export interface Sink {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly columns: number
}

/** All that a verb may touch of the process it runs in. */
export interface Shell extends Surroundings {
  readonly stdout: Sink
  readonly stderr: Sink
  /** Reads a whole file, or the standard input where the path is `-`. */
  readonly read: (path: string) => Promise<Uint8Array>
  /** The next line that is typed; null at the end of the standard input. */
  readonly readLine: () => Promise<string | null>
  /** Calls back at every SIGINT and SIGTERM, until the returned function is called. */
  readonly onSignal: (callback: () => void) => () => void
  readonly sleep: (ms: number) => Promise<void>
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

/** The shell of this process. */
export interface ProcessShell extends Shell {
  /** Fulfilled when all that was written has left the process, or nobody reads it any more. */
  readonly flushed: () => Promise<void>
}

const signals = ['SIGINT', 'SIGTERM'] as const

export function processShell(): ProcessShell {
  const [stdout, stderr] = [sinkOf(process.stdout), sinkOf(process.stderr)]
  return {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    stdout,
    stderr,
    read: (path) => (path === '-' ? readAll(process.stdin) : readFile(path)),
    readLine: () => readLine(process.stdin),
    onSignal(callback) {
      for (const signal of signals) process.on(signal, callback)
      return () => {
        for (const signal of signals) process.off(signal, callback)
      }
    },
    sleep: (ms) => setTimeout(ms),
    exit: (code) => process.exit(code),
    flushed: async () => void (await Promise.all([stdout.flushed(), stderr.flushed()])),
  }
}

/** A reader that went away (`| head`) ends the writing, not the work. */
function sinkOf(stream: NodeJS.WriteStream): Sink & Pick<ProcessShell, 'flushed'> {
  const broken = Promise.withResolvers<void>()
  let isOpen = true
  let last = Promise.resolve()
  stream.on('error', () => {
    isOpen = false
    broken.resolve()
  })
  return {
    write: (text) => {
      if (isOpen) last = new Promise((resolve) => stream.write(text, () => resolve()))
    },
    isTerminal: stream.isTTY === true,
    // A serial line or a container may tell a width of 0.
    columns: stream.columns || 80,
    flushed: () => Promise.race([last, broken.promise]),
  }
}

async function readLine(stream: NodeJS.ReadStream): Promise<string | null> {
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: stream })
  try {
    for await (const line of lines) return line
    return null
  } finally {
    lines.close()
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
