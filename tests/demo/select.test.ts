import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

describe('SELECT and EXAMINE', () => {
  test('tell all that RFC 3501 asks for, and more', async () => {
    await using fixture = await startFixture({ inbox: ['a', 'b'] })
    const { client, account } = fixture
    const inbox = account.demand('INBOX')
    inbox.changeFlags(inbox.messages.slice(0, 1), 'add', ['\\Seen', 'Work'])
    expect(await client.command('SELECT inbox')).toEqual([
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)',
      '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] Flags that are kept',
      '* 2 EXISTS',
      '* 2 RECENT',
      '* OK [UNSEEN 2] First unseen',
      '* OK [UIDVALIDITY 7] UIDs valid',
      '* OK [UIDNEXT 3] Predicted next UID',
      '* OK [HIGHESTMODSEQ 3] Highest',
      `* OK [MAILBOXID (${inbox.id})] Id`,
      'OK [READ-WRITE] Selected',
    ])
    const examined = await client.command('EXAMINE INBOX')
    expect(examined).toContain('* OK [PERMANENTFLAGS ()] Flags that are kept')
    expect(tagged(examined)).toBe('OK [READ-ONLY] Examined')
  })

  test('of a server without extensions tell no more than RFC 3501 asks for', async () => {
    await using fixture = await startFixture({ extensions: [], keywords: ['Work'] })
    expect(await fixture.client.command('SELECT INBOX')).toEqual([
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)',
      '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)] Flags that are kept',
      '* 0 EXISTS',
      '* 0 RECENT',
      '* OK [UIDVALIDITY 7] UIDs valid',
      '* OK [UIDNEXT 1] Predicted next UID',
      'OK [READ-WRITE] Selected',
    ])
  })

  test('leave no folder open when they fail', async () => {
    await using fixture = await startFixture()
    await fixture.client.command('SELECT INBOX')
    expect(await fixture.client.command('SELECT nope')).toEqual(['NO [NONEXISTENT] No such mailbox'])
    expect(tagged(await fixture.client.command('CHECK'))).toStartWith('BAD')
  })

  test.each(['', '""x', 'INBOX (BOGUS)', 'INBOX ()', 'INBOX (QRESYNC (1 1))', 'INBOX (CONDSTORE'])(
    '%j is BAD',
    async (text) => {
      await using fixture = await startFixture()
      expect(tagged(await fixture.client.command(`SELECT ${text}`))).toStartWith('BAD')
    },
  )

  test('only SELECT takes \\Recent away', async () => {
    await using fixture = await startFixture({ inbox: ['a'] })
    const { client } = fixture
    expect(await client.command('EXAMINE INBOX')).toContain('* 1 RECENT')
    expect(await client.command('SELECT INBOX')).toContain('* 1 RECENT')
    expect(await client.command('FETCH 1 FLAGS')).toContain('* 1 FETCH (FLAGS (\\Recent))')
    expect(await client.command('SELECT INBOX')).toContain('* 0 RECENT')
    expect((await client.command('STATUS INBOX (RECENT)'))[0]).toBe('* STATUS INBOX (RECENT 0)')
  })
})

describe('an examined folder', () => {
  test.each(['STORE 1 FLAGS (\\Seen)', 'EXPUNGE', 'UID EXPUNGE 1', 'MOVE 1 INBOX'])('refuses %s', async (command) => {
    await using fixture = await startFixture({ inbox: ['a'] })
    await fixture.client.command('EXAMINE INBOX')
    expect(await fixture.client.command(command)).toEqual(['NO [READ-ONLY] Mailbox is read-only'])
  })
})

describe('CLOSE and UNSELECT', () => {
  test.each([
    ['SELECT', 'CLOSE', 1],
    ['SELECT', 'UNSELECT', 2],
    ['EXAMINE', 'CLOSE', 2],
  ])('%s and %s leave %i messages where one was marked deleted, in silence', async (open, close, left) => {
    await using fixture = await startFixture({ inbox: ['a', 'b'] })
    const inbox = fixture.account.demand('INBOX')
    inbox.changeFlags(inbox.messages.slice(1), 'add', ['\\Deleted'])
    await fixture.client.command(`${open} INBOX`)
    expect(await fixture.client.command(close)).toHaveLength(1)
    expect(inbox.messages).toHaveLength(left)
    expect(tagged(await fixture.client.command(close))).toStartWith('BAD')
  })
})

describe('STATUS', () => {
  test('tells what is asked, in that order', async () => {
    await using fixture = await startFixture({ inbox: ['a', 'b'] })
    const { client, account } = fixture
    const items = 'UNSEEN MESSAGES RECENT UIDNEXT UIDVALIDITY HIGHESTMODSEQ MAILBOXID'
    expect(await client.command(`STATUS inbox (${items})`)).toEqual([
      `* STATUS INBOX (UNSEEN 2 MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY 7 HIGHESTMODSEQ 2 MAILBOXID (${account.demand('INBOX').id}))`,
      'OK Status completed',
    ])
  })

  test.each([
    ['INBOX ()', 'BAD'],
    ['INBOX (BOGUS)', 'BAD'],
    ['INBOX MESSAGES', 'BAD'],
    ['INBOX', 'BAD'],
    ['nope (MESSAGES)', 'NO [NONEXISTENT]'],
  ])('%s is answered with %s', async (text, answer) => {
    await using fixture = await startFixture()
    expect(tagged(await fixture.client.command(`STATUS ${text}`))).toStartWith(answer)
  })
})
