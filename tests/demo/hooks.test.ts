import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import type { Hooks, SeenCommand, Verdict } from '../../src/demo/hooks.ts'
import { type ImapServer, startImapServer } from '../../src/demo/server.ts'
import type { Session } from '../../src/demo/session.ts'
import { Store } from '../../src/demo/store.ts'
import { Client, connectTo } from './client.ts'
import { literal, startFixture, tagged } from './fixture.ts'

const onCommand = (name: string, verdict: Verdict): Hooks => ({
  onCommand: (command) => (command.name === name ? verdict : undefined),
})

describe('onCommand', () => {
  test('sees every command with its line, the bad ones too', async () => {
    const seen: SeenCommand[] = []
    await using fixture = await startFixture({ hooks: { onCommand: (command) => void seen.push(command) } })
    const { client } = fixture
    await client.command('examine INBOX')
    await client.command(`APPEND INBOX (\\Seen) ${literal('a')} ${literal('b')}`)
    await client.command('STORE 1 FLAGS (')
    expect(seen.slice(1)).toEqual([
      { tag: 't2', name: 'EXAMINE', line: 't2 examine INBOX', refusal: null },
      { tag: 't3', name: 'APPEND', line: 't3 APPEND INBOX (\\Seen) {1+} {1+}', refusal: null },
      { tag: 't4', name: 'STORE', line: 't4 STORE 1 FLAGS (', refusal: expect.stringContaining('Expected') },
    ])
  })

  test.each(['NO [LIMIT] Too many', 'BAD No', 'OK [APPENDUID 9 9] Lied'])(
    'answers %s in place of the command',
    async (answer) => {
      await using fixture = await startFixture({ hooks: onCommand('APPEND', { answer }) })
      expect(await fixture.client.command(`APPEND INBOX ${literal('a')}`)).toEqual([answer])
      expect(fixture.account.demand('INBOX').messages).toBeEmpty()
      expect(tagged(await fixture.client.command('NOOP'))).toStartWith('OK')
    },
  )

  test('says BYE and hangs up', async () => {
    await using fixture = await startFixture({ hooks: onCommand('NOOP', { answer: 'BYE [UNAVAILABLE] Going down' }) })
    expect(await fixture.client.command('NOOP')).toEqual(['* BYE [UNAVAILABLE] Going down'])
  })

  test('drops the connection without a word', async () => {
    await using fixture = await startFixture({ hooks: onCommand('NOOP', 'drop') })
    expect(await fixture.client.command('NOOP')).toEqual([])
  })

  test('never answers, and lets the session go when the client does', async () => {
    await using fixture = await startFixture({ hooks: onCommand('NOOP', 'hang') })
    const { client, server } = fixture
    const other = await fixture.another()
    client.send('a NOOP\r\nb CAPABILITY\r\n')
    expect(tagged(await other.command('CAPABILITY'))).toStartWith('OK')
    expect(server.sessions.size).toBe(2)
    client.close()
    while (server.sessions.size > 1) await other.command('CAPABILITY')
  })

  test('delays an answer for as long as it waits', async () => {
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    await using fixture = await startFixture({
      hooks: { onCommand: async ({ name }) => (name === 'NOOP' ? void (await gate) : undefined) },
    })
    fixture.client.send('a NOOP\r\n')
    const other = await fixture.another()
    let isAnswered = false
    const answered = fixture.client.answer('a').then((answer) => {
      isAnswered = true
      return answer
    })
    await other.command('CAPABILITY')
    expect(isAnswered).toBeFalse()
    go()
    expect(await answered).toEqual(['OK Nothing done'])
  })

  test('changes the store in the middle of a session', async () => {
    await using fixture = await startFixture({
      inbox: ['a'],
      hooks: {
        onCommand: ({ name }, session) => {
          if (name === 'UID FETCH') session.account?.demand('INBOX').renumber(99)
        },
      },
    })
    await fixture.client.command('SELECT INBOX')
    expect(await fixture.client.command('UID FETCH 1 UID')).toEqual(['* BYE Selected mailbox is no more what it was'])
  })
})

