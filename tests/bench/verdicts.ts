import { type Goal, goals } from './goals.ts'
import type { Measured } from './lanes/lane.ts'
import type { ProfileName } from './profiles.ts'
import { median } from './statistics.ts'

/** By round, what was measured in it. */
export type Rounds = readonly (readonly Measured[])[]

export interface Verdict {
  readonly goal: Goal
  /** NaN where a row of it was not run, or failed, in every round. */
  readonly value: number
  readonly verdict: 'stretch' | 'must' | 'missed' | 'not run'
}

export function verdictsOf(profile: ProfileName, rounds: Rounds): readonly Verdict[] {
  return goals[profile].map((goal) => {
    const value = goal.to === undefined ? peakOf(goal.of, rounds) : ratioOf(goal.of, goal.to, rounds)
    return { goal, value, verdict: judge(goal, value) }
  })
}

/** Median over the rounds of how many times longer a message takes in the one row than in the other of the same round. */
export function ratioOf(of: string, to: string, rounds: Rounds): number {
  const ratios = rounds.flatMap((round) => {
    const [upper, lower] = [of, to].map((row) => round.find((one) => one.row === row && isWhole(one)))
    return upper && lower ? [msOfMessage(upper) / msOfMessage(lower)] : []
  })
  return median(ratios)
}

/** A run that broke off took a time that says nothing. */
export const isWhole = ({ exit }: Measured): boolean => exit === '0'

const msOfMessage = ({ wallMs, messages }: Measured): number => wallMs / messages

/** The highest of all rounds, in MB. */
function peakOf(row: string, rounds: Rounds): number {
  const peaks = rounds.flat().flatMap((one) => (one.row === row ? [one.peakBytes / 1e6] : []))
  return peaks.length > 0 ? Math.max(...peaks) : Number.NaN
}

function judge({ bound, must, stretch }: Goal, value: number): Verdict['verdict'] {
  const holds = (limit: number) => (bound === 'at least' ? value >= limit : value <= limit)
  if (Number.isNaN(value)) return 'not run'
  if (stretch !== undefined && holds(stretch)) return 'stretch'
  return holds(must) ? 'must' : 'missed'
}
