import { Failure } from './failure.ts'
import type { Shell } from './shell.ts'

/** The two ways in for one password: a file, or the environment. */
export interface SecretPlace {
  /** The option that names the file, without dashes: `source-password-file`. */
  readonly option: string
  /** The variable with the password itself; with `_FILE` behind it, the one that names a file. */
  readonly variable: string
}

export const secretPlaces = {
  source: { option: 'source-password-file', variable: 'POSTFERRY_SOURCE_PASSWORD' },
  target: { option: 'target-password-file', variable: 'POSTFERRY_TARGET_PASSWORD' },
  admin: { option: 'admin-password-file', variable: 'POSTFERRY_ADMIN_PASSWORD' },
  user: { option: 'password-file', variable: 'POSTFERRY_PASSWORD' },
} as const satisfies Record<string, SecretPlace>

/** The password from the named file, else from the environment; null where nobody gave one. */
export async function readSecret(shell: Shell, place: SecretPlace, file: string | null): Promise<string | null> {
  const path = file ?? (shell.env[place.variable] ? null : shell.env[`${place.variable}_FILE`] || null)
  if (path === null) return shell.env[place.variable] || null
  return readPasswordFile(shell, path)
}

/** The text of the file without the end of its last line. */
export async function readPasswordFile(shell: Shell, path: string): Promise<string> {
  const secret = (await readText(shell, path, 'the password file')).replace(/\r?\n$/, '')
  if (secret === '') throw new Failure('invalid', `Cannot use the password file "${path}": it is empty`)
  return secret
}

export async function readText(shell: Shell, path: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(shell, path, what))
}

/** Reads what an option names; `what` is the words for it in the error. */
export async function readBytes(shell: Shell, path: string, what: string): Promise<Uint8Array> {
  return shell.read(path).catch((error: unknown) => {
    throw new Failure('invalid', `Cannot read ${what} "${path}": ${reason(error)}`, [], error)
  })
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not permitted',
  EISDIR: 'it is a folder',
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}

const secretOption = /^--?([a-z-]+-)?(pass(word|wd|phrase)?|pwd|secret|token)(-|$)/i

/**
 * Refuses an option that would carry a secret: other users of the machine can read the arguments of a process.
 * The value is never repeated.
 */
export function refuseSecretArguments(argv: readonly string[]): void {
  for (const argument of argv) {
    if (argument === '--') return
    const [name = ''] = argument.split('=')
    if (secretOption.test(name) && !name.endsWith('-file')) {
      throw new Failure(
        'usage',
        `Refused ${name}: other users of this machine can read the command line; ` +
          'name a file with the option that ends in -password-file, or set the variable that the help names',
      )
    }
  }
}
