import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { run } from '../../../src/cli/run.ts'
import { type ApiShell, apiShell } from '../api-shell.ts'
import { recordedShell } from '../recorded-shell.ts'

setDefaultTimeout(30_000)

const csv = 'EmailAddress,UserName,Password,TargetPassword\nann@new.example,ann,s,t\nbob@new.example,bob,s,t\n'

/** Two endpoints and a batch, made by cmdlets. */
async function world(): Promise<ApiShell> {
  const at = await apiShell()
  for (const name of ['old', 'new'])
    await cmdlet(at, `New-MigrationEndpoint -IMAP -Name ${name} -RemoteServer ${name}.example -Port 993 -Security Ssl`)
  await cmdlet(at, 'New-MigrationBatch -Name Sales -CSVData users.csv -SourceEndpoint old -TargetEndpoint new')
  return at
}

async function cmdlet(at: ApiShell, line: string): Promise<unknown> {
  const { code, out, err } = await at.call([...line.split(' '), '-o', 'json'], { 'users.csv': csv })
  if (code !== 0) throw new Error(`Exit ${code}: ${err}`)
  return out === '' ? null : JSON.parse(out)
}

describe('a script for Exchange', () => {
  test('makes endpoints and a batch, starts it, and reads its properties by their names', async () => {
    await using at = await world()
    expect(await cmdlet(at, 'Get-MigrationBatch -Identity Sales')).toMatchObject({
      Identity: 'Sales',
      Status: 'Created',
      MigrationType: 'IMAP',
      TotalCount: 2,
      SourceEndpoint: 'old',
      TargetEndpoint: 'new',
      SupportedActions: ['Start', 'Remove'],
    })
    await cmdlet(at, 'set-migrationbatch sales -NotificationEmails admin@example.org -ReportInterval 12:00:00')
    await cmdlet(at, 'Start-MigrationBatch Sales')
    const [batch] = (await cmdlet(at, 'Get-MigrationBatch -Status Syncing')) as Record<string, unknown>[]
    expect(batch).toMatchObject({
      ActiveCount: 2,
      NotificationEmails: ['admin@example.org'],
      ReportInterval: '12:00:00',
    })
    expect(await cmdlet(at, `Get-MigrationBatch -Identity ${batch?.BatchGuid}`)).toMatchObject({ Identity: 'Sales' })
    const users = (await cmdlet(at, 'Get-MigrationUser -BatchId Sales')) as Record<string, unknown>[]
    expect(users.map(({ Identity, Status, StatusSummary }) => [Identity, Status, StatusSummary])).toEqual([
      ['ann@new.example', 'Queued', 'Active'],
      ['bob@new.example', 'Queued', 'Active'],
    ])
    await cmdlet(at, 'Stop-MigrationUser ann@new.example')
    expect(await cmdlet(at, 'Get-MigrationUserStatistics ann@new.example -IncludeSkippedItems')).toMatchObject({
      Status: 'Stopped',
      SkippedItems: [],
      PercentageComplete: null,
    })
    expect(await cmdlet(at, 'Get-MigrationStatistics')).toMatchObject({
      TotalCount: 2,
      ActiveCount: 1,
      StoppedCount: 1,
    })
    expect(await cmdlet(at, 'Get-MigrationConfig')).toMatchObject({ MaxNumberOfBatches: 100, CanSubmitNewBatch: true })
    expect(await cmdlet(at, 'Export-MigrationReport Sales -RowCount 1')).toMatchObject([
      { EmailAddress: 'ann@new.example' },
    ])
  })

  test('changes an endpoint, tests it, and cannot remove it while it is used', async () => {
    await using at = await world()
    await cmdlet(at, 'Set-MigrationEndpoint old -MaxConcurrentMigrations 50')
    expect(await cmdlet(at, 'Get-MigrationEndpoint -Identity OLD')).toMatchObject({ MaxConcurrentMigrations: 50 })
    expect(await cmdlet(at, 'Test-MigrationServerAvailability -Endpoint old')).toMatchObject({ Result: 'Success' })
    const refused = await at.call(['Remove-MigrationEndpoint', 'old', '-Confirm:$false'])
    expect([refused.code, refused.err]).toEqual([7, expect.stringContaining('while these batches use it: "Sales"')])
  })

  test('finds nothing, rather than everything, under a name that nobody has', async () => {
    await using at = await world()
    for (const line of [
      'Get-MigrationBatch Nobody',
      'Get-MigrationUser nobody@example.org',
      'Get-MigrationEndpoint x',
    ]) {
      const { code, err } = await at.call(line.split(' '))
      expect([code, err]).toEqual([6, expect.stringContaining('Cannot find')])
    }
  })

  test('is told what would be done, and nothing is', async () => {
    await using at = await world()
    const { code, out } = await at.call(['Remove-MigrationBatch', 'Sales', '-WhatIf'])
    expect([code, out]).toEqual([0, 'What if: Performing the operation "Remove-MigrationBatch" on target "Sales".\n'])
    expect(await cmdlet(at, 'Get-MigrationBatch Sales')).toMatchObject({ Identity: 'Sales' })
  })

  test('removes only after a yes, or where it says that nobody need be asked', async () => {
    await using at = await world()
    expect(await at.call(['Remove-MigrationBatch', 'Sales'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('-Confirm:$false'),
    })
    const env = { POSTFERRY_DATA: at.folder }
    const no = recordedShell({ env, isTerminal: true, lines: ['n'] })
    expect([await run(['Remove-MigrationBatch', 'Sales'], no), no.err()]).toEqual([
      2,
      expect.stringContaining('[Y] Yes'),
    ])
    const yes = recordedShell({ env, isTerminal: true, lines: [''] })
    expect(await run(['Remove-MigrationBatch', 'Sales'], yes)).toBe(0)
    expect(await cmdlet(at, 'Get-MigrationBatch Sales')).toMatchObject({ Status: 'Removing' })
  })

  test('cannot give a password on the command line, and is told of cmdlets that there are not', async () => {
    await using at = await world()
    expect(await at.call(['New-MigrationEndpoint', '-Name', 'x', '-IMAP', '-Password', 'hunter2'])).toMatchObject({
      code: 2,
      err: expect.not.stringContaining('hunter2'),
    })
    expect(await at.call(['Get-MigrationThing'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Get-MigrationBatch'),
    })
    const help = await at.call(['get-migrationuser', '--help'])
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('-StatusSummary')])
  })
})
