import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

const listed = async (fixture: { client: { command(text: string): Promise<readonly string[]> } }) =>
  (await fixture.client.command('LIST "" "*"'))
    .slice(0, -1)
    .map((line) => line.replace(/^\* LIST \(([^)]*)\) "." /, '$1 '))

describe('CREATE', () => {
  test('makes a folder with a UIDVALIDITY of its own, and tells its id', async () => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    expect(await client.command('CREATE x')).toEqual([`OK [MAILBOXID (${account.demand('x').id})] Created`])
    await client.command('CREATE y')
    expect([account.demand('x').uidValidity, account.demand('y').uidValidity]).toEqual([8, 9])
  })

  test.each([
    ['inbox', 'NO [ALREADYEXISTS]'],
    ['x', 'NO [ALREADYEXISTS]'],
    ['x/', 'NO [ALREADYEXISTS]'],
    ['y/', 'OK'],
    ['a//b', 'NO [CANNOT]'],
    ['/a', 'NO [CANNOT]'],
    ['""', 'NO [CANNOT]'],
    ['"a b"', 'OK'],
    ['"a*%b"', 'OK'],
    ['"say \\"&-\\""', 'OK'],
    ['&AMk-t&AOk-', 'OK'],
    ['&2Dzf6Q-', 'OK'],
    ['a&b', 'NO [CANNOT]'],
    ['&AGE-', 'NO [CANNOT]'],
    ['{3+}\r\na\tb', 'NO [CANNOT]'],
    ['{4+}\r\na\r\nb', 'NO [CANNOT]'],
    ['{2+}\r\n\xc3\xa9', 'NO [CANNOT]'],
    ['a*', 'BAD'],
    ['"a', 'BAD'],
    ['"a\\b"', 'BAD'],
    ['a b', 'BAD'],
    ['', 'BAD'],
  ])('%j is answered with %s', async (name, answer) => {
    await using fixture = await startFixture()
    await fixture.client.command('CREATE x')
    expect(tagged(await fixture.client.command(`CREATE ${name}`))).toStartWith(answer)
  })

  test('takes names up to a length', async () => {
    await using fixture = await startFixture({ nameBytesMax: 255 })
    expect(tagged(await fixture.client.command(`CREATE ${'x'.repeat(255)}`))).toStartWith('OK')
    expect(tagged(await fixture.client.command(`CREATE ${'x'.repeat(256)}`))).toStartWith('NO [CANNOT]')
  })

  test.each([
    ['BAD', 'BAD Mailbox name is no modified UTF-7'],
    [null, 'OK'],
  ] as const)('with brokenNameAnswer %p answers a broken name with %s', async (brokenNameAnswer, answer) => {
    await using fixture = await startFixture({ brokenNameAnswer })
    expect(tagged(await fixture.client.command('CREATE a&b'))).toStartWith(answer)
  })

  test.each([
    ['\\sent', 'OK', 'sent'],
    ['\\Bogus', 'NO [USEATTR]', null],
    ['\\constructor', 'NO [USEATTR]', null],
    ['\\Sent \\Junk', 'NO [USEATTR]', null],
  ])('takes the special use %s: %s', async (use, answer, specialUse) => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(`CREATE x (USE (${use}))`))).toStartWith(answer)
    expect(fixture.account.folder('x')?.specialUse ?? null).toBe(specialUse as 'sent' | null)
  })

  test('on a server that ignores case finds the folder there already', async () => {
    await using fixture = await startFixture({ folderKey: (name) => name.toLowerCase() })
    await fixture.client.command('CREATE Notes')
    expect(tagged(await fixture.client.command('CREATE notes'))).toStartWith('NO [ALREADYEXISTS]')
    expect(tagged(await fixture.client.command('SELECT NOTES'))).toStartWith('OK')
    expect((await fixture.client.command('LIST "" nOTES'))[0]).toEndWith(' Notes')
  })
})

