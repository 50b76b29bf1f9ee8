import { Refusal } from '../domain/refusal.ts'
import type { Cmdlet, Given, GivenValue, Parameter, ParameterType } from './cmdlet.ts'

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0

const fits: Record<ParameterType, (value: unknown) => boolean> = {
  text: isText,
  texts: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  switch: (value) => typeof value === 'boolean',
  bool: (value) => typeof value === 'boolean',
  count: isCount,
  limit: (value) => isCount(value) || (isText(value) && /^(unlimited|\d{1,9})$/i.test(value)),
  time: isText,
  span: isText,
  file: isText,
  credential: isCredential,
}

const awaited: Record<ParameterType, string> = {
  text: 'text',
  texts: 'a list of texts',
  switch: 'true or false',
  bool: 'true or false',
  count: 'a whole number from 0 up',
  limit: 'a whole number from 0 up, or Unlimited',
  time: 'a time as text',
  span: 'a span as text, [d.]hh:mm:ss',
  file: 'the bytes of a file in Base64',
  credential: 'an object with userName and password',
}

/** What was sent, checked against the table, under the names of the table; else a Refusal that names each mistake. */
export function checkGiven(cmdlet: Cmdlet, sent: Readonly<Record<string, unknown>>): Given {
  const given = new Map<string, GivenValue>()
  const problems: string[] = []
  for (const [name, value] of Object.entries(sent)) {
    const parameter = cmdlet.parameters.find((known) => known.name.toLowerCase() === name.toLowerCase())
    const mistake = parameter ? mistakeIn(parameter, value) : `${cmdlet.name} has no parameter -${name}`
    if (mistake !== null) problems.push(mistake)
    else if (parameter) given.set(parameter.name, asTable(parameter, value as GivenValue))
  }
  for (const { name, isRequired } of cmdlet.parameters)
    if (isRequired && !given.has(name) && problems.length === 0) problems.push(`${cmdlet.name} needs -${name}`)
  const [first] = problems
  if (first === undefined) return Object.fromEntries(given)
  throw new Refusal(
    'invalid',
    `Cannot run ${cmdlet.name}: ${first}`,
    problems.map((message) => ({ line: null, column: null, message })),
  )
}

function mistakeIn({ name, type, choices }: Parameter, value: unknown): string | null {
  if (!fits[type](value)) return `-${name} takes ${awaited[type]}`
  if (!choices || choices.some((choice) => choice.toLowerCase() === String(value).toLowerCase())) return null
  return `-${name} takes ${choices.join(', ')}`
}

/** A choice as the table spells it, one text as a list of one. */
function asTable({ type, choices }: Parameter, value: GivenValue): GivenValue {
  if (type === 'texts' && isText(value)) return [value]
  return choices?.find((choice) => choice.toLowerCase() === String(value).toLowerCase()) ?? value
}

function isCredential(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isText(Reflect.get(value, 'userName')) && isText(Reflect.get(value, 'password'))
}
