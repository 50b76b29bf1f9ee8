import type { Cmdlet, ObjectName, Parameter, ParameterType } from './cmdlet.ts'
import { cmdlets } from './table.ts'
import { defaultView } from './views.ts'

const types: Record<ParameterType, string> = {
  text: 'string',
  texts: 'string[]',
  switch: 'switch',
  bool: 'bool',
  count: 'int',
  limit: 'string',
  time: 'object',
  span: 'timespan',
  file: 'byte[]',
  credential: 'pscredential',
}

const impacts: Record<Cmdlet['effect'], string> = {
  reads: '',
  changes: "SupportsShouldProcess = $true, ConfirmImpact = 'Medium'",
  removes: "SupportsShouldProcess = $true, ConfirmImpact = 'High'",
}

/** A PowerShell module with all cmdlets: each sends what was given to the server, which does the work. */
export const powershellModule = (): string =>
  [preamble, ...cmdlets.map(functionOf), ...Object.entries(defaultView).map(viewOf), exported()].join('\n')

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

function functionOf(cmdlet: Cmdlet): string {
  const { name, sentence, example, effect, answer } = cmdlet
  const send = `Invoke-PostferryCmdlet -Cmdlet '${name}' -Answer '${answer ?? ''}' -Given $PSBoundParameters`
  const first = cmdlet.parameters.find(({ isFirst }) => isFirst)
  const target = first ? `[string]$${first.name}` : `'${name}'`
  const body = effect === 'reads' ? send : `if ($PSCmdlet.ShouldProcess(${target}, '${name}')) { ${send} }`
  return `function ${name} {
    <#
    .SYNOPSIS
    ${sentence}.
    .EXAMPLE
    ${example}
    #>
    [CmdletBinding(${impacts[effect]})]
    param(
${cmdlet.parameters.map(parameterOf).join(',\n')}
    )
    process {
        ${body}
    }
}
`
}

function parameterOf({ name, type, isRequired, isFirst, choices, sentence }: Parameter): string {
  const traits = [
    ...(isRequired ? ['Mandatory = $true'] : []),
    ...(isFirst ? ['Position = 0', 'ValueFromPipelineByPropertyName = $true'] : []),
    `HelpMessage = ${quoted(sentence)}`,
  ]
  const set = choices ? ` [ValidateSet(${choices.map(quoted).join(', ')})]` : ''
  return `        [Parameter(${traits.join(', ')})]${set} [${types[type]}]$${name}`
}

const viewOf = ([name, properties]: [string, readonly string[]]): string =>
  `Update-TypeData -Force -TypeName 'Postferry.${name as ObjectName}' -DefaultDisplayPropertySet ${properties.map(quoted).join(', ')}`

const exported = (): string =>
  `Export-ModuleMember -Function Connect-Postferry, ${cmdlets.map(({ name }) => name).join(', ')}\n`

const preamble = `# Cmdlets of Exchange for a Postferry server. Made by: postferry powershell-module
# Import-Module ./Postferry.psm1; Connect-Postferry -Data /var/lib/postferry; Get-MigrationBatch
Set-StrictMode -Version 3.0

$script:Postferry = $null

function Connect-Postferry {
    <#
    .SYNOPSIS
    Name the server: by its data folder on this machine, or by its address and a token.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Folder')]
    param(
        [Parameter(ParameterSetName = 'Folder')] [string]$Data = $env:POSTFERRY_DATA,
        [Parameter(ParameterSetName = 'Address', Mandatory = $true)] [uri]$Address,
        [Parameter(ParameterSetName = 'Address', Mandatory = $true)] [securestring]$Token
    )
    if ($PSCmdlet.ParameterSetName -eq 'Folder') {
        if (-not $Data) { throw 'Name the data folder: Connect-Postferry -Data FOLDER' }
        $info = Get-Content -Raw -LiteralPath (Join-Path $Data 'server.json') | ConvertFrom-Json
        $Address = [uri]$info.address
        $text = (Get-Content -Raw -LiteralPath (Join-Path $Data 'cli.token')).Trim()
    }
    else {
        $text = [System.Net.NetworkCredential]::new('', $Token).Password
    }
    $script:Postferry = @{ Address = $Address; Token = $text }
}

function ConvertTo-PostferryValue {
    param($Value)
    if ($Value -is [switch] -or $Value -is [bool]) { return [bool]$Value }
    if ($Value -is [datetime]) {
        if ($Value.Kind -eq [System.DateTimeKind]::Utc) { return $Value.ToString('yyyy-MM-ddTHH:mm:ssZ') }
        return $Value.ToString('yyyy-MM-ddTHH:mm:ss')
    }
    if ($Value -is [timespan]) { return $Value.ToString('c') }
    if ($Value -is [byte[]]) { return [System.Convert]::ToBase64String($Value) }
    if ($Value -is [pscredential]) {
        return @{ userName = $Value.UserName; password = $Value.GetNetworkCredential().Password }
    }
    if ($Value -is [array]) { return , @($Value | ForEach-Object { [string]$_ }) }
    if ($Value -is [int]) { return $Value }
    return [string]$Value
}

function Invoke-PostferryCmdlet {
    param([string]$Cmdlet, [string]$Answer, $Given)
    if (-not $script:Postferry) { Connect-Postferry }
    $own = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
    $parameters = @{}
    foreach ($name in $Given.Keys) {
        if ($own -notcontains $name) { $parameters[$name] = ConvertTo-PostferryValue $Given[$name] }
    }
    $request = @{
        Method      = 'Post'
        Uri         = [uri]::new($script:Postferry.Address, "/api/v1/cmdlets/$Cmdlet")
        Headers     = @{ Authorization = "Bearer $($script:Postferry.Token)" }
        ContentType = 'application/json; charset=utf-8'
        Body        = [System.Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -Depth 5 -Compress @{ parameters = $parameters }))
    }
    try { $reply = Invoke-RestMethod @request }
    catch {
        $problem = try { $_.ErrorDetails.Message | ConvertFrom-Json } catch { $null }
        if ($null -eq $problem) { throw }
        $lines = @($problem.detail) + @($problem.problems | ForEach-Object { "line $($_.line), $($_.column): $($_.message)" })
        Write-Error -Message ($lines -join [System.Environment]::NewLine) -ErrorId $problem.code
        return
    }
    if (-not $Answer) { return }
    foreach ($object in $reply.objects) {
        $object.PSObject.TypeNames.Insert(0, "Postferry.$Answer")
        $object
    }
}
`
