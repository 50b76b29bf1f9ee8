import type { ProfileName } from './profiles.ts'

/** What has to hold, and what it should come to. */
export interface Goal {
  readonly of: string
  /** Time a message of `of` divided by that of `to`, in the same round. Without it the goal is for the peak memory of `of`, in MB. */
  readonly to?: string
  readonly bound: 'at least' | 'at most'
  readonly must: number
  readonly stretch?: number
}

const memory: Goal = { of: 'ours copy', bound: 'at most', must: 150, stretch: 100 }

/** How many times longer than ours a peer takes. */
const peer = (of: string, must: number, stretch?: number, to = 'ours copy'): Goal => ({
  ...{ of, to, bound: 'at least', must, stretch },
})

const most = (of: string, to: string, must: number, stretch?: number): Goal => ({
  ...{ of, to, bound: 'at most', must, stretch },
})

export const goals: Readonly<Record<ProfileName, readonly Goal[]>> = {
  small: [
    peer('mbsync copy', 4, 5.5),
    peer('doveadm-imap copy', 5, 8),
    peer('doveadm-local copy', 1.2, 1.6),
    peer('imapsync copy', 20, 30),
    peer('mbsync again', 0.6, 1, 'ours again'),
    peer('mbsync again', 4, 10, 'ours kept'),
    memory,
  ],
  medium: [
    peer('mbsync copy', 1.5, 2),
    peer('doveadm-imap copy', 3.5, 5),
    peer('doveadm-local copy', 1, 1.5),
    peer('imapsync copy', 8, 12),
    memory,
  ],
  large: [
    peer('mbsync copy', 1.5, 2),
    peer('doveadm-imap copy', 4, 6),
    peer('doveadm-local copy', 1.2, 1.6),
    peer('imapsync copy', 6, 9),
    memory,
  ],
  delayed: [
    peer('mbsync copy', 6, 12),
    peer('doveadm-imap copy', 100, 150),
    peer('doveadm-local copy', 6, 10),
    peer('imapsync copy', 150, 250),
    peer('mbsync again', 5, 15, 'ours again'),
    peer('mbsync again', 15, 40, 'ours kept'),
  ],
  half: [most('ours half-filled copy', 'ours copy', 0.6)],
  nomulti: [peer('mbsync copy', 1.5, 2)],
  disk: [peer('mbsync copy', 2.5), peer('imapsync copy', 4)],
  many: [
    { ...peer('ours copy', 0.75, 0.85, 'ours 50 mailboxes') },
    { of: 'ours 50 mailboxes', bound: 'at most', must: 300 },
  ],
  huge: [most('ours copy', 'ours 20,000 copy', 1.2), most('ours again', 'ours 20,000 again', 1.2), memory],
  limit: [most('ours copy', 'servers limit', 1.6, 1.3)],
}
