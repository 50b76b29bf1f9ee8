import { describe, expect, test } from 'bun:test'
import { verbs } from '../../src/cli/commands.ts'
import { type MigrationPlan, planMigration } from '../../src/cli/migration-plan.ts'
import { run } from '../../src/cli/run.ts'
import type { Verb } from '../../src/cli/verb.ts'
import { recordedShell } from './recorded-shell.ts'

const files = {
  '/users.csv': 'EmailAddress\n',
  '/master': 'm4ster\n',
  '/ca': '-----BEGIN CERTIFICATE-----',
  '-': 'stdin',
}
const basic = '--source imaps://old.example --target imap+starttls://new.example --csv /users.csv'

/** What the command line of a migration comes to: a plan, or what is told about it. */
async function planned(line: string, env: Readonly<Record<string, string>> = {}) {
  const shell = recordedShell({ files, env })
  let plan: MigrationPlan | null = null
  const table: readonly Verb[] = verbs.map((verb) => ({
    ...verb,
    load: async () => async (call) => {
      plan = await planMigration(call.options, call.shell)
      return 'done'
    },
  }))
  const code = await run(['migrate', ...line.split(' ')], shell, table)
  return { code, err: shell.err(), plan: plan as MigrationPlan | null }
}

describe('a plan', () => {
  test('has defaults', async () => {
    const { plan } = await planned(basic)
    expect(plan).toMatchObject({
      source: { host: 'old.example', port: 993, security: 'ssl', login: '{user}', adminName: null, ca: null },
      target: { host: 'new.example', port: 143, security: 'tls', acceptsUntrustedCertificates: false },
      passes: 1,
      verifies: false,
      readsData: false,
      allowsUnknownColumns: false,
    })
    expect(new TextDecoder().decode(plan?.csv)).toBe('EmailAddress\n')
  })

  test.each<[string, string, Record<string, string>, object]>([
    ['takes passes', '--passes 3', {}, { passes: 3 }],
    ['verifies', '--verify', {}, { verifies: true, readsData: false }],
    ['verifies when data is to be read', '--read-data', {}, { verifies: true, readsData: true }],
    [
      'signs in by a master user',
      '--source-login {user}*{admin} --source-admin root --source-password-file /master',
      {},
      { source: { login: '{user}*{admin}', usesAuthzid: false, adminName: 'root', adminPassword: 'm4ster' } },
    ],
    [
      'signs in by authorization identity, with a password from the environment',
      '--target-login authzid --target-admin root',
      { POSTFERRY_TARGET_PASSWORD: 'fromEnv' },
      { target: { usesAuthzid: true, adminName: 'root', adminPassword: 'fromEnv' } },
    ],
    ['reads a certificate authority', '--target-ca /ca', {}, { target: { ca: files['/ca'] }, source: { ca: null } }],
    [
      'trusts the side that is named',
      '--accept-untrusted-certificates source',
      {},
      { source: { acceptsUntrustedCertificates: true }, target: { acceptsUntrustedCertificates: false } },
    ],
    [
      'trusts both sides',
      '--accept-untrusted-certificates both',
      {},
      { source: { acceptsUntrustedCertificates: true }, target: { acceptsUntrustedCertificates: true } },
    ],
    [
      'bounds the mailboxes at a time',
      '--concurrency 50',
      {},
      { source: { concurrentMigrationsMax: 50, connectionsMax: 100 }, target: { concurrentIncrementalSyncsMax: 50 } },
    ],
  ])('%s', async (_, line, env, part) => expect((await planned(`${basic} ${line}`, env)).plan).toMatchObject(part))

  test('takes no password from the environment without an administrator', async () => {
    const { plan } = await planned(basic, { POSTFERRY_SOURCE_PASSWORD: 'x' })
    expect(plan?.source.adminPassword).toBeUndefined()
  })
})

test.each<[string, number, string]>([
  ['--source-login {user}*{admin}', 2, '--source-admin'],
  ['--target-login authzid', 2, '--target-admin'],
  ['--source-admin root', 2, '--source-login'],
  ['--source-password-file /master', 2, '--source-admin'],
  ['--source-login authzid --source-admin root', 2, 'POSTFERRY_SOURCE_PASSWORD'],
  ['--source-login authzid --source-admin root --source-password-file /none', 5, '/none'],
  ['--source-login nonsense', 2, '{user}'],
  ['--csv - --source-login authzid --source-admin root --source-password-file -', 2, 'standard input'],
  ['--source-password canary', 2, 'Refused --source-password'],
  ['--source imaps://bob:canary@old.example', 2, 'Refused an address'],
])('%s is refused with %d and a sentence', async (line, code, part) => {
  const refused = await planned(`${basic} ${line}`)
  expect([refused.code, refused.plan]).toEqual([code, null])
  expect(refused.err).toContain(part)
  expect(refused.err).not.toContain('canary')
})
