import { describe, expect, test } from 'bun:test'
import { startFixture, tagged } from './fixture.ts'

async function watched() {
  const fixture = await startFixture({ inbox: ['a', 'b', 'c'] })
  await fixture.client.command('SELECT INBOX')
  return { ...fixture, inbox: fixture.account.demand('INBOX'), [Symbol.asyncDispose]: () => fixture.server.close() }
}

describe('a session with a folder open', () => {
  test('hears of new mail, changed flags and expunged mail with its next command', async () => {
    await using world = await watched()
    world.account.deliver('INBOX', { body: Buffer.from('d') })
    world.inbox.changeFlags(world.inbox.messages.slice(1, 2), 'add', ['\\Seen'])
    world.inbox.expunge(world.inbox.messages.slice(0, 1))
    expect(await world.client.command('NOOP')).toEqual([
      '* 1 EXPUNGE',
      '* 3 EXISTS',
      '* 3 RECENT',
      '* 1 FETCH (FLAGS (\\Seen \\Recent))',
      'OK Nothing done',
    ])
    expect(await world.client.command('NOOP')).toEqual(['OK Nothing done'])
  })

  test.each(['FETCH 2 UID', 'STORE 2 FLAGS.SILENT ()', 'SEARCH 2'])(
    'hears of no expunge with %s, whose numbers it would upset',
    async (command) => {
      await using world = await watched()
      world.inbox.expunge(world.inbox.messages.slice(0, 1))
      expect((await world.client.command(command)).join()).not.toContain('EXPUNGE')
      expect(await world.client.command('NOOP')).toEqual(['* 1 EXPUNGE', 'OK Nothing done'])
    },
  )

  test('hears nothing of mail that came and went before it asked', async () => {
    await using world = await watched()
    world.inbox.expunge(world.account.deliver('INBOX', { body: Buffer.from('d') }))
    expect(await world.client.command('NOOP')).toEqual(['OK Nothing done'])
  })

  test('does not hear twice what it just fetched', async () => {
    await using world = await watched()
    world.inbox.changeFlags(world.inbox.messages, 'add', ['\\Seen'])
    expect(await world.client.command('FETCH 2 FLAGS')).toEqual([
      '* 2 FETCH (FLAGS (\\Seen \\Recent))',
      '* 1 FETCH (FLAGS (\\Seen \\Recent))',
      '* 3 FETCH (FLAGS (\\Seen \\Recent))',
      'OK Fetched',
    ])
  })

  test('hears of what another session did', async () => {
    await using world = await watched()
    const other = await world.another()
    await other.command('SELECT INBOX')
    await other.command('STORE 1 +FLAGS (\\Deleted)')
    expect((await world.client.command('NOOP'))[0]).toBe('* 1 FETCH (FLAGS (\\Deleted \\Recent))')
    await other.command('EXPUNGE')
    expect((await world.client.command('CHECK'))[0]).toBe('* 1 EXPUNGE')
  })

  test('loses its connection when the folder is renumbered, and finds other UIDs afterwards', async () => {
    await using world = await watched()
    world.inbox.renumber(99, 10)
    world.client.send('a NOOP\r\n')
    expect(await world.client.rest()).toBe('* BYE Selected mailbox is no more what it was\r\n')
    const other = await world.another()
    expect(await other.command('EXAMINE INBOX')).toContain('* OK [UIDVALIDITY 99] UIDs valid')
    expect((await other.command('UID FETCH 1:* UID'))[0]).toBe('* 1 FETCH (UID 10)')
  })

  test('finds lower mod-sequences after the indexes were lost', async () => {
    await using world = await watched()
    world.inbox.forgetModseqs()
    expect((await world.client.command('STATUS INBOX (HIGHESTMODSEQ UIDNEXT UIDVALIDITY)'))[0]).toBe(
      '* STATUS INBOX (HIGHESTMODSEQ 1 UIDNEXT 4 UIDVALIDITY 7)',
    )
  })

  test('sees what was withheld when it is shown again', async () => {
    await using world = await watched()
    const show = world.inbox.withhold(world.inbox.messages.slice(2))
    expect(await world.client.command('NOOP')).toEqual(['* 3 EXPUNGE', 'OK Nothing done'])
    show()
    expect((await world.client.command('NOOP'))[0]).toBe('* 3 EXISTS')
    expect((await world.client.command('UID FETCH 3 UID'))[0]).toBe('* 3 FETCH (UID 3)')
  })
})

describe('IDLE', () => {
  test('tells news as they come, until DONE', async () => {
    await using world = await watched()
    const { client, account, inbox } = world
    client.send('a IDLE\r\n')
    expect(await client.response()).toBe('+ idling')
    account.deliver('INBOX', { body: Buffer.from('d') })
    expect(await client.response()).toBe('* 4 EXISTS')
    expect(await client.response()).toBe('* 4 RECENT')
    inbox.expunge(inbox.messages.slice(0, 1))
    expect(await client.response()).toBe('* 1 EXPUNGE')
    client.send('DONE\r\n')
    expect(await client.answer('a')).toEqual(['OK Idle completed'])
    account.deliver('INBOX', { body: Buffer.from('e') })
    expect(tagged(await client.command('NOOP'))).toStartWith('OK')
  })

  test('is BAD when it ends with anything else', async () => {
    await using world = await watched()
    world.client.send('a IDLE\r\nb NOOP\r\n')
    expect(await world.client.response()).toBe('+ idling')
    expect(await world.client.response()).toBe('a BAD Expected DONE')
  })
})
