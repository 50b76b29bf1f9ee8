/** Parameters of Exchange that the cmdlets here do not have, and why not: what the docs and the refusal say. */
type Reasons = Readonly<Record<string, string>>

const cloud = 'Means something inside Microsoft 365 only'
const directory = 'Means something inside an Exchange organization with its directory only'
const calendars = 'Only mail is moved yet'
const exchangeOnly = 'Belongs to a type of migration whose connector is not there yet'
const internal = 'Is for the product support of Microsoft'

const everywhere: Reasons = {
  DomainController: directory,
  Partition: cloud,
  DiagnosticInfo: internal,
  Diagnostic: internal,
  DiagnosticArgument: internal,
}

const byCmdlet: Readonly<Record<string, Reasons>> = {
  'New-MigrationBatch': {
    TargetDeliveryDomain: exchangeOnly,
    TargetDatabases: exchangeOnly,
    TargetArchiveDatabases: exchangeOnly,
    PrimaryOnly: exchangeOnly,
    ArchiveOnly: exchangeOnly,
    AutoRetryCount: 'A failure that may pass is retried by itself until it is given up',
    ContentFilterLanguage: 'Dates are written as 2020-01-31 in every language',
    SkipMail: calendars,
    SkipCalendar: calendars,
    SkipContacts: calendars,
    SkipRules: calendars,
    SkipDelegates: calendars,
    MigrateTasks: calendars,
    RenamePrimaryCalendar: calendars,
    IncludeOtherContacts: calendars,
    SkipProvisioning: 'The target mailbox has to exist: none is made',
    AutoProvisioning: 'The target mailbox has to exist: none is made',
    SkipSteps: exchangeOnly,
    Users: 'Export the users with Get-MigrationUser and make a CSV file of them',
    UserIds: 'Export the users with Get-MigrationUser and make a CSV file of them',
    DisableOnCopy: 'Users are not moved between batches; stop or remove them there',
    AdoptPreexisting: 'What an earlier batch copied is known to every later one',
    RemoveOnCopy: 'Users are not moved between batches; stop or remove them there',
    DisallowExistingUsers: 'One mailbox is never written to by two batches at a time',
    Analyze: 'Use the dry run: postferry batch plan',
    SkipDetails: 'Use the dry run: postferry batch plan',
    Daily: 'Use the dry run: postferry batch plan',
    WorkflowControlFlags: internal,
    Restore: cloud,
    Locale: 'Reports are in English',
  },
  'Set-MigrationBatch': {
    AutoRetryCount: 'A failure that may pass is retried by itself until it is given up',
    Update: 'Settings take effect with the next pass by themselves',
  },
  'Start-MigrationBatch': { Validate: 'Use the trial sign-in: postferry batch check-sign-ins' },
  'New-MigrationEndpoint': {
    PSTImport: 'PST files are not read',
    EmailAddress: exchangeOnly,
    Autodiscover: exchangeOnly,
    ExchangeServer: exchangeOnly,
    RpcProxyServer: exchangeOnly,
    NspiServer: exchangeOnly,
    ServiceAccountKeyFileData: exchangeOnly,
    OAuthCode: exchangeOnly,
    RedirectUri: exchangeOnly,
  },
  'Set-MigrationEndpoint': {
    ExchangeServer: exchangeOnly,
    RpcProxyServer: exchangeOnly,
    NspiServer: exchangeOnly,
    ServiceAccountKeyFileData: exchangeOnly,
  },
  'Get-MigrationEndpoint': { ConnectionSettings: 'All settings are always shown' },
  'Test-MigrationServerAvailability': {
    Autodiscover: exchangeOnly,
    EmailAddress: exchangeOnly,
    ExchangeServer: exchangeOnly,
    RpcProxyServer: exchangeOnly,
    PSTImport: 'PST files are not read',
    FilePath: 'PST files are not read',
    ServiceAccountKeyFileData: exchangeOnly,
  },
  'Export-MigrationReport': { CsvStream: 'Redirect the output with -o csv to a file' },
}

/** Why a cmdlet does not take a parameter that it has in Exchange; null where Exchange has none of that name either. */
export function whyLeftOut(cmdlet: string, parameter: string): string | null {
  const reasons = { ...everywhere, ...byCmdlet[cmdlet] }
  const name = Object.keys(reasons).find((known) => known.toLowerCase() === parameter.toLowerCase())
  return name === undefined ? null : (reasons[name] ?? null)
}
