import type { BodyPart } from '../../support/imap-client.ts'
import type { Command } from '../measure.ts'
import type { Stage } from '../stage.ts'

/** One tool that copies a mailbox, in its best configuration. */
export interface Peer {
  /** What of its configuration a reader has to know. */
  readonly about: string
  /** Why it cannot run here, or null. */
  readonly absence: () => string | null
  /** Writes what the tool needs into the folder of the task, where it keeps its state between passes too. */
  readonly prepare: (task: Task) => Promise<Command>
  /** It may fail and go on from there when run again; the times are added. Default 1. */
  readonly triesMax?: number
  /** What of its copies is compared with the original, where it adds something of its own. */
  readonly partOf?: BodyPart
}

/** One mailbox to be copied once or several times. */
export interface Task {
  readonly stage: Stage
  readonly sourceUser: string
  readonly targetUser: string
  readonly folder: string
}

/** Of every user at both servers. */
export const password = 'pass'
