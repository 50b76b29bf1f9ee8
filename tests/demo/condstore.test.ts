import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

async function opened(inbox = ['a', 'b', 'c']) {
  const fixture = await startFixture({ inbox })
  await fixture.client.command('SELECT INBOX')
  await fixture.client.command('SELECT INBOX (CONDSTORE)')
  return fixture
}

describe('CONDSTORE', () => {
  test('gives every change a greater mod-sequence, and equal flags none', async () => {
    await using fixture = await opened()
    const { client } = fixture
    expect((await client.command('STORE 1 +FLAGS (\\Seen)'))[0]).toBe('* 1 FETCH (FLAGS (\\Seen) MODSEQ (3))')
    expect((await client.command('STORE 1 +FLAGS (\\Seen)'))[0]).toBe('* 1 FETCH (FLAGS (\\Seen) MODSEQ (3))')
    expect((await client.command('STORE 1:2 -FLAGS (\\Seen)')).slice(0, 2)).toEqual([
      '* 1 FETCH (FLAGS () MODSEQ (4))',
      '* 2 FETCH (FLAGS () MODSEQ (2))',
    ])
    expect((await client.command('STATUS INBOX (HIGHESTMODSEQ)'))[0]).toBe('* STATUS INBOX (HIGHESTMODSEQ 4)')
  })

  test('fetches only what changed since', async () => {
    await using fixture = await opened()
    await fixture.client.command('STORE 2 +FLAGS.SILENT (\\Seen)')
    expect(await fixture.client.command('FETCH 1:* (UID FLAGS) (CHANGEDSINCE 2)')).toEqual([
      '* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (3))',
      'OK Fetched',
    ])
    expect(await fixture.client.command('UID FETCH 1:* FLAGS (CHANGEDSINCE 3)')).toEqual(['OK Fetched'])
  })

  test('stores only what is unchanged since, and names the rest', async () => {
    await using fixture = await opened()
    const { client } = fixture
    await client.command('STORE 2 +FLAGS.SILENT (\\Seen)')
    expect(await client.command('STORE 1:3 (UNCHANGEDSINCE 2) +FLAGS.SILENT (\\Deleted)')).toEqual([
      '* 1 FETCH (MODSEQ (4))',
      '* 3 FETCH (MODSEQ (4))',
      'OK [MODIFIED 2] Conditional store failed',
    ])
    expect(fixture.account.demand('INBOX').messages.map(({ flags }) => flags.has('\\Deleted'))).toEqual([
      true,
      false,
      true,
    ])
    expect(tagged(await client.command('UID STORE 1:3 (UNCHANGEDSINCE 1) FLAGS ()'))).toStartWith('OK [MODIFIED 1:3]')
  })

  test('tells no mod-sequences to who did not ask', async () => {
    await using fixture = await startFixture({ inbox: ['a'] })
    await fixture.client.command('SELECT INBOX')
    expect((await fixture.client.command('STORE 1 FLAGS (\\Seen)'))[0]).toBe('* 1 FETCH (FLAGS (\\Seen \\Recent))')
  })

  test.each([
    'ENABLE CONDSTORE',
    'STATUS INBOX (HIGHESTMODSEQ)',
    'FETCH 1 MODSEQ',
    'SEARCH MODSEQ 1',
    'FETCH 1 UID (CHANGEDSINCE 1)',
    'STORE 1 (UNCHANGEDSINCE 1) FLAGS ()',
  ])('is enabled by %s', async (command) => {
    await using fixture = await startFixture({ inbox: ['a'] })
    await fixture.client.command('SELECT INBOX')
    await fixture.client.command(command)
    expect((await fixture.client.command('STORE 1 FLAGS (\\Seen)'))[0]).toContain(' MODSEQ (3)')
  })
})

describe('QRESYNC', () => {
  async function resynced() {
    const fixture = await startFixture({ inbox: ['a', 'b', 'c', 'd', 'e'] })
    await fixture.client.command('SELECT INBOX')
    await fixture.client.command('ENABLE QRESYNC')
    return fixture
  }

  test('says VANISHED instead of EXPUNGE, and the new mod-sequence', async () => {
    await using fixture = await resynced()
    await fixture.client.command('STORE 1:2,4 +FLAGS.SILENT (\\Deleted)')
    expect(await fixture.client.command('EXPUNGE')).toEqual(['* VANISHED 1:2,4', 'OK [HIGHESTMODSEQ 4] Expunged'])
  })

  test('tells with UID FETCH what vanished since, of what was asked', async () => {
    await using fixture = await resynced()
    const inbox = fixture.account.demand('INBOX')
    inbox.expunge(inbox.messages.slice(0, 1))
    inbox.expunge(inbox.messages.slice(1, 3))
    await fixture.client.command('NOOP')
    expect(await fixture.client.command('UID FETCH 1:* FLAGS (CHANGEDSINCE 3 VANISHED)')).toEqual([
      '* VANISHED (EARLIER) 3:4',
      'OK Fetched',
    ])
    expect(await fixture.client.command('UID FETCH 1:3 FLAGS (CHANGEDSINCE 2 VANISHED)')).toEqual([
      '* VANISHED (EARLIER) 1,3',
      'OK Fetched',
    ])
    expect(await fixture.client.command('UID FETCH 1:* FLAGS (CHANGEDSINCE 4 VANISHED)')).toEqual(['OK Fetched'])
  })

  test.each([
    ['7 2', ['* VANISHED (EARLIER) 1,3', '* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (5))']],
    ['7 2 1:2', ['* VANISHED (EARLIER) 1', '* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (5))']],
    ['7 2 3:5 (1:2 3:4)', ['* VANISHED (EARLIER) 3']],
    ['7 4', ['* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (5))']],
    ['7 5', []],
    ['8 2', []],
  ])('SELECT with (QRESYNC (%s)) tells what happened', async (parameters, lines) => {
    await using fixture = await resynced()
    const { client, account } = fixture
    const inbox = account.demand('INBOX')
    inbox.expunge(inbox.messages.slice(0, 1))
    inbox.expunge(inbox.messages.slice(1, 2))
    inbox.changeFlags(inbox.messages.slice(0, 1), 'add', ['\\Seen'])
    await client.command('UNSELECT')
    const answer = await client.command(`SELECT INBOX (QRESYNC (${parameters}))`)
    expect(answer.filter((line) => /VANISHED|FETCH/.test(line))).toEqual(lines)
    expect(tagged(answer)).toStartWith('OK [READ-WRITE]')
  })

  test('says when the folder before was closed', async () => {
    await using fixture = await resynced()
    expect((await fixture.client.command('SELECT INBOX'))[0]).toStartWith('* OK [CLOSED]')
  })

  test.each([
    'FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)',
    'UID FETCH 1 FLAGS (CHANGEDSINCE 1 BOGUS)',
    'SELECT INBOX (QRESYNC 1)',
    'SELECT INBOX (QRESYNC (1))',
    'SELECT INBOX (QRESYNC (0x1 1))',
  ])('%s is BAD', async (command) => {
    await using fixture = await resynced()
    expect(tagged(await fixture.client.command(command))).toStartWith('BAD')
  })

  test('VANISHED is BAD before it is enabled', async () => {
    await using fixture = await opened()
    expect(tagged(await fixture.client.command('UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)'))).toStartWith('BAD')
  })
})
