import type { Measured } from './lanes/lane.ts'
import { type ProfileName, profiles } from './profiles.ts'
import { median } from './statistics.ts'
import { isWhole, type Rounds, ratioOf, type Verdict, verdictsOf } from './verdicts.ts'

/** What a profile came to, and why some of its tools could not be run. */
export interface ProfileResult {
  readonly profile: ProfileName
  readonly rounds: Rounds
  readonly notRun: Readonly<Record<string, string>>
}

/** Markdown: what was measured, row by row, and what that is worth. */
export function reportOf({ profile, rounds, notRun }: ProfileResult): string {
  const names = new Set(rounds.flat().map(({ row }) => row))
  const rows = [...names].map((name) => rowOf(name, rounds))
  const absent = Object.entries(notRun).map(([tool, why]) => [tool, `not run: ${why}`, '', '', '', '', '', ''])
  const verdicts = verdictsOf(profile, rounds)
  const parts = [
    `### ${profile}: ${profiles[profile].about}`,
    table(measuredHead, [...rows, ...absent]),
    ...(verdicts.length > 0 ? [table(verdictHead, verdicts.map(verdictRow))] : []),
  ]
  return parts.join('\n\n')
}

const measuredHead = ['', 'wall s', 'min–max', 'CPU s', 'peak MB', 'messages/s', '× ours', 'copy']

function rowOf(name: string, rounds: Rounds): readonly string[] {
  const runs = rounds.flat().filter(({ row }) => row === name)
  const all = runs.some(isWhole) ? runs.filter(isWhole) : runs
  const of = (value: (one: Measured) => number) => median(all.map(value))
  const walls = all.map(({ wallMs }) => wallMs)
  const wallMs = of((one) => one.wallMs)
  return [
    name,
    seconds(wallMs),
    `${seconds(Math.min(...walls))}–${seconds(Math.max(...walls))}`,
    seconds(of(({ cpuMs }) => cpuMs)),
    orDash(Math.round(of(({ peakBytes }) => peakBytes) / 1e6)),
    orDash(Math.round((of(({ messages }) => messages) * 1000) / wallMs)),
    name.startsWith('ours') ? '' : timesOurs(name, rounds),
    stateOf(runs),
  ]
}

/** A first pass is compared with our first, a further one with our further one. */
function timesOurs(name: string, rounds: Rounds): string {
  const ratio = ratioOf(name, name.endsWith(' again') ? 'ours again' : 'ours copy', rounds)
  return Number.isNaN(ratio) ? '–' : figure(ratio)
}

/** What is to be said of the runs: how they ended and what their copies lack. */
function stateOf(all: readonly Measured[]): string {
  const failures = all.flatMap((one) => (isWhole(one) ? [] : [`failed (${one.exit})`]))
  const differences = all.flatMap((one) => (one.differences === '' ? [] : [one.differences]))
  const states = new Set([...failures, ...differences])
  return states.size === 0 ? 'exact' : [...states].join('; ')
}

const verdictHead = ['goal', 'must', 'stretch', 'measured', 'verdict']

function verdictRow({ goal, value, verdict }: Verdict): readonly string[] {
  const { of, to, bound, must, stretch } = goal
  const what = to === undefined ? `peak memory of ${of}, MB` : `${of} / ${to}`
  const measured = Number.isNaN(value) ? '–' : figure(value)
  return [what, `${bound} ${must}`, stretch === undefined ? '' : `${stretch}`, measured, verdict]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(3, ...all.map((cells) => cells[at]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const seconds = (ms: number): string => (Number.isNaN(ms) ? '–' : (ms / 1000).toFixed(2))
const orDash = (value: number): string => (value > 0 && Number.isFinite(value) ? `${value}` : '–')
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

const csvHead = 'profile,round,row,messages,wall_s,cpu_s,peak_mb,exit,differences'

/** The raw numbers, one line a run. */
export function csvOf(results: readonly ProfileResult[]): string {
  const lines = results.flatMap(({ profile, rounds }) =>
    rounds.flatMap((round, at) => round.map((one) => [profile, at + 1, ...cellsOf(one)].join(','))),
  )
  return [csvHead, ...lines, ''].join('\n')
}

const cellsOf = ({ row, messages, wallMs, cpuMs, peakBytes, exit, differences }: Measured) => [
  ...[quoted(row), messages, (wallMs / 1000).toFixed(3), (cpuMs / 1000).toFixed(3), (peakBytes / 1e6).toFixed(1)],
  ...[quoted(exit), quoted(differences)],
]

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
