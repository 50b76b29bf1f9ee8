import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

async function opened(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture({ inbox: ['a', 'b', 'c'], ...options })
  // Nothing is recent in a folder that was open before.
  await fixture.client.command('SELECT INBOX')
  await fixture.client.command('SELECT INBOX')
  return fixture
}

const fetches = (answer: readonly string[]): readonly string[] => answer.filter((line) => line.includes(' FETCH '))

describe('STORE', () => {
  test.each([
    ['STORE 1 FLAGS (\\Seen \\draft)', '(\\Seen \\Draft)'],
    ['STORE 1 flags \\Seen \\Draft', '(\\Seen \\Draft)'],
    ['STORE 1 +FLAGS (Work)', '(\\Flagged Work)'],
    ['STORE 1 -FLAGS (\\Flagged)', '()'],
    ['STORE 1 FLAGS ()', '()'],
    ['STORE 1 +FLAGS ()', '(\\Flagged)'],
  ])('%s answers %s', async (command, flags) => {
    await using fixture = await opened()
    await fixture.client.command('STORE 1 FLAGS.SILENT \\Flagged')
    expect(fetches(await fixture.client.command(command))).toEqual([`* 1 FETCH (FLAGS ${flags})`])
  })

  test('is quiet with .SILENT', async () => {
    await using fixture = await opened()
    expect(await fixture.client.command('STORE 1:2 +FLAGS.SILENT (\\Seen)')).toEqual(['OK Stored'])
    expect(await fixture.client.command('NOOP')).toEqual(['OK Nothing done'])
    expect((await fixture.client.command('FETCH 2 FLAGS'))[0]).toBe('* 2 FETCH (FLAGS (\\Seen))')
  })

  test('UID STORE tells the UID, and passes over those that are gone', async () => {
    await using fixture = await opened()
    expect(await fixture.client.command('UID STORE 2,99 +FLAGS (\\Seen)')).toEqual([
      '* 2 FETCH (UID 2 FLAGS (\\Seen))',
      'OK Stored',
    ])
  })

  test('tells of a keyword that is new in the folder', async () => {
    await using fixture = await opened()
    expect((await fixture.client.command('STORE 1 +FLAGS.SILENT (Work)'))[0]).toBe(
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)',
    )
  })

  test('knows a keyword in any case', async () => {
    await using fixture = await opened()
    await fixture.client.command('STORE 1 FLAGS (Work)')
    expect(fetches(await fixture.client.command('STORE 1 +FLAGS (WORK)'))).toEqual(['* 1 FETCH (FLAGS (Work))'])
    expect(fetches(await fixture.client.command('STORE 1 -FLAGS (work)'))).toEqual(['* 1 FETCH (FLAGS ())'])
  })

  test('passes over keywords that PERMANENTFLAGS leaves out', async () => {
    await using fixture = await opened({ keywords: ['Work'] })
    expect(fetches(await fixture.client.command('STORE 1 FLAGS (Play Work)'))).toEqual(['* 1 FETCH (FLAGS (Work))'])
  })

  test.each([
    'STORE 1 FLAGS',
    'STORE 1 FLAGS (\\Recent)',
    'STORE 1 FLAGS (\\Bogus)',
    'STORE 1 FLAGS (\\)',
    'STORE 1 FLAGS ("x")',
    'STORE 1 FLAGS (a  b)',
    'STORE 1 FLAGS (a) ',
    'STORE 1 FLAGS (a]b)',
    'STORE 1 FLAGS (a',
    'STORE 1 BOGUS (a)',
    'STORE 1 FLAGS.LOUD (a)',
    'STORE 4 FLAGS (a)',
    'STORE 0 FLAGS (a)',
    'STORE 1 (BOGUS 1) FLAGS (a)',
    'STORE 1 (UNCHANGEDSINCE) FLAGS (a)',
  ])('%s is BAD, and changes nothing', async (command) => {
    await using fixture = await opened()
    expect(tagged(await fixture.client.command(command))).toStartWith('BAD')
    expect(fixture.account.demand('INBOX').highestModseq).toBe(2)
  })

  test('takes 200 keywords', async () => {
    await using fixture = await opened()
    const keywords = Array.from({ length: 200 }, (_, index) => `k${index}`)
    expect(fetches(await fixture.client.command(`STORE 1 FLAGS (${keywords.join(' ')})`))).toEqual([
      `* 1 FETCH (FLAGS (${keywords.join(' ')}))`,
    ])
  })
})

describe('EXPUNGE', () => {
  test('removes what is marked deleted, and renumbers as it goes', async () => {
    await using fixture = await opened()
    await fixture.client.command('STORE 1,3 +FLAGS.SILENT (\\Deleted)')
    expect(await fixture.client.command('EXPUNGE')).toEqual(['* 1 EXPUNGE', '* 2 EXPUNGE', 'OK Expunged'])
    expect(fixture.account.demand('INBOX').messages.map(({ uid }) => uid)).toEqual([2])
    expect(await fixture.client.command('EXPUNGE')).toEqual(['OK Expunged'])
  })

  test('by UID leaves the others marked', async () => {
    await using fixture = await opened()
    await fixture.client.command('STORE 1:3 +FLAGS.SILENT (\\Deleted)')
    expect(await fixture.client.command('UID EXPUNGE 2:*')).toEqual(['* 2 EXPUNGE', '* 2 EXPUNGE', 'OK Expunged'])
    expect(await fixture.client.command('UID FETCH 1 FLAGS')).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Deleted))',
      'OK Fetched',
    ])
  })

  test('never gives a UID twice', async () => {
    await using fixture = await opened()
    await fixture.client.command('STORE 3 +FLAGS.SILENT (\\Deleted)')
    await fixture.client.command('EXPUNGE')
    fixture.account.deliver('INBOX', { body: Buffer.from('d') })
    expect(fixture.account.demand('INBOX').messages.at(-1)?.uid).toBe(4)
  })
})
