import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

const mails = [
  {
    body: 'From: ann@example.org\r\nSubject: One\r\nDate: Mon, 1 Jan 2024 23:00:00 -0800\r\n\r\nalpha',
    internalDate: '01-Jan-2024 23:59:59 -0800',
  },
  {
    body: 'From: bob@example.org\r\nTo: ann@example.org\r\nSubject: Two\r\n three\r\n\r\nbeta',
    internalDate: '02-Jan-2024 00:00:00 +1400',
  },
  {
    body: 'Cc: x\r\nBcc: y\r\nMessage-ID: <three@example.org>\r\n\r\ngamma and more',
    internalDate: '03-Jan-2024 12:00:00 +0000',
  },
] as const

/** Messages 1 to 3 have UIDs 2 to 4. */
async function opened(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture({ inbox: ['gone'], ...options })
  const { account, client } = fixture
  account.deliver('INBOX', ...mails.map(({ body, internalDate }) => ({ body: Buffer.from(body), internalDate })))
  const inbox = account.demand('INBOX')
  inbox.expunge(inbox.messages.slice(0, 1))
  inbox.changeFlags(inbox.messages.slice(0, 1), 'add', ['\\Seen', 'Work'])
  inbox.changeFlags(inbox.messages.slice(1, 2), 'add', ['\\Seen', '\\Answered', '\\Flagged'])
  inbox.changeFlags(inbox.messages.slice(2, 3), 'add', ['\\Deleted', '\\Draft'])
  await client.command('EXAMINE INBOX')
  return fixture
}

describe('SEARCH', () => {
  test.each([
    ['ALL', '1 2 3'],
    ['SEEN', '1 2'],
    ['UNSEEN', '3'],
    ['ANSWERED', '2'],
    ['UNANSWERED', '1 3'],
    ['DELETED', '3'],
    ['UNDELETED', '1 2'],
    ['DRAFT', '3'],
    ['UNDRAFT', '1 2'],
    ['FLAGGED', '2'],
    ['UNFLAGGED', '1 3'],
    ['RECENT', '1 2 3'],
    ['NEW', '3'],
    ['OLD', ''],
    ['KEYWORD work', '1'],
    ['UNKEYWORD Work', '2 3'],
    ['ON 1-Jan-2024', '1'],
    ['SINCE 2-Jan-2024', '2 3'],
    ['BEFORE "2-Jan-2024"', '1'],
    ['SENTON 1-Jan-2024', '1'],
    ['SENTSINCE 2-Jan-2024', ''],
    ['SENTBEFORE 2-Jan-2024', '1'],
    [`LARGER ${mails[1].body.length}`, '1'],
    [`SMALLER ${mails[1].body.length}`, '3'],
    ['FROM ann', '1'],
    ['TO ANN', '2'],
    ['CC x', '3'],
    ['BCC y', '3'],
    ['SUBJECT "two three"', '2'],
    ['HEADER message-id <THREE@example.org>', '3'],
    ['HEADER Message-ID ""', '3'],
    ['BODY gamma', '3'],
    ['BODY example', ''],
    ['TEXT example', '1 2 3'],
    ['TEXT {5+}\r\nalpha', '1'],
    ['UID 3:*', '2 3'],
    ['UID 99:*', '3'],
    ['UID 99', ''],
    ['2:*', '2 3'],
    ['1,3', '1 3'],
    ['9', ''],
    ['NOT SEEN', '3'],
    ['OR ANSWERED DRAFT', '2 3'],
    ['SEEN FLAGGED', '2'],
    ['(SEEN (NOT FLAGGED))', '1'],
    ['OR (SEEN KEYWORD Work) NOT 1:2', '1 3'],
    ['CHARSET utf-8 SEEN', '1 2'],
    ['MODSEQ 6', '2 3 (MODSEQ 7)'],
    ['MODSEQ "/flags/\\\\draft" all 7', '3 (MODSEQ 7)'],
    ['MODSEQ 99', ''],
  ])('%s finds %j', async (keys, found) => {
    await using fixture = await opened()
    expect(await fixture.client.command(`SEARCH ${keys}`)).toEqual([`* SEARCH ${found}`.trimEnd(), 'OK Searched'])
  })

  test('by UID answers UIDs', async () => {
    await using fixture = await opened()
    expect(await fixture.client.command('UID SEARCH 2:3')).toEqual(['* SEARCH 3 4', 'OK Searched'])
  })

  test.each([
    ['RETURN (ALL COUNT) ALL', ' ALL 1:3 COUNT 3'],
    ['RETURN () 1,3', ' ALL 1,3'],
    ['RETURN (MIN MAX) SEEN', ' MIN 1 MAX 2'],
    ['RETURN (MIN MAX ALL COUNT) UID 99', ' COUNT 0'],
    ['RETURN (COUNT) MODSEQ 6', ' COUNT 2 MODSEQ 7'],
    ['return (count) charset US-ASCII all', ' COUNT 3'],
  ])('%s answers%s', async (keys, result) => {
    await using fixture = await opened()
    const [line] = await fixture.client.command(`SEARCH ${keys}`)
    expect(line).toMatch(/^\* ESEARCH \(TAG "t\d+"\)/)
    expect(line).toEndWith(`")${result}`)
  })

  test('with RETURN by UID says so', async () => {
    await using fixture = await opened()
    expect((await fixture.client.command('UID SEARCH RETURN (ALL COUNT) UID 1:3'))[0]).toEndWith(' UID ALL 2:3 COUNT 2')
  })

  test.each([
    ['', 'BAD'],
    ['BOGUS', 'BAD'],
    ['SINCE yesterday', 'BAD'],
    ['ON 31-Feb-2024', 'BAD'],
    ['LARGER x', 'BAD'],
    ['SUBJECT', 'BAD'],
    ['()', 'BAD'],
    ['(SEEN', 'BAD'],
    ['OR SEEN', 'BAD'],
    ['NOT', 'BAD'],
    ['1:', 'BAD'],
    ['UID x', 'BAD'],
    ['SEEN  FLAGGED', 'BAD'],
    ['RETURN (BOGUS) ALL', 'BAD'],
    ['RETURN ALL', 'BAD'],
    ['CHARSET latin-1 ALL', 'NO [BADCHARSET (US-ASCII UTF-8)]'],
    [`${'('.repeat(2000)}ALL${')'.repeat(2000)}`, 'BAD Search keys nested too deeply'],
    [`${'NOT '.repeat(2000)}ALL`, 'BAD Search keys nested too deeply'],
  ])('%.40s is answered with %s', async (keys, answer) => {
    await using fixture = await opened()
    expect(tagged(await fixture.client.command(`SEARCH ${keys}`))).toStartWith(answer)
  })

  test('finds nothing that another session expunged', async () => {
    await using fixture = await opened()
    const inbox = fixture.account.demand('INBOX')
    inbox.expunge(inbox.messages.slice(0, 1))
    expect((await fixture.client.command('SEARCH ALL'))[0]).toBe('* SEARCH 2 3')
  })
})
