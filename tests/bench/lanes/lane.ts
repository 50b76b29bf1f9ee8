import type { Usage } from '../measure.ts'
import type { Stage } from '../stage.ts'

/** What one run of something came to. */
export interface Measured extends Usage {
  /** Who did what, such as `mbsync again`; rows of one name are repetitions of each other. */
  readonly row: string
  /** Messages in the mailboxes concerned, whether or not anything happened to them. */
  readonly messages: number
  /** What a look from outside found; empty where all is as it should be. */
  readonly differences: string
}

/** Where a lane runs, and the round, from 1. */
export interface Lap {
  readonly stage: Stage
  readonly round: number
  readonly passMsMax: number
  readonly tell: (text: string) => void
}

/** Runs once per round, by itself, and leaves the stage as it was. */
export type Lane = (lap: Lap) => Promise<readonly Measured[]>
