import { expect, test } from 'bun:test'
import { powershellModule } from '../../src/cmdlets/module.ts'
import { cmdlets } from '../../src/cmdlets/table.ts'

const text = powershellModule()

/** The text of one function. */
const functionOf = (name: string): string => new RegExp(`^function ${name} \\{\n[^]*?^\\}`, 'm').exec(text)?.[0] ?? ''

test('the module has a function for each cmdlet, and exports it', () => {
  const exported = /^Export-ModuleMember -Function (.*)$/m.exec(text)?.[1]?.split(', ')
  expect(exported).toEqual(['Connect-Postferry', ...cmdlets.map(({ name }) => name)])
  for (const { name, parameters } of cmdlets) {
    const body = functionOf(name)
    expect(body).toContain(`-Cmdlet '${name}'`)
    for (const parameter of parameters) expect(body).toMatch(new RegExp(`\\]\\$${parameter.name}\\b`))
  }
})

test('what changes something can be asked what it would do, and what removes asks by itself', () => {
  expect(functionOf('Remove-MigrationBatch')).toContain("SupportsShouldProcess = $true, ConfirmImpact = 'High'")
  expect(functionOf('Remove-MigrationBatch')).toContain("ShouldProcess([string]$Identity, 'Remove-MigrationBatch')")
  expect(functionOf('Get-MigrationBatch')).not.toContain('ShouldProcess')
})

test('one function reads as it should', () => {
  expect(functionOf('Stop-MigrationUser')).toBe(`function Stop-MigrationUser {
    <#
    .SYNOPSIS
    Stop one user; it can be started again where it stood.
    .EXAMPLE
    Stop-MigrationUser -Identity alice@example.org
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true, HelpMessage = 'E-mail address or Guid of the user; the Guid where the address stands in two batches')] [string]$Identity
    )
    process {
        if ($PSCmdlet.ShouldProcess([string]$Identity, 'Stop-MigrationUser')) { Invoke-PostferryCmdlet -Cmdlet 'Stop-MigrationUser' -Answer '' -Given $PSBoundParameters }
    }
}`)
})

test('brackets and quotes of all kinds are closed', () => {
  const bare = text
    .replace(/<#[\s\S]*?#>/g, '')
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/^#.*$/gm, '')
  for (const [open, close] of ['{}', '()', '[]']) {
    const count = (sign: string | undefined): number => bare.split(sign ?? '').length
    expect([open, count(open)]).toEqual([open, count(close)])
  }
})
