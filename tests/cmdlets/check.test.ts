import { expect, test } from 'bun:test'
import { checkGiven } from '../../src/cmdlets/check.ts'
import { cmdlets, findCmdlet } from '../../src/cmdlets/table.ts'

const named = (name: string) => {
  const cmdlet = findCmdlet(name)
  if (!cmdlet) throw new Error(`There is no cmdlet ${name}`)
  return cmdlet
}

test('what was sent stands under the names and words of the table', () => {
  const given = checkGiven(named('new-migrationendpoint'), { name: 'old', imap: true, SECURITY: 'ssl', port: 993 })
  expect(given).toEqual({ Name: 'old', IMAP: true, Security: 'Ssl', Port: 993 })
})

test('one text is a list of one', () => {
  const given = checkGiven(named('Set-MigrationBatch'), { Identity: 'Sales', NotificationEmails: 'a@example.org' })
  expect(given.NotificationEmails).toEqual(['a@example.org'])
})

test.each([
  ['Get-MigrationBatch', { Identity: 1 }, '-Identity takes text'],
  ['Get-MigrationBatch', { Nothing: 'x' }, 'has no parameter -Nothing'],
  ['Start-MigrationBatch', {}, 'needs -Identity'],
  ['New-MigrationEndpoint', { Name: 'a', Security: 'Plain' }, '-Security takes None, Ssl, Tls'],
  ['New-MigrationEndpoint', { Name: 'a', Credentials: 'admin' }, '-Credentials takes an object'],
  ['Set-MigrationBatch', { Identity: 'a', BadItemLimit: -1 }, '-BadItemLimit takes a whole number'],
  ['Set-MigrationBatch', { Identity: 'a', SyncNow: 'yes' }, '-SyncNow takes true or false'],
])('%s %j is refused', (name, sent, why) => expect(() => checkGiven(named(name), sent)).toThrow(why))

test('no cmdlet has a parameter twice, nor one that is called like those of all', () => {
  for (const { name, parameters } of cmdlets) {
    const names = parameters.map((parameter) => parameter.name.toLowerCase())
    expect({ name, names: [...new Set(names)] }).toEqual({ name, names })
    expect(names).not.toContain('whatif')
    expect(parameters.filter(({ isFirst }) => isFirst).length).toBeLessThanOrEqual(1)
  }
})
