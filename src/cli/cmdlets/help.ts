import type { Cmdlet, ParameterType } from '../../cmdlets/cmdlet.ts'
import { parametersOf } from '../../cmdlets/table.ts'
import { drawList } from '../table.ts'

const typeWords: Record<ParameterType, string> = {
  text: 'text',
  texts: 'text,text',
  switch: '',
  bool: '$true|$false',
  count: 'number',
  limit: 'number|Unlimited',
  time: 'time',
  span: '[d.]hh:mm:ss',
  file: 'file',
  credential: 'user name',
}

/** What `--help` says of one cmdlet. */
export function cmdletHelp(cmdlet: Cmdlet): string {
  const rows = parametersOf(cmdlet).map(({ name, type, choices, sentence, isRequired }) => [
    `  -${name}`,
    choices?.join('|') ?? typeWords[type],
    `${sentence}${isRequired ? ' (required)' : ''}`,
  ])
  const parameters = rows.length > 0 ? `\nParameters:\n${drawList([], rows).replace(/^\n/, '')}` : ''
  return [
    `Usage: postferry ${cmdlet.name} [parameters] [--data <folder>] [-o table|json|ndjson|csv]\n\n${cmdlet.sentence}.\n`,
    parameters,
    '\nNames of cmdlets and parameters have no case; a parameter may be shortened while one alone is meant.\n',
    `\nExample:\n  postferry ${cmdlet.example}\n`,
  ].join('')
}
