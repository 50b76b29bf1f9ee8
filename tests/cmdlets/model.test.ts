import { expect, test } from 'bun:test'
import { whyLeftOut } from '../../src/cmdlets/left-out.ts'
import { cmdlets, parametersOf } from '../../src/cmdlets/table.ts'

// What the published reference of Exchange lists for each cmdlet: a script for Exchange may use any of it.
const parameters: Readonly<Record<string, string>> = {
  'New-MigrationBatch': `Name CSVData SourceEndpoint TargetEndpoint TargetDeliveryDomain TargetDatabases
    TargetArchiveDatabases PrimaryOnly ArchiveOnly AutoStart AutoComplete StartAfter CompleteAfter TimeZone
    NotificationEmails ReportInterval SkipReports AllowIncrementalSyncs AllowUnknownColumnsInCsv AutoRetryCount
    BadItemLimit LargeItemLimit ExcludeFolders IncludeFolders ContentFilter ContentFilterLanguage SkipMail SkipCalendar
    SkipContacts SkipRules SkipDelegates MigrateTasks RenamePrimaryCalendar IncludeOtherContacts SkipProvisioning
    AutoProvisioning SkipSteps Users UserIds DisableOnCopy AdoptPreexisting RemoveOnCopy DisallowExistingUsers Analyze
    SkipDetails Daily WorkflowControlFlags Restore Locale DomainController Partition WhatIf Confirm`,
  'Set-MigrationBatch': `Identity AddUsers AllowIncrementalSyncs AllowUnknownColumnsInCsv ApproveSkippedItems
    AutoRetryCount BadItemLimit LargeItemLimit CompleteAfter StartAfter CSVData NotificationEmails ReportInterval
    SkipReports SyncNow Update MoveToQueueTop MoveToQueueBottom WhatIf Confirm`,
  'Get-MigrationBatch': 'Identity Endpoint Status IncludeReport ResultSize DiagnosticInfo Partition',
  'Start-MigrationBatch': 'Identity Validate WhatIf Confirm',
  'Stop-MigrationBatch': 'Identity WhatIf Confirm',
  'Complete-MigrationBatch': 'Identity NotificationEmails SyncAndComplete WhatIf Confirm',
  'Remove-MigrationBatch': 'Identity Force WhatIf Confirm',
  'Get-MigrationUser': 'Identity MailboxGuid EmailAddress BatchId Status StatusSummary ResultSize',
  'Remove-MigrationUser': 'Identity Force WhatIf Confirm',
  'Set-MigrationUser': `Identity ApproveSkippedItems CompleteAfter StartAfter SyncNow BadItemLimit LargeItemLimit WhatIf
    Confirm`,
  'Start-MigrationUser': 'Identity WhatIf Confirm',
  'Stop-MigrationUser': 'Identity WhatIf Confirm',
  'Get-MigrationUserStatistics': 'Identity IncludeReport IncludeSkippedItems LimitSkippedItemsTo SkipSubscription',
  'Export-MigrationReport': 'Identity StartingRowIndex RowCount CsvStream',
  'New-MigrationEndpoint': `Name IMAP ExchangeRemoteMove ExchangeOutlookAnywhere Gmail PSTImport RemoteServer Port
    Security Authentication Credentials EmailAddress Autodiscover ExchangeServer RpcProxyServer MailboxPermission
    MaxConcurrentMigrations MaxConcurrentIncrementalSyncs AcceptUntrustedCertificates ServiceAccountKeyFileData OAuthCode
    RedirectUri TestMailbox SkipVerification NspiServer WhatIf Confirm`,
  'Set-MigrationEndpoint': `Identity RemoteServer Port Security Authentication Credentials ExchangeServer RpcProxyServer
    MailboxPermission MaxConcurrentMigrations MaxConcurrentIncrementalSyncs AcceptUntrustedCertificates
    ServiceAccountKeyFileData TestMailbox SkipVerification NspiServer WhatIf Confirm`,
  'Get-MigrationEndpoint': 'Identity Type ConnectionSettings',
  'Remove-MigrationEndpoint': 'Identity WhatIf Confirm',
  'Test-MigrationServerAvailability': `Endpoint IMAP RemoteServer Port Security ExchangeOutlookAnywhere Autodiscover
    EmailAddress Credentials ExchangeServer RpcProxyServer Authentication MailboxPermission Gmail ExchangeRemoteMove
    PSTImport FilePath ServiceAccountKeyFileData AcceptUntrustedCertificates TestMailbox`,
  'Get-MigrationConfig': 'Partition',
  'Get-MigrationStatistics': 'DiagnosticInfo',
}

test('every cmdlet of the reference is there, and no other', () => {
  expect(cmdlets.map(({ name }) => name).sort()).toEqual(Object.keys(parameters).sort())
})

test.each(cmdlets.map((cmdlet) => [cmdlet.name, cmdlet] as const))(
  '%s takes each parameter of the reference, or says why not',
  (name, cmdlet) => {
    const taken = parametersOf(cmdlet).map((parameter) => parameter.name)
    const listed = (parameters[name] ?? '').split(/\s+/)
    const open = listed.filter((parameter) => !taken.includes(parameter) && whyLeftOut(name, parameter) === null)
    expect(open).toEqual([])
    expect(taken.filter((parameter) => !listed.includes(parameter))).toEqual([])
    expect(taken.filter((parameter) => whyLeftOut(name, parameter) !== null)).toEqual([])
  },
)
