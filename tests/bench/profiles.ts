import type { LaneName } from './lanes/lanes.ts'
import type { MailPlan } from './mail.ts'
import type { PeerName } from './peers/peers.ts'

/** One mailbox to copy, between two servers of a kind. */
export interface Profile {
  readonly about: string
  readonly mail: MailPlan
  /** Tools that copy the same mailbox in turn with ours. */
  readonly peers: readonly PeerName[]
  /** Each tool makes a second pass, with nothing new. */
  readonly makesSecondPass?: boolean
  /** What is measured besides, of ours or of the servers alone. */
  readonly lanes?: readonly LaneName[]
  /** Both sides that far away; default on this machine. */
  readonly rttMs?: number
  readonly targetLacks?: 'MULTIAPPEND'
  /** The target's mail lies on a disk, and is written before it is confirmed. */
  readonly isOnDisk?: boolean
}

const small: MailPlan = { messages: 20_000, folders: 40, bytesMin: 4_000, bytesMax: 8_000 }
const few: MailPlan = { ...small, messages: 2_000 }

/** One folder of the smallest mail. */
export const oneFolder: MailPlan = { messages: 20_000, folders: 1, bytesMin: 800, bytesMax: 1_600 }
/** One of the mailboxes that together hold as much as the mailbox of the profile small. */
export const oneOfMany: MailPlan = { messages: 400, folders: 4, bytesMin: 4_000, bytesMax: 8_000 }

const everyPeer: readonly PeerName[] = ['mbsync', 'doveadm-imap', 'doveadm-local', 'offlineimap', 'imapsync']

export const profiles = {
  small: {
    about: '20,000 messages of 4 to 8 KB in 40 folders',
    mail: small,
    peers: everyPeer,
    makesSecondPass: true,
    lanes: ['kept'],
  },
  medium: {
    about: '2,000 messages of 60 to 90 KB in 8 folders',
    mail: { messages: 2_000, folders: 8, bytesMin: 60_000, bytesMax: 90_000 },
    peers: everyPeer,
  },
  large: {
    about: '60 messages of 15 to 30 MB in 4 folders',
    mail: { messages: 60, folders: 4, bytesMin: 15e6, bytesMax: 30e6 },
    peers: everyPeer,
  },
  delayed: {
    about: '2,000 messages of 4 to 8 KB in 40 folders, both servers 40 ms away',
    mail: few,
    peers: everyPeer,
    makesSecondPass: true,
    lanes: ['kept'],
    rttMs: 40,
  },
  half: {
    about: 'small, with every second message already at the target, put there by other means',
    mail: small,
    peers: [],
    lanes: ['half'],
  },
  nomulti: {
    about: 'small, with a target that does not offer MULTIAPPEND',
    mail: small,
    peers: ['mbsync'],
    targetLacks: 'MULTIAPPEND',
  },
  disk: {
    about: '2,000 messages of 4 to 8 KB in 40 folders, the target on a disk with fsync',
    mail: few,
    peers: ['mbsync', 'doveadm-local', 'imapsync'],
    isOnDisk: true,
  },
  many: {
    about: 'small, beside 50 mailboxes of 400 such messages in one batch, 20 at a time',
    mail: small,
    peers: [],
    lanes: ['many'],
  },
  huge: {
    about: 'one folder of 500,000 messages of about 1 KB, beside one of 20,000',
    mail: { ...oneFolder, messages: 500_000 },
    peers: [],
    makesSecondPass: true,
    lanes: ['oneFolder'],
  },
  limit: {
    about: 'small, beside the two servers alone: FETCH to nowhere and APPEND from memory on two connections',
    mail: small,
    peers: [],
    lanes: ['limit'],
  },
} satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
