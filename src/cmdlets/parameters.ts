import type { Parameter, ParameterType } from './cmdlet.ts'

type Details = Pick<Parameter, 'isRequired' | 'isFirst' | 'choices'>

export const parameter = (name: string, type: ParameterType, sentence: string, details: Details = {}): Parameter => ({
  name,
  type,
  sentence,
  ...details,
})

const identity = (of: string): Parameter => parameter('Identity', 'text', of, { isFirst: true })
const needed = (given: Parameter): Parameter => ({ ...given, isRequired: true })

export const batchIdentity = identity('Name or BatchGuid of the batch')
export const theBatch = needed(batchIdentity)
export const endpointIdentity = identity('Name or Guid of the endpoint')
export const theEndpoint = needed(endpointIdentity)
export const userIdentity = identity(
  'E-mail address or Guid of the user; the Guid where the address stands in two batches',
)
export const theUser = needed(userIdentity)

export const resultSize = parameter('ResultSize', 'limit', 'How many objects at most, default 1000')
export const isForced = parameter('Force', 'switch', 'Without asking, and though its record cannot be read')

/** What New-MigrationBatch and Set-MigrationBatch have in common. */
export const batchSettings: readonly Parameter[] = [
  parameter(
    'AllowIncrementalSyncs',
    'bool',
    'What is new is brought over again and again; else the batch stops after its initial sync',
  ),
  parameter('AllowUnknownColumnsInCsv', 'bool', 'Columns that have no meaning are passed over; else they are refused'),
  parameter(
    'BadItemLimit',
    'limit',
    'Messages that may be left behind for each user; without it the data consistency score decides',
  ),
  parameter('LargeItemLimit', 'limit', 'The same for messages that are too large for the target'),
  parameter('CompleteAfter', 'time', 'The final pass begins then at the earliest'),
  parameter('StartAfter', 'time', 'Mail begins to move then at the earliest'),
  parameter('NotificationEmails', 'texts', 'Who is sent reports'),
  parameter('ReportInterval', 'span', 'Gap between two mailed reports, default 1.00:00:00; 0 for the last one only'),
  parameter('CSVData', 'file', 'The mailboxes, as a CSV file'),
]

/** Which mail moves. */
export const batchFilters: readonly Parameter[] = [
  parameter('ExcludeFolders', 'texts', 'Folders that stay, such as Spam, Lists/* or #DeletedItems#/*'),
  parameter('IncludeFolders', 'texts', 'The only folders that move'),
  parameter('ContentFilter', 'text', "Which mail moves by when it was received: Received -ge '2020-01-01'"),
]

export const endpointSettings: readonly Parameter[] = [
  parameter('RemoteServer', 'text', 'Host name of the server'),
  parameter('Port', 'count', 'Port of the server, default 993 for Ssl and 143 otherwise'),
  parameter('Security', 'text', 'How the connection is encrypted; Tls is STARTTLS', {
    choices: ['None', 'Ssl', 'Tls'],
  }),
  parameter('Authentication', 'text', 'How users sign in', { choices: ['Basic', 'NTLM'] }),
  parameter('Credentials', 'credential', 'An administrator who signs in for the users'),
  parameter('MailboxPermission', 'text', 'What that administrator may do', { choices: ['Admin', 'FullAccess'] }),
  parameter('MaxConcurrentMigrations', 'count', 'Mailboxes in their initial sync at a time, default 20'),
  parameter('MaxConcurrentIncrementalSyncs', 'count', 'Mailboxes in a further sync at a time, default 10'),
  parameter('TestMailbox', 'text', 'A mailbox to sign in to, to prove the connection'),
  parameter('SkipVerification', 'switch', 'Do not try to reach the server'),
]
