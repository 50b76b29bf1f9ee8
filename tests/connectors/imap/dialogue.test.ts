import { describe, expect, test } from 'bun:test'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { ProtocolError } from '../../../src/connectors/imap/codec/cursor.ts'
import { type Answer, Dialogue } from '../../../src/connectors/imap/dialogue.ts'
import { errorOf } from '../../support/error-of.ts'
import { seededRandom } from '../../support/random.ts'

/** One end of a connection: what was written to it, and a way to say something. */
function line() {
  const sent: string[] = []
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _, done) {
      sent.push(Buffer.from(chunk).toString('latin1'))
      done()
    },
  })
  const say = (text: string): void => void stream.emit('data', Buffer.from(text, 'latin1'))
  return { sent, say, stream, dialogue: new Dialogue(stream as unknown as Socket, 60_000) }
}

const conversation = [
  '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Grüße\r\n',
  '* 1 EXISTS\r\n+ \r\n* OK [CAPABILITY A] x\r\ns1 NO [LIMIT] {5}\r\n',
  '* OK\n* capability a b=c \ns2 ok\n',
  '* 2 EXISTS\r\n* 3 EX',
].join('')

/** Greeting, a command in two pieces, and another one; the last answer, and what was not read. */
async function converse(dialogue: Dialogue): Promise<readonly unknown[]> {
  const answers: Answer[] = [await dialogue.greeting(60_000)]
  answers.push(await dialogue.command('A', ['piece']), await dialogue.command('B'))
  const told = answers.map(({ status, code, capabilities, piecesSent }) => [
    status,
    code?.name ?? null,
    capabilities && [...capabilities].join(),
    piecesSent,
  ])
  return [...told, Buffer.from(dialogue.leave()).toString('latin1')]
}

const whole = [
  ['OK', 'CAPABILITY', 'IMAP4REV1,AUTH=PLAIN', 0],
  ['NO', 'LIMIT', 'A', 1],
  ['OK', null, 'A,B=C', 0],
  '* 2 EXISTS\r\n* 3 EX',
]

describe('what a server says before the sign-in', () => {
  test('means the same wherever it is split', async () => {
    for (let at = 0; at <= conversation.length; at++) {
      const { dialogue, say, sent } = line()
      say(conversation.slice(0, at))
      const heard = converse(dialogue)
      say(conversation.slice(at))
      expect(await heard).toEqual(whole)
      expect(sent).toEqual(['s1 A\r\n', 'piece\r\n', 's2 B\r\n'])
    }
  })

  test('means the same byte by byte', async () => {
    const { dialogue, say } = line()
    const heard = converse(dialogue)
    for (const char of conversation) say(char)
    expect(await heard).toEqual(whole)
  })

  test('is understood or refused, whatever it is', async () => {
    const random = seededRandom(7)
    const words = [
      ...conversation.split(/(?<=[ \r\n[\]])/),
      '+',
      '\0',
      '* ',
      's1 ',
      's2 OK',
      'BYE',
      '\xff',
      '\r',
      '[',
      '{9}',
    ]
    let refused = 0
    for (let round = 0; round < 3000; round++) {
      const { dialogue, say, stream } = line()
      const heard = converse(dialogue).then(
        () => null,
        (error: unknown) => error,
      )
      const parts = Array.from(
        { length: 1 + Math.floor(random() * 30) },
        () => words[Math.floor(random() * words.length)],
      )
      // Half of it begins like an honest server.
      if (round % 2) say('* OK hi\r\n')
      for (const part of parts) say(part ?? '')
      stream.emit('end')
      const error = await heard
      if (error === null) continue
      refused += 1
      expect(error instanceof ProtocolError || (error as { code?: string }).code === 'NoConnection').toBe(true)
    }
    expect(refused).toBeGreaterThan(1000)
  })

  test('is bounded, in lines and altogether', async () => {
    for (const text of ['x', '* OK x\r\n']) {
      const { dialogue, say, stream } = line()
      const heard = errorOf(dialogue.greeting(60_000).then(() => dialogue.command('A')))
      say('* OK hi\r\n')
      for (let bytes = 0; bytes <= 64 * 1024; bytes += text.length) say(text)
      expect(await heard).toBeInstanceOf(ProtocolError)
      expect(stream.destroyed).toBe(true)
    }
  })

  test('is read before the end of the connection counts', async () => {
    const { dialogue, say, stream } = line()
    const heard = dialogue.greeting(60_000)
    say('* BYE Not now\r\n')
    stream.emit('end')
    expect(await heard).toMatchObject({ status: 'BYE', text: 'Not now' })
    expect(await errorOf(dialogue.command('A'))).toMatchObject({ code: 'NoConnection' })
    expect(() => dialogue.leave()).toThrow('closed')
  })

  test('is not heard any more once the dialogue has left', async () => {
    const { dialogue, say, stream } = line()
    say('* OK hi\r\nmore')
    await dialogue.greeting(60_000)
    expect(Buffer.from(dialogue.leave()).toString()).toBe('more')
    say(' and more')
    expect(stream.listenerCount('data')).toBe(0)
    expect(Buffer.from(dialogue.leave()).toString()).toBe('more')
  })
})
