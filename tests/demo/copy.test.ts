import { describe, expect, test } from 'bun:test'
import { readBody } from '../../src/demo/body.ts'
import { extensionsWithout } from '../../src/demo/settings.ts'
import { startFixture, tagged } from './fixture.ts'

async function opened(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture({ inbox: ['a', 'b', 'c'], ...options })
  await fixture.client.command('CREATE to')
  await fixture.client.command('SELECT INBOX')
  return fixture
}

const texts = (fixture: Awaited<ReturnType<typeof opened>>, name: string): readonly string[] =>
  fixture.account.demand(name).messages.map(({ body }) => Buffer.from(readBody(body)).toString())

describe('COPY', () => {
  test('keeps flags, date and id, and tells both sets of UIDs', async () => {
    await using fixture = await opened()
    const { client, account } = fixture
    await client.command('STORE 2 FLAGS.SILENT (\\Seen Work)')
    expect(await client.command('COPY 2:3 to')).toEqual(['OK [COPYUID 8 2:3 1:2] Copied'])
    const [from, copy] = [account.demand('INBOX').messages[1]!, account.demand('to').messages[0]!]
    expect(copy).toMatchObject({ uid: 1, internalDate: from.internalDate, emailId: from.emailId })
    expect(copy.flags).toEqual(from.flags)
    expect(texts(fixture, 'to')).toEqual(['b', 'c'])
  })

  test.each([
    ['COPY 1 nope', 'NO [TRYCREATE]'],
    ['COPY 4 to', 'BAD'],
    ['COPY 1:4 to', 'BAD'],
    ['COPY 1', 'BAD'],
    ['COPY x to', 'BAD'],
    ['UID COPY 9 to', 'OK Copied'],
  ])('%s is answered with %s, and copies nothing', async (command, answer) => {
    await using fixture = await opened()
    expect(tagged(await fixture.client.command(command))).toStartWith(answer)
    expect(texts(fixture, 'to')).toBeEmpty()
  })

  test('copies nothing when the quota does not hold it', async () => {
    await using fixture = await opened()
    fixture.account.quotaBytesMax = 4
    expect(tagged(await fixture.client.command('COPY 1:2 to'))).toBe('NO [OVERQUOTA] Quota exceeded')
    expect(tagged(await fixture.client.command('COPY 1 to'))).toStartWith('OK')
  })

  test('says NO where a message was expunged meanwhile', async () => {
    await using fixture = await opened()
    const inbox = fixture.account.demand('INBOX')
    inbox.expunge(inbox.messages.slice(0, 1))
    expect(tagged(await fixture.client.command('COPY 1:2 to'))).toStartWith('NO [EXPUNGEISSUED]')
    expect(texts(fixture, 'to')).toBeEmpty()
  })
})

describe('MOVE', () => {
  test('tells COPYUID first and then what is gone', async () => {
    await using fixture = await opened()
    expect(await fixture.client.command('UID MOVE 1,3 to')).toEqual([
      '* OK [COPYUID 8 1,3 1:2] Moved',
      '* 1 EXPUNGE',
      '* 2 EXPUNGE',
      'OK Moved',
    ])
    expect([texts(fixture, 'INBOX'), texts(fixture, 'to')]).toEqual([['b'], ['a', 'c']])
  })

  test('moves nothing where the target is missing', async () => {
    await using fixture = await opened()
    expect(tagged(await fixture.client.command('MOVE 1 nope'))).toStartWith('NO [TRYCREATE]')
    expect(texts(fixture, 'INBOX')).toHaveLength(3)
  })

  test('works at the quota, since nothing is added', async () => {
    await using fixture = await opened()
    fixture.account.quotaBytesMax = 3
    expect(tagged(await fixture.client.command('MOVE 1:3 to'))).toBe('OK Moved')
  })

  test('without UIDPLUS tells no UIDs', async () => {
    await using fixture = await opened({ extensions: extensionsWithout('UIDPLUS') })
    expect(await fixture.client.command('MOVE 1 to')).toEqual(['* 1 EXPUNGE', 'OK Moved'])
    expect(await fixture.client.command('COPY 1 to')).toEqual(['OK Copied'])
  })
})

describe('QUOTA', () => {
  test('tells use and limit in kilobytes', async () => {
    await using fixture = await startFixture({ inbox: ['x'.repeat(1025)] })
    const { client, account } = fixture
    expect(await client.command('GETQUOTAROOT INBOX')).toEqual(['* QUOTAROOT INBOX', 'OK Quota roots told'])
    account.quotaBytesMax = 4096
    expect(await client.command('GETQUOTAROOT INBOX')).toEqual([
      '* QUOTAROOT INBOX "User quota"',
      '* QUOTA "User quota" (STORAGE 2 4)',
      'OK Quota roots told',
    ])
    expect((await client.command('GETQUOTA "User quota"'))[0]).toBe('* QUOTA "User quota" (STORAGE 2 4)')
    expect(tagged(await client.command('GETQUOTA ""'))).toStartWith('NO [NONEXISTENT]')
  })
})
