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
  /** Calls back at every SIGINT and SIGTERM, until the returned function is called. */
  readonly onSignal: (callback: () => void) => () => void
  readonly sleep: (ms: number) => Promise<void>
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

const signals = ['SIGINT', 'SIGTERM'] as const

export function processShell(): Shell {
  return {
    env: process.env,
    platform: process.platform,
    home: homedir(),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    read: (path) => (path === '-' ? readAll(process.stdin) : readFile(path)),
    onSignal(callback) {
      for (const signal of signals) process.on(signal, callback)
      return () => {
        for (const signal of signals) process.off(signal, callback)
      }
    },
    sleep: (ms) => setTimeout(ms),
    exit: (code) => process.exit(code),
  }
}

/** A reader that went away (`| head`) ends the writing, not the work. */
function sinkOf(stream: NodeJS.WriteStream): Sink {
  let isOpen = true
  stream.on('error', () => {
    isOpen = false
  })
  return {
    write: (text) => {
      if (isOpen) stream.write(text)
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
