import type { GivenValue, Parameter } from '../../cmdlets/cmdlet.ts'
import { Failure } from '../failure.ts'
import { readBytes, readSecret, secretPlaces } from '../secrets.ts'
import type { Shell } from '../shell.ts'

/** `([System.IO.File]::ReadAllBytes("users.csv"))`, as scripts for Exchange write the bytes of a file. */
const readAllBytes = /^\(?\[(?:System\.)?IO\.File\]::ReadAllBytes\(\s*(["'])(.+)\1\s*\)\)?$/i

/** One value as it travels to the server; the files and the passwords that it names are read. */
export async function travelling(
  shell: Shell,
  { name, type }: Parameter,
  value: string | boolean,
): Promise<GivenValue> {
  if (typeof value === 'boolean') return value
  if (type === 'texts')
    return value
      .split(',')
      .map((text) => text.trim())
      .filter(Boolean)
  if (type === 'count') return count(name, value)
  if (type === 'limit') return /^unlimited$/i.test(value) ? 'Unlimited' : count(name, value)
  if (type === 'file') {
    const path = readAllBytes.exec(value)?.[2] ?? value
    return Buffer.from(await readBytes(shell, path, `the file of -${name}`)).toString('base64')
  }
  if (type === 'credential') return { userName: value, password: await passwordOf(shell, name) }
  return value
}

function count(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Failure('usage', `-${name} takes a whole number from 0 up`)
}

async function passwordOf(shell: Shell, name: string): Promise<string> {
  const password = await readSecret(shell, secretPlaces.user, null)
  if (password !== null) return password
  const { variable } = secretPlaces.user
  throw new Failure('usage', `-${name} takes the user name; set ${variable} or ${variable}_FILE for the password`)
}
