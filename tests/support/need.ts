import { describe } from 'bun:test'

/** Programs outside the project that some tests need; `accept` is tried against what `--version` prints. */
const programs = {
  // The configuration is written for 2.3; 2.4 reads another language.
  dovecot: { accept: /^2\.3\./, wanted: 'Dovecot 2.3 (Debian: dovecot-imapd)' },
  openssl: { accept: /./, wanted: 'OpenSSL (Debian: openssl)' },
  chromium: { accept: /./, wanted: 'Chromium (Debian: chromium)' },
} as const

export type Program = keyof typeof programs

/** Where a program is, or null; system folders count even where a user's PATH leaves them out. */
export function findProgram(program: string): string | null {
  return Bun.which(program, { PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` })
}

/**
 * `describe` for tests that need programs outside the project. Where one is missing the tests are skipped with the
 * reason printed; with CI=true that is a failure, since nobody would read the reason.
 */
export function describeWith(...needed: readonly Program[]): typeof describe | typeof describe.skip {
  const lacking = needed.flatMap((program) => reasonAgainst(program) ?? [])
  if (lacking.length === 0) return describe
  const reason = lacking.join('; ')
  if (process.env.CI === 'true') throw new Error(`Cannot run these tests: ${reason}`)
  console.warn(`Skipped: ${reason}`)
  return describe.skip
}

/** Why a program cannot serve, or null. */
export function reasonAgainst(program: Program): string | null {
  const { accept, wanted } = programs[program]
  const path = findProgram(program)
  if (path === null) return `${wanted} is not installed`
  const version = Bun.spawnSync([path, program === 'openssl' ? 'version' : '--version'])
    .stdout.toString()
    .trim()
  return accept.test(version) ? null : `${wanted} is needed, found ${version}`
}
