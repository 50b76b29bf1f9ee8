import type { Cmdlet, CmdletObject, Given, ObjectName } from '../../cmdlets/cmdlet.ts'
import { cmdlets, findCmdlet } from '../../cmdlets/table.ts'
import { defaultView } from '../../cmdlets/views.ts'
import { readSetting, settings } from '../../config.ts'
import { connect, segment } from '../client.ts'
import type { ExitName } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { createOutput, isRow, type Output } from '../output.ts'
import type { Shell } from '../shell.ts'
import { type Bound, bind } from './bind.ts'
import { cmdletHelp } from './help.ts'
import { ownOptions } from './own-options.ts'
import { travelling } from './values.ts'

/** Runs one cmdlet at the server of the data folder. Throws what `explain` can tell. */
export async function runCmdlet(name: string, argv: readonly string[], shell: Shell): Promise<ExitName> {
  const cmdlet = findCmdlet(name) ?? unknown(name)
  const { own, rest } = ownOptions(argv)
  const output = createOutput(shell, readSetting(settings.output, own.output ?? null, shell))
  if (own.help) {
    shell.stdout.write(cmdletHelp(cmdlet))
    return 'done'
  }
  const bound = bind(cmdlet, rest)
  const subject = subjectOf(cmdlet, bound)
  if (isOn(bound, 'WhatIf')) {
    output.line(`What if: Performing the operation "${cmdlet.name}" on target "${subject}".`)
    return 'done'
  }
  await confirm(cmdlet, bound, subject, shell)
  const parameters = await givenOf(shell, bound)
  const client = await connect(readSetting(settings.data, own.data ?? null, shell))
  const { objects } = await client.send('POST', `/cmdlets/${segment(cmdlet.name)}`, { parameters })
  if (cmdlet.answer !== null) await print(output, cmdlet, bound, Array.isArray(objects) ? objects.filter(isRow) : [])
  return 'done'
}

function unknown(name: string): never {
  throw new Failure('usage', `There is no cmdlet ${name}`, [
    `Known are ${cmdlets.map((cmdlet) => cmdlet.name).join(', ')}`,
  ])
}

const isOn = (bound: Bound, name: string): boolean =>
  [...bound].some(([its, value]) => its.name === name && value === true)

const subjectOf = (cmdlet: Cmdlet, bound: Bound): string =>
  String([...bound].find(([{ isFirst }]) => isFirst)?.[1] ?? cmdlet.name)

async function givenOf(shell: Shell, bound: Bound): Promise<Given> {
  const given: [string, Given[string]][] = []
  for (const [parameter, value] of bound) {
    if (parameter.name === 'WhatIf' || parameter.name === 'Confirm') continue
    given.push([parameter.name, await travelling(shell, parameter, value)])
  }
  return Object.fromEntries(given)
}

/** What removes asks by itself, all else where it is told to; without a terminal nobody can be asked. */
async function confirm(cmdlet: Cmdlet, bound: Bound, subject: string, shell: Shell): Promise<void> {
  const asked = [...bound].find(([{ name }]) => name === 'Confirm')?.[1]
  if (asked === false || (asked === undefined && cmdlet.effect !== 'removes')) return
  if (!shell.stderr.isTerminal)
    throw new Failure('usage', `${cmdlet.name} asks before it acts, and nobody is there: add '-Confirm:$false'`)
  shell.stderr.write(
    `Perform the operation "${cmdlet.name}" on target "${subject}"? [Y] Yes  [N] No (default is "Y"): `,
  )
  const answer = (await shell.readLine())?.trim().toLowerCase()
  if (answer === undefined || !['', 'y', 'yes'].includes(answer)) throw new Failure('usage', 'Nothing was done')
}

/** Of these there is only one. */
const single: readonly (ObjectName | null)[] = ['MigrationConfig', 'MigrationStatistics', 'MigrationServerAvailability']

/** One that was asked for by its identity is shown whole. */
async function print(output: Output, cmdlet: Cmdlet, bound: Bound, objects: readonly CmdletObject[]): Promise<void> {
  const isNamed = [...bound.keys()].some(({ isFirst }) => isFirst) && cmdlet.answer !== 'MigrationReportRow'
  const isOne = cmdlet.effect !== 'reads' || isNamed || single.includes(cmdlet.answer)
  const [first] = objects
  if (isOne && first && objects.length === 1) {
    await output.row(
      first,
      Object.keys(first).map((name) => [name, name]),
    )
    return
  }
  const names = defaultView[cmdlet.answer ?? 'MigrationBatch']
  await output.list(
    objects,
    names.map((name) => [name, name]),
  )
}
