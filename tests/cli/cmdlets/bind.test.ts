import { expect, test } from 'bun:test'
import { bind } from '../../../src/cli/cmdlets/bind.ts'
import { findCmdlet } from '../../../src/cmdlets/table.ts'

function bound(line: string) {
  const [name = '', ...argv] = line.match(/'[^']*'|\S+/g)?.map((word) => word.replace(/^'(.*)'$/s, '$1')) ?? []
  const cmdlet = findCmdlet(name)
  if (!cmdlet) throw new Error(`There is no cmdlet ${name}`)
  return Object.fromEntries([...bind(cmdlet, argv)].map(([parameter, value]) => [parameter.name, value]))
}

test.each([
  ['Get-MigrationBatch', {}],
  ['get-migrationbatch SALES', { Identity: 'SALES' }],
  ['Get-MigrationBatch -Identity:Sales', { Identity: 'Sales' }],
  ['Get-MigrationBatch -id Sales -inc', { Identity: 'Sales', IncludeReport: true }],
  ['Start-MigrationBatch Sales -WhatIf', { Identity: 'Sales', WhatIf: true }],
  ['Remove-MigrationBatch Sales -Confirm:$false', { Identity: 'Sales', Confirm: false }],
  ['Set-MigrationBatch Sales -AllowIncrementalSyncs $false', { Identity: 'Sales', AllowIncrementalSyncs: false }],
  [
    'Set-MigrationBatch Sales -NotificationEmails a@example.org, b@example.org -SyncNow',
    { Identity: 'Sales', NotificationEmails: 'a@example.org,b@example.org', SyncNow: true },
  ],
  ['New-MigrationEndpoint -IMAP -Name old -security SSL', { IMAP: true, Name: 'old', Security: 'Ssl' }],
  [
    "New-MigrationBatch -Name 'North and South' -CSVData - -AutoS",
    { Name: 'North and South', CSVData: '-', AutoStart: true },
  ],
])('%s is understood', (line, values) => expect(bound(line)).toEqual(values))

test.each([
  ['Start-MigrationBatch', 'Start-MigrationBatch needs -Identity'],
  ['Get-MigrationBatch Sales Staff', 'cannot take "Staff"'],
  ['Get-MigrationBatch -Identity', '-Identity needs a value'],
  ['Get-MigrationBatch -Identity a -Identity b', '-Identity is given twice'],
  ['Get-MigrationBatch -Wrong x', 'has no parameter -Wrong'],
  ['New-MigrationBatch -Name a -Auto', '-Auto may mean -AutoStart, -AutoComplete'],
  ['New-MigrationBatch -Name a -Analyze', 'does not take -Analyze here. Use the dry run'],
  ['Get-MigrationUser -StatusSummary Bad', '-StatusSummary takes Active, Failed'],
  ['Set-MigrationBatch a -SyncNow:maybe', '-SyncNow takes $true or $false'],
  ['Get-MigrationBatch -WhatIf', 'has no parameter -WhatIf'],
])('%s is refused', (line, why) => expect(() => bound(line)).toThrow(why))
