import type { Cmdlet } from './cmdlet.ts'
import { isForced, parameter, resultSize, theUser, userIdentity } from './parameters.ts'

export const userCmdlets: readonly Cmdlet[] = [
  {
    name: 'Get-MigrationUser',
    sentence: 'Show users of batches',
    parameters: [
      userIdentity,
      parameter('EmailAddress', 'text', 'Address of the mailbox at the target'),
      parameter('MailboxGuid', 'text', 'Guid of the user'),
      parameter('BatchId', 'text', 'Only users of that batch'),
      parameter('Status', 'text', 'Only users in that status, such as Failed'),
      parameter('StatusSummary', 'text', 'Only users of that kind', {
        choices: ['Active', 'Failed', 'Synced', 'Completed', 'Stopped'],
      }),
      resultSize,
    ],
    effect: 'reads',
    answer: 'MigrationUser',
    example: 'Get-MigrationUser -BatchId Sales -StatusSummary Failed',
  },
  {
    name: 'Set-MigrationUser',
    sentence: 'Change the settings of one user; they beat those of the batch',
    parameters: [
      theUser,
      parameter('ApproveSkippedItems', 'switch', 'Approve all that was skipped up to now'),
      parameter('BadItemLimit', 'limit', 'Messages that may be left behind'),
      parameter('LargeItemLimit', 'limit', 'Messages that may be left behind because they are too large'),
      parameter('CompleteAfter', 'time', 'The final pass begins then at the earliest'),
      parameter('StartAfter', 'time', 'Mail begins to move then at the earliest'),
      parameter('SyncNow', 'switch', 'Bring over now what is new'),
    ],
    effect: 'changes',
    answer: null,
    example: 'Set-MigrationUser alice@example.org -CompleteAfter "2027-01-01 20:00"',
  },
  {
    name: 'Start-MigrationUser',
    sentence: 'Start, resume or retry one user',
    parameters: [theUser],
    effect: 'changes',
    answer: null,
    example: 'Start-MigrationUser -Identity alice@example.org',
  },
  {
    name: 'Stop-MigrationUser',
    sentence: 'Stop one user; it can be started again where it stood',
    parameters: [theUser],
    effect: 'changes',
    answer: null,
    example: 'Stop-MigrationUser -Identity alice@example.org',
  },
  {
    name: 'Remove-MigrationUser',
    sentence: 'Remove one user from its batch; what was copied stays known',
    parameters: [theUser, isForced],
    effect: 'removes',
    answer: null,
    example: 'Remove-MigrationUser alice@example.org -Confirm:$false',
  },
  {
    name: 'Get-MigrationUserStatistics',
    sentence: 'Show how far one user is, how fast, and what was skipped',
    parameters: [
      theUser,
      parameter('IncludeReport', 'switch', 'With the folders'),
      parameter('IncludeSkippedItems', 'switch', 'With what was skipped'),
      parameter('LimitSkippedItemsTo', 'count', 'At most so many skipped items'),
      parameter('SkipSubscription', 'switch', 'As stored, without what a running pass tells'),
    ],
    effect: 'reads',
    answer: 'MigrationUserStatistics',
    example: 'Get-MigrationUserStatistics alice@example.org -IncludeSkippedItems',
  },
]
