import { closeSync, openSync, readFileSync } from 'node:fs'
import { readMemory } from '../support/proc.ts'

/** A program to be run and measured. */
export interface Command {
  readonly cmd: readonly string[]
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Usage {
  readonly wallMs: number
  /** User and system time of the program and all it started and waited for. */
  readonly cpuMs: number
  /** Highest resident size (VmHWM), summed over the processes of one moment; 0 where nobody looked in time. */
  readonly peakBytes: number
  /** Exit code, a signal's name, or why it was ended. */
  readonly exit: string
}

const lookEveryMs = 20

/** Runs the program to its end, process start included; what it prints goes behind what is in `logFile`. */
export async function measure({ cmd, env }: Command, logFile: string, msMax: number): Promise<Usage> {
  const log = openSync(logFile, 'a')
  const startedAt = performance.now()
  const proc = Bun.spawn({ cmd: [...cmd], env: { ...process.env, ...env }, stdin: 'ignore', stdout: log, stderr: log })
  let peakBytes = 0
  const look = () => {
    peakBytes = Math.max(peakBytes, treeBytes(proc.pid))
  }
  const timer = setInterval(look, lookEveryMs)
  const limit = setTimeout(() => proc.kill('SIGKILL'), msMax)
  const exit = await proc.exited
  const wallMs = performance.now() - startedAt
  clearInterval(timer)
  clearTimeout(limit)
  closeSync(log)
  const isLate = wallMs >= msMax
  const cpuMs = Number(proc.resourceUsage()?.cpuTime.total ?? 0) / 1000
  return { wallMs, cpuMs, peakBytes, exit: isLate ? `ended after ${msMax / 1000} s` : `${proc.signalCode ?? exit}` }
}

/** Peaks of a process and those below it. */
function treeBytes(pid: number): number {
  const own = readMemory(pid)?.peakBytes ?? 0
  return childrenOf(pid).reduce((sum, child) => sum + treeBytes(child), own)
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const ticksPerSecond = 100

/** User and system time of a process so far, in milliseconds (proc_pid_stat(5), fields 14 and 15). */
export function cpuMsOf(pid: number): number {
  const [, rest = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const fields = rest.split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}
