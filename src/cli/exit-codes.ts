import type { FaultCode, Side } from '../domain/fault.ts'
import type { RefusalCode } from '../domain/refusal.ts'

/** What a script can tell from the end of a verb. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  partial: 3,
  differences: 4,
  invalid: 5,
  notFound: 6,
  wrongState: 7,
  needsApproval: 8,
  sourceConnect: 20,
  sourceTls: 21,
  sourceSignIn: 22,
  targetConnect: 30,
  targetTls: 31,
  targetSignIn: 32,
  overQuota: 40,
  throttled: 41,
  dataFolderHeld: 50,
  databaseCorrupt: 51,
  diskFull: 52,
  apiUnreachable: 60,
  apiRefused: 61,
  interrupted: 130,
} as const

export type ExitName = keyof typeof exitCodes

/** One sentence a code, for the help. */
export const exitMeanings: Record<ExitName, string> = {
  done: 'done, nothing left over',
  unexpected: 'unexpected error',
  usage: 'wrong usage',
  partial: 'finished, some items skipped or failed',
  differences: 'verification found differences',
  invalid: 'configuration or CSV invalid',
  notFound: 'not found',
  wrongState: 'refused in this state',
  needsApproval: 'needs approval',
  sourceConnect: 'source: no connection',
  sourceTls: 'source: no trusted encryption',
  sourceSignIn: 'source: sign-in refused',
  targetConnect: 'target: no connection',
  targetTls: 'target: no trusted encryption',
  targetSignIn: 'target: sign-in refused',
  overQuota: 'quota or size at the target stopped the work',
  throttled: 'gave up on throttling',
  dataFolderHeld: 'another process holds the data folder',
  databaseCorrupt: 'database corrupt, too new or not writable',
  diskFull: 'disk full',
  apiUnreachable: 'the server of the data folder does not answer',
  apiRefused: 'the server of the data folder refused the token',
  interrupted: 'stopped by a signal before the end',
}

const refusalExits: Record<RefusalCode, ExitName> = {
  'not-found': 'notFound',
  'wrong-state': 'wrongState',
  invalid: 'invalid',
  conflict: 'wrongState',
  'needs-approval': 'needsApproval',
}

export const exitOfRefusal = (code: RefusalCode): ExitName => refusalExits[code]

const bySide = (source: ExitName, target: ExitName): Record<Side, ExitName> => ({ source, target })
const connect = bySide('sourceConnect', 'targetConnect')
const tls = bySide('sourceTls', 'targetTls')
const signIn = bySide('sourceSignIn', 'targetSignIn')
const both = (name: ExitName): Record<Side, ExitName> => bySide(name, name)

const faultExits: Partial<Record<FaultCode, Record<Side, ExitName>>> = {
  'connect.unreachable': connect,
  'connect.refused-by-policy': connect,
  'connect.dropped': connect,
  'connect.timeout': connect,
  'server.unavailable': connect,
  'tls.untrusted': tls,
  'tls.failed': tls,
  'tls.starttls-missing': tls,
  'sign-in.refused': signIn,
  'sign-in.unsupported': signIn,
  'append.over-quota': both('overQuota'),
  'append.too-large': both('overQuota'),
  'server.throttled': both('throttled'),
  'server.limit': both('throttled'),
  'store.failed': both('databaseCorrupt'),
  'store.full': both('diskFull'),
  cancelled: both('interrupted'),
}

/** The exit that a fault stands for when it stopped everything; null for one that has no code of its own. */
export const exitOfFault = (code: FaultCode | 'internal', side: Side | null): ExitName | null =>
  code === 'internal' ? null : (faultExits[code]?.[side ?? 'source'] ?? null)

/** What became of one mailbox: whether any of its mail was settled, what is left over, and why it ended early. */
export interface MailboxOutcome {
  readonly hasStarted: boolean
  readonly isWhole: boolean
  readonly exit: ExitName | null
}

/** 4 outranks all; a reason of its own only if it kept every mailbox from starting; else 3 or 0. */
export function exitOfRun(mailboxes: readonly MailboxOutcome[], differences: number): ExitName {
  if (differences > 0) return 'differences'
  if (mailboxes.every((mailbox) => mailbox.isWhole)) return 'done'
  const [first] = mailboxes
  const isShared = mailboxes.every((mailbox) => !mailbox.hasStarted && mailbox.exit === first?.exit)
  return (isShared && first?.exit) || 'partial'
}
