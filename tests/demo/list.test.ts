import { describe, expect, test } from 'bun:test'
import { matchesPattern } from '../../src/demo/list-pattern.ts'
import { extensionsWithout } from '../../src/demo/settings.ts'
import { startFixture, tagged } from './fixture.ts'

async function withFolders(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture(options)
  const { account } = fixture
  for (const name of ['Sent', 'a', 'a/b/c', 'R&-D "x"']) account.create(name, name === 'Sent' ? 'sent' : null)
  for (const name of ['Sent', 'a/b/c', 'gone/child']) account.subscriptions.add(name)
  return fixture
}

const names = (answer: readonly string[]): readonly string[] =>
  answer.slice(0, -1).map((line) => line.split('"/" ')[1] ?? line)

describe('LIST', () => {
  test('shows all folders, with the parents that are none', async () => {
    await using fixture = await withFolders()
    expect(await fixture.client.command('LIST "" "*"')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* LIST (\\HasNoChildren \\Sent) "/" Sent',
      '* LIST (\\HasChildren) "/" a',
      '* LIST (\\Noselect \\HasChildren) "/" a/b',
      '* LIST (\\HasNoChildren) "/" a/b/c',
      '* LIST (\\HasNoChildren) "/" "R&-D \\"x\\""',
      'OK List completed',
    ])
  })

  test.each([
    ['"" %', ['INBOX', 'Sent', 'a', '"R&-D \\"x\\""']],
    ['"" a/%', ['a/b']],
    ['a/ *', ['a/b', 'a/b/c']],
    ['"" "*c"', ['a/b/c']],
    ['"" %/%/c', ['a/b/c']],
    ['"" inBOX', ['INBOX']],
    ['"" A', []],
    ['"" {1+}\r\na', ['a']],
    ['"" (a Sent)', ['Sent', 'a']],
  ])('%s matches %j', async (pattern, found) => {
    await using fixture = await withFolders()
    expect(names(await fixture.client.command(`LIST ${pattern}`))).toEqual(found)
  })

  test('of nothing tells the separator', async () => {
    await using fixture = await withFolders({ separator: '.' })
    expect((await fixture.client.command('LIST "" ""'))[0]).toBe('* LIST (\\Noselect) "." ""')
    expect((await fixture.client.command('LIST a.b ""'))[0]).toBe('* LIST (\\Noselect) "." "a."')
  })

  test.each([
    [
      '(SUBSCRIBED) "" "*"',
      [
        '(\\HasNoChildren \\Subscribed \\Sent) "/" Sent',
        '(\\HasNoChildren \\Subscribed) "/" a/b/c',
        '(\\NonExistent \\HasNoChildren \\Subscribed) "/" gone/child',
      ],
    ],
    [
      '(SUBSCRIBED RECURSIVEMATCH) "" %',
      [
        '(\\HasNoChildren \\Subscribed \\Sent) "/" Sent',
        '(\\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))',
        '(\\NonExistent \\HasNoChildren) "/" gone ("CHILDINFO" ("SUBSCRIBED"))',
      ],
    ],
    ['(SPECIAL-USE) "" "*"', ['(\\HasNoChildren \\Sent) "/" Sent']],
    ['() "" Sent RETURN (SUBSCRIBED SPECIAL-USE)', ['(\\HasNoChildren \\Subscribed \\Sent) "/" Sent']],
  ])('%s', async (request, lines) => {
    await using fixture = await withFolders()
    expect((await fixture.client.command(`LIST ${request}`)).slice(0, -1)).toEqual(
      lines.map((line) => `* LIST ${line}`),
    )
  })

  test('with STATUS tells the counts of what can be selected, in one answer', async () => {
    await using fixture = await withFolders({ inbox: ['x', 'y'] })
    expect(
      await fixture.client.command('LIST "" (INBOX a/b) RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))'),
    ).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 7 HIGHESTMODSEQ 2)',
      '* LIST (\\Noselect \\HasChildren) "/" a/b',
      'OK List completed',
    ])
  })

  test.each([
    '(BOGUS) "" x',
    '(RECURSIVEMATCH) "" x',
    '"" x RETURN (BOGUS)',
    '"" x RETURN (STATUS)',
    '"" x RETURN (STATUS ())',
    '"" x BOGUS',
    '"" ()',
    '""',
    '"" "a',
    '"" a\\b',
  ])('%s is BAD', async (request) => {
    await using fixture = await withFolders()
    expect(tagged(await fixture.client.command(`LIST ${request}`))).toStartWith('BAD')
  })

  test('without extensions tells neither children nor special uses', async () => {
    await using fixture = await withFolders({ extensions: [] })
    expect((await fixture.client.command('LIST "" Sent'))[0]).toBe('* LIST () "/" Sent')
  })

  test.each(['caf\xe9', 'line\r\nbreak', ''])(
    'sends the name %j, which no command could make, as a literal or quoted',
    async (name) => {
      await using fixture = await startFixture()
      fixture.account.create(name)
      const quoted = name === '' ? '""' : `{${name.length}}\r\n${name}`
      expect(await fixture.client.command('LIST "" "*"')).toContain(`* LIST (\\HasNoChildren) "/" ${quoted}`)
    },
  )

  test('answers for 20,000 folders', async () => {
    await using fixture = await startFixture()
    for (let index = 0; index < 20_000; index++) fixture.account.create(`f${index % 100}/${index}`)
    expect(await fixture.client.command('LIST "" "*"')).toHaveLength(20_000 + 100 + 2)
  })
})

