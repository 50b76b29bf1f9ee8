import type { Cmdlet } from './cmdlet.ts'
import { batchFilters, batchIdentity, batchSettings, isForced, parameter, resultSize, theBatch } from './parameters.ts'

const named = parameter('Name', 'text', 'What the batch shall be called', { isRequired: true, isFirst: true })

export const batchCmdlets: readonly Cmdlet[] = [
  {
    name: 'New-MigrationBatch',
    sentence: 'Make a batch of mailboxes to migrate',
    parameters: [
      named,
      parameter('SourceEndpoint', 'text', 'Where the mailboxes are; without it the home endpoint'),
      parameter('TargetEndpoint', 'text', 'Where the mailboxes go; without it the home endpoint'),
      ...batchSettings,
      ...batchFilters,
      parameter('AutoStart', 'switch', 'Start it at once'),
      parameter('AutoComplete', 'switch', 'Complete each mailbox as soon as its initial sync is done'),
      parameter('SkipReports', 'switch', 'Send no reports'),
      parameter('TimeZone', 'text', 'Zone of the times that are given without an offset, such as Europe/Berlin'),
    ],
    effect: 'changes',
    answer: 'MigrationBatch',
    example: 'New-MigrationBatch -Name Sales -CSVData sales.csv -SourceEndpoint old -TargetEndpoint new -AutoStart',
  },
  {
    name: 'Set-MigrationBatch',
    sentence: 'Change a batch',
    parameters: [
      theBatch,
      parameter('AddUsers', 'switch', 'CSVData names further users; rows that are there already are passed over'),
      parameter('ApproveSkippedItems', 'switch', 'Approve all that was skipped up to now'),
      ...batchSettings,
      parameter('SkipReports', 'bool', 'Send no reports'),
      parameter('SyncNow', 'switch', 'Bring over now what is new'),
      parameter('MoveToQueueTop', 'switch', 'Its users go before those of all other batches'),
      parameter('MoveToQueueBottom', 'switch', 'Its users go after those of all other batches'),
    ],
    effect: 'changes',
    answer: null,
    example: 'Set-MigrationBatch Sales -CompleteAfter "2027-03-28 02:30" -NotificationEmails admin@example.org',
  },
  {
    name: 'Get-MigrationBatch',
    sentence: 'Show batches',
    parameters: [
      batchIdentity,
      parameter('Endpoint', 'text', 'Only batches of that endpoint'),
      parameter('Status', 'text', 'Only batches in that status'),
      parameter('IncludeReport', 'switch', 'With what became of every item'),
      resultSize,
    ],
    effect: 'reads',
    answer: 'MigrationBatch',
    example: 'Get-MigrationBatch -Identity Sales -IncludeReport',
  },
  {
    name: 'Start-MigrationBatch',
    sentence: 'Start or resume a batch, or try its failed users again',
    parameters: [theBatch],
    effect: 'changes',
    answer: null,
    example: 'Start-MigrationBatch -Identity Sales',
  },
  {
    name: 'Stop-MigrationBatch',
    sentence: 'Stop a batch; it can be started again where it stood',
    parameters: [theBatch],
    effect: 'changes',
    answer: null,
    example: 'Stop-MigrationBatch -Identity Sales',
  },
  {
    name: 'Complete-MigrationBatch',
    sentence: 'Make the final pass, verify, and end the migration',
    parameters: [
      theBatch,
      parameter('NotificationEmails', 'texts', 'Who is sent the report'),
      parameter('SyncAndComplete', 'switch', 'Only if nothing failed, was skipped or is stopped'),
    ],
    effect: 'changes',
    answer: null,
    example: 'Complete-MigrationBatch -Identity Sales',
  },
  {
    name: 'Remove-MigrationBatch',
    sentence: 'Remove a batch; what it copied stays known',
    parameters: [theBatch, isForced],
    effect: 'removes',
    answer: null,
    example: 'Remove-MigrationBatch -Identity Sales -Confirm:$false',
  },
]
