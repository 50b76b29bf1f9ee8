import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A child process of a test: watched, measured and ended by its own id, and never outliving its scope. */
export interface Proc extends AsyncDisposable {
  readonly pid: number
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>
  /** All it printed so far, both streams as they came. */
  output(): string
  /** The first match in what it printed or will print; rejects when it ends or the time is over. */
  printed(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>
  /** Sends the signal (default SIGKILL) and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Resident bytes now and at the highest so far; of a process that is gone the last figures seen. */
  memory(): Memory
}

export interface Memory {
  readonly residentBytes: number
  readonly peakBytes: number
}

export interface ProcOptions {
  readonly cwd?: string
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>
}

const printedMsMax = 15_000
const graceMsMax = 10_000
const memoryEveryMs = 200

/** Starts a program at once, or throws. */
export function startProc(command: readonly string[], options: ProcOptions = {}): Proc {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Told by the missing id below; without a listener it would end the tests.
  child.once('error', () => null)
  const pid = child.pid
  if (pid === undefined) throw new Error(`Cannot start ${program}`)
  const exited = new Promise<number | NodeJS.Signals>((settle) => {
    child.once('close', (code, signal) => settle(code ?? signal ?? 0))
  })
  const output = collect(child)
  return {
    pid,
    exited,
    output: output.text,
    printed: (pattern, withinMs = printedMsMax) => output.match(pattern, withinMs, exited),
    kill: (signal = 'SIGKILL') => end(child, signal, exited),
    memory: watchMemory(child, pid),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL', exited),
  }
}

function collect(child: ChildProcess) {
  let text = ''
  const onText = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of onText) look()
    })
  }
  const match = (pattern: RegExp, withinMs: number, exited: Promise<unknown>) =>
    new Promise<RegExpExecArray>((settle, fail) => {
      const look = () => {
        const found = pattern.exec(text)
        if (found !== null) finish(() => settle(found))
      }
      const giveUp = (why: string) => finish(() => fail(new Error(`${why} before it printed ${pattern}: ${text}`)))
      const timer = setTimeout(() => giveUp(`The process took over ${withinMs} ms`), withinMs)
      const finish = (tell: () => void) => {
        clearTimeout(timer)
        onText.delete(look)
        tell()
      }
      onText.add(look)
      look()
      void exited.then(() => giveUp('The process ended'))
    })
  return { text: () => text, match }
}

async function end(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<unknown>): Promise<void> {
  child.kill(signal)
  const patience = setTimeout(() => child.kill('SIGKILL'), graceMsMax)
  await exited
  clearTimeout(patience)
}

/** VmHWM, and not what wait4 reports: that figure starts with the size of the process that forked. */
function watchMemory(child: ChildProcess, pid: number): () => Memory {
  let last: Memory = { residentBytes: 0, peakBytes: 0 }
  const look = () => {
    last = readMemory(pid) ?? last
    return last
  }
  const timer = setInterval(look, memoryEveryMs)
  timer.unref()
  child.once('exit', () => clearInterval(timer))
  return look
}

/** Null where the process is gone, or the system has no /proc. */
export function readMemory(pid: number): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
    const memory = { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') }
    return Number.isNaN(memory.peakBytes) ? null : memory
  } catch {
    return null
  }
}

/** The product as a command: the built executable if POSTFERRY_EXECUTABLE names one, else the source tree. */
export function postferry(...args: readonly string[]): readonly string[] {
  const built = process.env.POSTFERRY_EXECUTABLE
  return [...(built === undefined ? [process.execPath, 'src/main.ts'] : [built]), ...args]
}