describe('matchesPattern', () => {
  test.each([
    ['abc', 'a*c', true],
    ['a/b', 'a%b', false],
    ['a/b', 'a*b', true],
    ['abc', '%', true],
    ['', '*', true],
    ['', '', true],
    ['a', '', false],
    ['a*', 'a*', true],
    ['ab', '%%', true],
    ['a/b/c', '%/%', false],
    ['aXb', 'a.b', false],
  ])('%j fits %j: %p', (name, pattern, fits) => {
    expect(matchesPattern(name, pattern, '/')).toBe(fits)
  })

  test('takes no pattern long', () => {
    expect(matchesPattern('a'.repeat(1000), `${'*a'.repeat(500)}b`, '/')).toBeFalse()
  })
})

describe('LSUB', () => {
  test('shows what is subscribed, and the parent of what lies below %', async () => {
    await using fixture = await withFolders()
    expect(await fixture.client.command('LSUB "" "*"')).toEqual([
      '* LSUB () "/" Sent',
      '* LSUB () "/" a/b/c',
      '* LSUB (\\Noselect) "/" gone/child',
      'OK Lsub completed',
    ])
    expect(await fixture.client.command('LSUB "" "%"')).toEqual([
      '* LSUB () "/" Sent',
      '* LSUB (\\Noselect) "/" a',
      '* LSUB (\\Noselect) "/" gone',
      'OK Lsub completed',
    ])
  })

  test('follows SUBSCRIBE and UNSUBSCRIBE', async () => {
    await using fixture = await startFixture()
    await fixture.client.command('SUBSCRIBE inbox')
    expect((await fixture.client.command('LSUB "" "*"'))[0]).toBe('* LSUB () "/" INBOX')
    await fixture.client.command('UNSUBSCRIBE INBOX')
    expect(await fixture.client.command('LSUB "" "*"')).toEqual(['OK Lsub completed'])
  })
})

describe('NAMESPACE', () => {
  test('tells prefix and separator', async () => {
    await using fixture = await startFixture({ personalPrefix: 'INBOX.', separator: '.' })
    expect((await fixture.client.command('NAMESPACE'))[0]).toBe('* NAMESPACE (("INBOX." ".")) NIL NIL')
  })

  test('is kept: folders outside it cannot be made', async () => {
    await using fixture = await startFixture({ personalPrefix: 'INBOX.', separator: '.' })
    const { client, account } = fixture
    expect(tagged(await client.command('CREATE Sent'))).toBe('NO [CANNOT] Names begin with INBOX.')
    expect(tagged(await client.command('CREATE INBOX.Sent'))).toStartWith('OK')
    account.create(account.nameOf(['Projets', 'Été']))
    expect(await client.command('LIST "" "INBOX*"')).toEqual([
      '* LIST (\\HasChildren) "." INBOX',
      '* LIST (\\HasNoChildren) "." INBOX.Sent',
      '* LIST (\\Noselect \\HasChildren) "." INBOX.Projets',
      '* LIST (\\HasNoChildren) "." INBOX.Projets.&AMk-t&AOk-',
      'OK List completed',
    ])
  })

  test('is unknown where it is not offered', async () => {
    await using fixture = await startFixture({ extensions: extensionsWithout('NAMESPACE') })
    expect(tagged(await fixture.client.command('NAMESPACE'))).toBe('BAD Unknown command')
  })
})
