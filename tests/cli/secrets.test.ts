import { describe, expect, test } from 'bun:test'
import { readSecret, refuseSecretArguments, secretPlaces } from '../../src/cli/secrets.ts'
import { recordedShell } from './recorded-shell.ts'

const files = { '/p': 'from file\n', '/dos': 'from dos\r\n', '/spaces': ' a b \n\n', '/empty': '\n', '-': 'from stdin' }

describe('a password', () => {
  test.each<[string, Record<string, string>, string | null, string | null]>([
    ['comes from the named file', { POSTFERRY_SOURCE_PASSWORD: 'e' }, '/p', 'from file'],
    ['comes from a file with DOS line ends', {}, '/dos', 'from dos'],
    ['keeps its spaces and loses one line end', {}, '/spaces', ' a b \n'],
    ['comes from the standard input', {}, '-', 'from stdin'],
    ['comes from the environment', { POSTFERRY_SOURCE_PASSWORD: 'e' }, null, 'e'],
    ['comes from the file that the environment names', { POSTFERRY_SOURCE_PASSWORD_FILE: '/p' }, null, 'from file'],
    ['of another side is not taken', { POSTFERRY_TARGET_PASSWORD: 'e' }, null, null],
    ['may be missing', {}, null, null],
  ])('%s', async (_, env, file, secret) =>
    expect(await readSecret(recordedShell({ env, files }), secretPlaces.source, file)).toBe(secret),
  )

  test.each([
    ['/none', 'Cannot read the password file "/none": there is no such file'],
    ['/empty', 'Cannot use the password file "/empty": it is empty'],
  ])('file %s is refused', (file, sentence) =>
    expect(readSecret(recordedShell({ files }), secretPlaces.source, file)).rejects.toThrow(sentence),
  )
})

describe('the command line', () => {
  test.each([
    '--password canary',
    '--password=canary',
    '--source-password canary',
    '--admin-password=canary',
    '--Passwd=canary',
    '-pass canary',
    '--token=canary',
  ])('refuses %s and does not repeat the value', (line) => {
    const refuse = () => refuseSecretArguments(['endpoint', 'create', ...line.split(' ')])
    expect(refuse).toThrow('Refused')
    expect(refuse).not.toThrow('canary')
  })

  test.each(['--password-file p', '--source-password-file=p', '--csv passwords.csv', '--passes 2', '-- --password'])(
    'takes %s',
    (line) => expect(() => refuseSecretArguments(line.split(' '))).not.toThrow(),
  )
})