describe('DELETE', () => {
  test('leaves a \\Noselect name where folders are below, which cannot be deleted or opened', async () => {
    await using fixture = await startFixture()
    const { client } = fixture
    await client.command('CREATE a')
    await client.command('CREATE a/b')
    expect(tagged(await client.command('DELETE a'))).toBe('OK Deleted')
    expect(await listed(fixture)).toEqual([
      '\\HasNoChildren INBOX',
      '\\Noselect \\HasChildren a',
      '\\HasNoChildren a/b',
    ])
    for (const command of ['DELETE a', 'SELECT a', 'STATUS a (MESSAGES)', 'APPEND a {1+}\r\nx']) {
      expect(tagged(await client.command(command))).toStartWith('NO ')
    }
    await client.command('DELETE a/b')
    expect(await listed(fixture)).toEqual(['\\HasNoChildren INBOX'])
  })

  test('refuses the inbox and what is not there', async () => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command('DELETE inbox'))).toStartWith('NO [CANNOT]')
    expect(tagged(await fixture.client.command('DELETE x'))).toStartWith('NO [NONEXISTENT]')
  })

  test('closes the folder in its own session, and cuts others off', async () => {
    await using fixture = await startFixture()
    const { client } = fixture
    const other = await fixture.another()
    await client.command('CREATE x')
    await client.command('SELECT x')
    await other.command('SELECT x')
    expect(await client.command('DELETE x')).toEqual(['OK Deleted'])
    expect(tagged(await client.command('FETCH 1 UID'))).toBe('BAD Command not allowed in state authenticated')
    other.send('a NOOP\r\n')
    expect(await other.rest()).toStartWith('* BYE ')
  })

  test('and CREATE gives the name another UIDVALIDITY', async () => {
    await using fixture = await startFixture()
    await fixture.client.command('CREATE x')
    const before = fixture.account.demand('x').uidValidity
    await fixture.client.command('DELETE x')
    await fixture.client.command('CREATE x')
    expect(fixture.account.demand('x').uidValidity).toBeGreaterThan(before)
  })
})

describe('RENAME', () => {
  test('moves a folder and all below it, and keeps UIDVALIDITY and UIDs', async () => {
    await using fixture = await startFixture()
    const { client, account } = fixture
    for (const name of ['a', 'a/b', 'ab']) await client.command(`CREATE ${name}`)
    account.deliver('a/b', { body: Buffer.from('x') })
    const before = account.demand('a/b')
    expect(await client.command('RENAME a z')).toEqual(['OK Renamed'])
    expect(account.folders.map(({ name }) => name).sort()).toEqual(['INBOX', 'ab', 'z', 'z/b'])
    expect(account.demand('z/b')).toBe(before)
    expect((await client.command('STATUS z/b (UIDVALIDITY UIDNEXT MESSAGES)'))[0]).toContain(
      `${before.uidValidity} UIDNEXT 2 MESSAGES 1`,
    )
  })

  test('moves a \\Noselect name as well', async () => {
    await using fixture = await startFixture()
    await fixture.client.command('CREATE a/b')
    await fixture.client.command('RENAME a z')
    expect(fixture.account.folder('z/b')).not.toBeNull()
  })

  test('of the inbox moves its mail and leaves it empty', async () => {
    await using fixture = await startFixture({ inbox: ['x', 'y'] })
    await fixture.client.command('CREATE INBOX/child')
    await fixture.client.command('RENAME INBOX old')
    expect(fixture.account.demand('old').messages).toHaveLength(2)
    expect(fixture.account.demand('INBOX').messages).toBeEmpty()
    expect(fixture.account.folder('INBOX/child')).not.toBeNull()
  })

  test.each([
    ['nope z', 'NO [NONEXISTENT]'],
    ['a b', 'NO [ALREADYEXISTS]'],
    ['a inbox', 'NO [ALREADYEXISTS]'],
    ['a a/c', 'NO [CANNOT]'],
    ['a c&d', 'NO [CANNOT]'],
    ['a', 'BAD'],
  ])('%s is answered with %s', async (names, answer) => {
    await using fixture = await startFixture()
    await fixture.client.command('CREATE a')
    await fixture.client.command('CREATE b')
    expect(tagged(await fixture.client.command(`RENAME ${names}`))).toStartWith(answer)
    expect(fixture.account.folders.map(({ name }) => name)).toEqual(['INBOX', 'a', 'b'])
  })

  test('leaves a session in the renamed folder', async () => {
    await using fixture = await startFixture()
    await fixture.client.command('CREATE a')
    await fixture.client.command('SELECT a')
    await fixture.client.command('RENAME a z')
    fixture.account.deliver('z', { body: Buffer.from('x') })
    expect((await fixture.client.command('NOOP'))[0]).toBe('* 1 EXISTS')
  })
})
