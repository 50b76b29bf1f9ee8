import { Refusal } from '../domain/refusal.ts'
import type { Given, GivenCredential } from './cmdlet.ts'

/** Typed views of what `checkGiven` let pass; undefined where the parameter was not given. */

export const textOf = (given: Given, name: string): string | undefined => given[name] as string | undefined
export const textsOf = (given: Given, name: string): readonly string[] | undefined =>
  given[name] as readonly string[] | undefined
export const countOf = (given: Given, name: string): number | undefined => given[name] as number | undefined
export const truthOf = (given: Given, name: string): boolean | undefined => given[name] as boolean | undefined
export const isOn = (given: Given, name: string): boolean => given[name] === true
export const credentialOf = (given: Given, name: string): GivenCredential | undefined =>
  given[name] as GivenCredential | undefined

/** Null is Unlimited. */
export function limitOf(given: Given, name: string): number | null | undefined {
  const limit = given[name]
  if (limit === undefined) return undefined
  return /^unlimited$/i.test(String(limit)) ? null : Number(limit)
}

export const fileOf = (given: Given, name: string): Uint8Array | undefined => {
  const text = textOf(given, name)
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'))
}

/** Milliseconds of `[d.]hh:mm[:ss]`, or of whole days alone, as .NET reads a TimeSpan. */
export function spanOf(given: Given, name: string): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const days = /^(\d{1,5})$/.exec(text)
  if (days) return Number(days[1]) * 86_400_000
  const [, day = '0', hour, minute, second = '0'] = /^(?:(\d{1,5})\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new Refusal('invalid', `-${name} takes a span such as 1.00:00:00, not "${text}"`)
  return (((Number(day) * 24 + Number(hour)) * 60 + Number(minute)) * 60 + Number(second)) * 1000
}

/** A span as .NET writes it. */
export function spanText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  const days = Math.floor(seconds / 86_400)
  return days > 0 ? `${days}.${clock}` : clock
}
