import { batchCmdlets } from './batches.ts'
import type { Cmdlet, Parameter } from './cmdlet.ts'
import { endpointCmdlets } from './endpoints.ts'
import { summaryCmdlets } from './summaries.ts'
import { userCmdlets } from './users.ts'

/** All cmdlets: what the command line takes, what the help and the PowerShell module are made from, what the server runs. */
export const cmdlets: readonly Cmdlet[] = [...batchCmdlets, ...userCmdlets, ...endpointCmdlets, ...summaryCmdlets]

/** Names have no case. */
export const findCmdlet = (name: string): Cmdlet | null =>
  cmdlets.find((cmdlet) => cmdlet.name.toLowerCase() === name.toLowerCase()) ?? null

const common: readonly Parameter[] = [
  { name: 'WhatIf', type: 'switch', sentence: 'Say what would be done, and do nothing' },
  { name: 'Confirm', type: 'switch', sentence: 'Ask before it is done; -Confirm:$false does not ask' },
]

/** Its own, and those of all cmdlets that change something. */
export const parametersOf = (cmdlet: Cmdlet): readonly Parameter[] =>
  cmdlet.effect === 'reads' ? cmdlet.parameters : [...cmdlet.parameters, ...common]

/** Those that a shortened name may mean; the whole name means one alone. */
export function meantBy(cmdlet: Cmdlet, name: string): readonly Parameter[] {
  const wanted = name.toLowerCase()
  const all = parametersOf(cmdlet)
  const whole = all.filter((parameter) => parameter.name.toLowerCase() === wanted)
  return whole.length > 0 ? whole : all.filter((parameter) => parameter.name.toLowerCase().startsWith(wanted))
}