describe('onResponse', () => {
  test('can corrupt an APPENDUID', async () => {
    const onResponse = (text: string) => text.replace(/APPENDUID (\d+) \d+/, 'APPENDUID $1 4711')
    await using fixture = await startFixture({ hooks: { onResponse } })
    expect(await fixture.client.command(`APPEND INBOX ${literal('a')}`)).toEqual(['OK [APPENDUID 7 4711] Appended'])
  })

  test('can hide what was appended, until it is shown', async () => {
    const shows: (() => void)[] = []
    const onResponse = (text: string, { account }: Session) => {
      const inbox = account?.folder('INBOX')
      if (inbox && text.includes('APPENDUID')) shows.push(inbox.withhold(inbox.messages))
      return text
    }
    await using fixture = await startFixture({ hooks: { onResponse } })
    expect(tagged(await fixture.client.command(`APPEND INBOX ${literal('a')}`))).toStartWith('OK [APPENDUID 7 1]')
    expect((await fixture.client.command('STATUS INBOX (MESSAGES UIDNEXT)'))[0]).toBe(
      '* STATUS INBOX (MESSAGES 0 UIDNEXT 2)',
    )
    for (const show of shows) show()
    expect((await fixture.client.command('STATUS INBOX (MESSAGES)'))[0]).toBe('* STATUS INBOX (MESSAGES 1)')
  })

  test('can lie about the length of a literal', async () => {
    const onResponse = (text: string) => text.replace(/\{5\}\r\n$/, '{3}\r\n')
    await using fixture = await startFixture({ inbox: ['abcde'], hooks: { onResponse } })
    await fixture.client.command('EXAMINE INBOX')
    expect((await fixture.client.command('FETCH 1 BODY[]'))[0]).toBe('* 1 FETCH (BODY[] {3}\r\nabcde)')
  })
})

describe('onConnect', () => {
  test.each([1, 20, 70])('cuts the connection behind byte %i of what it sends', async (bytes) => {
    await using cut = await startCut((session) => session.cutAfterSent(bytes))
    const client = new Client(connect(cut.port, '127.0.0.1'))
    client.send('a LOGIN anna secret\r\nb CAPABILITY\r\n')
    expect(await client.rest()).toHaveLength(bytes)
  })

  test.each([
    [0, 1],
    [-1, 0],
    [-2, 0],
    [-30, 0],
  ])('cuts the connection %i bytes from the end of an APPEND: %i messages land', async (fromEnd, landed) => {
    const script = `a LOGIN anna secret\r\nb APPEND INBOX ${literal('some mail\r\n')}\r\n`
    await using cut = await startCut((session) => session.cutAfterReceived(script.length + fromEnd))
    const client = await connectTo(cut.port)
    client.send(script)
    await client.rest()
    expect(cut.store.account('anna').demand('INBOX').messages).toHaveLength(landed)
  })

  test('turns a client away in the greeting', async () => {
    await using cut = await startCut((session) => session.bye('[UNAVAILABLE] Too many connections'))
    const client = new Client(connect(cut.port, '127.0.0.1'))
    expect(await client.rest()).toBe('* BYE [UNAVAILABLE] Too many connections\r\n')
  })

  test('signs a client in before it asks', async () => {
    await using cut = await startCut((session) => {
      session.account = session.context.store.account('anna')
    })
    const client = new Client(connect(cut.port, '127.0.0.1'))
    expect(await client.response()).toStartWith('* PREAUTH ')
    expect(tagged(await client.command('SELECT INBOX'))).toStartWith('OK')
  })
})

function startCut(onConnect: (session: Session) => void): Promise<ImapServer> {
  const store = new Store()
  store.addAccount({ userName: 'anna', password: 'secret' })
  return startImapServer({ store, hooks: { onConnect } })
}
