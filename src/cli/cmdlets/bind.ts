import type { Cmdlet, Parameter } from '../../cmdlets/cmdlet.ts'
import { whyLeftOut } from '../../cmdlets/left-out.ts'
import { meantBy, parametersOf } from '../../cmdlets/table.ts'
import { Failure } from '../failure.ts'

/** What the command line gave: texts as they were typed, truth values of switches and bools. */
export type Bound = ReadonlyMap<Parameter, string | boolean>

/**
 * Binds arguments to parameters as PowerShell does: names have no case and may be shortened as long as one parameter
 * alone is meant, a value follows its name or stands behind a colon, and the first thing without a name is the
 * cmdlet's first parameter.
 */
export function bind(cmdlet: Cmdlet, argv: readonly string[]): Bound {
  const bound = new Map<Parameter, string | boolean>()
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    const named = /^[-\u2013\u2014]([A-Za-z?][\w]*)(?::(.*))?$/s.exec(word)
    const parameter = named ? find(cmdlet, named[1] ?? '') : first(cmdlet, bound, word)
    if (bound.has(parameter)) throw usage(`The parameter -${parameter.name} is given twice`)
    const attached = named ? named[2] : word
    if (attached === undefined && parameter.type !== 'switch') {
      const { value, last } = following(argv, at, parameter)
      at = last
      bound.set(parameter, parsed(parameter, value))
    } else bound.set(parameter, parsed(parameter, attached ?? '$true'))
  }
  const missing = parametersOf(cmdlet).filter((parameter) => parameter.isRequired && !bound.has(parameter))
  if (missing.length > 0) throw usage(`${cmdlet.name} needs -${missing.map(({ name }) => name).join(' and -')}`)
  return bound
}

function find(cmdlet: Cmdlet, name: string): Parameter {
  const [parameter, second, ...more] = meantBy(cmdlet, name)
  if (second) {
    const names = [parameter, second, ...more].map((meant) => `-${meant?.name}`).join(', ')
    throw usage(`-${name} may mean ${names}: write more of it`)
  }
  if (parameter) return parameter
  const why = whyLeftOut(cmdlet.name, name)
  throw usage(why ? `${cmdlet.name} does not take -${name} here. ${why}` : `${cmdlet.name} has no parameter -${name}`)
}

function first(cmdlet: Cmdlet, bound: Bound, word: string): Parameter {
  const parameter = parametersOf(cmdlet).find(({ isFirst }) => isFirst)
  if (parameter && !bound.has(parameter)) return parameter
  throw usage(`${cmdlet.name} cannot take "${word}": name the parameter that it is for`)
}

/** A list goes on after a comma at the end of a word: `-NotificationEmails a@example.org, b@example.org`. */
function following(argv: readonly string[], at: number, { name, type }: Parameter) {
  let last = at + 1
  let value = argv[last]
  if (value === undefined) throw usage(`-${name} needs a value`)
  while (type === 'texts' && value.endsWith(',') && argv[last + 1] !== undefined) {
    last += 1
    value += argv[last] ?? ''
  }
  return { value, last }
}

const truths: Readonly<Record<string, boolean>> = {
  $true: true,
  true: true,
  1: true,
  $false: false,
  false: false,
  0: false,
}

function parsed({ name, type, choices }: Parameter, text: string): string | boolean {
  if (type === 'switch' || type === 'bool') {
    const truth = truths[text.toLowerCase()]
    if (truth === undefined) throw usage(`-${name} takes $true or $false`)
    return truth
  }
  if (!choices) return text
  const choice = choices.find((known) => known.toLowerCase() === text.toLowerCase())
  if (choice === undefined) throw usage(`-${name} takes ${choices.join(', ')}`)
  return choice
}

const usage = (message: string): Failure => new Failure('usage', message)
