import { nameLengthMax } from './batch.ts'
import type { Problem } from './refusal.ts'

/** Says what is wrong with a value, or null. */
export type FieldCheck = (value: unknown) => string | null

const control = /[\u0000-\u001f\u007f]/

/** A name that can stand in a path beside ids. */
export const checkName: FieldCheck = (value) => {
  if (typeof value !== 'string' || value.trim() === '') return 'A name is missing'
  if (value !== value.trim()) return 'The name begins or ends with a blank'
  if (value.length > nameLengthMax) return `The name is longer than ${nameLengthMax} characters`
  if (control.test(value)) return 'The name has a control character in it'
  return /^\d+$/.test(value) ? 'The name has digits only: it would be taken for an id' : null
}

/** A host name or an address; no URL. */
export const checkHost: FieldCheck = (value) => {
  if (typeof value !== 'string' || value === '') return 'The host is missing'
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$|^[0-9A-Fa-f:.]+$/.test(value)
    ? null
    : 'The host is not a host name or an address'
}

export const checkPort: FieldCheck = (value) => checkCount(1, 65_535)(value)

export const checkCount =
  (min: number, max: number): FieldCheck =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? null
      : `A whole number from ${min} to ${max} is needed`

/** Text that goes to a server as it is, or null. */
export const checkLine: FieldCheck = (value) =>
  value === null || value === undefined || (typeof value === 'string' && !control.test(value))
    ? null
    : 'The text has a control character or a line break in it'

/** What the checks find, each under the name of its field. */
export function findProblems(checks: Readonly<Record<string, string | null>>): readonly Problem[] {
  return Object.entries(checks).flatMap(([column, message]) =>
    message === null ? [] : [{ line: null, column, message }],
  )
}
