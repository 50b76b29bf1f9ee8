import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Folder } from '../../../src/domain/mail.ts'
import { collect, drain, faultOf } from '../conformance.ts'
import { type Said, type ScriptedServer, startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ stallMs: 200, signInMs: 2_000 })
const { signal } = new AbortController()

const inbox: Folder = {
  name: 'INBOX',
  path: ['INBOX'],
  specialUse: null,
  isSelectable: true,
  isSubscribed: true,
  id: null,
  status: { messages: 3, uidNext: 4, uidValidity: 7, highestModseq: null },
}

/** Sends text again and again as fast as the other side reads it, until it hangs up. */
function flood({ socket }: Said, text: string): true {
  const chunk = Buffer.from(text.repeat(Math.max(1, Math.floor(65_536 / text.length))), 'latin1')
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', pour)
  pour()
  return true
}

type Act = (said: Said) => unknown

/** What a server does instead of answering an honest command, and what the client makes of it. */
async function onFetch(
  act: (said: Said) => unknown,
  work: (server: ScriptedServer) => Promise<unknown>,
): Promise<void> {
  await using server = await startScript((said) => said.text.startsWith('UID FETCH') && act(said))
  await work(server)
}

const fetchAll = async (server: ScriptedServer) => {
  await using source = await connector.openSource(server.access, signal)
  return await collect(source.fetch(inbox, [1, 2, 3]))
}

const peakMb = (): number => process.memoryUsage().rss / 1024 / 1024

describe('a server that sends', () => {
  test.each<readonly [string, Act]>([
    ['a line without an end', (said) => flood(said, 'x')],
    ['a response of literals without an end', (said) => said.send('* LIST ') ?? flood(said, '{1}\r\nx ')],
    ['a token flood', (said) => said.send('* 1 FETCH (') ?? flood(said, '(()) ')],
    ['untagged talk without an end', (said) => flood(said, `* OK ${'still here '.repeat(100)}\r\n`)],
    ['news of flags without an end', (said) => flood(said, `* 1 FETCH (FLAGS (${'\\Seen '.repeat(50)}))\r\n`)],
    [
      'a literal above 32 bits',
      (said) => said.send('* 1 FETCH (UID 1 FLAGS () INTERNALDATE "" BODY[] {4294967296}\r\n') ?? true,
    ],
    ['a negative literal', (said) => said.send('* 1 FETCH (UID 1 BODY[] {-1}\r\n') ?? true],
    ['a tag that was never sent', (said) => said.send('x99 OK done\r\n') ?? true],
    ['a tag without an answer', (said) => said.send(`${said.tag} MAYBE\r\n`) ?? true],
    ['no IMAP at all', (said) => said.send('HTTP/1.1 200 OK\r\n\r\n') ?? true],
    ['a NUL', (said) => said.send('* OK \0\r\n') ?? true],
    ['half a FETCH', (said) => said.send('* 1 FETCH (UID 1 FLAGS (\r\n') ?? true],
    ['a name as a literal of a megabyte and more', (said) => said.send('* LIST () "/" {1048577}\r\n') ?? true],
  ])('%s is given up, with bounded memory', async (_, act) => {
    const before = peakMb()
    await onFetch(act, async (server) => {
      expect(await faultOf(fetchAll(server))).toMatchObject({ code: 'server.protocol', side: 'source' })
    })
    expect(peakMb() - before).toBeLessThan(250)
  })

  test('folders without an end is given up', async () => {
    await using server = await startScript((said) => said.text.startsWith('LIST') && flood(said, folders()))
    const folders = (): string => Array.from({ length: 1000 }, () => `* LIST () "/" f${Math.random()}\r\n`).join('')
    await using source = await connector.openSource(server.access, signal)
    // The same thousand names come again and again, and count once: it is the talk that is endless.
    const listing = source.listFolders()
    await Bun.sleep(50)
    source.destroy()
    expect(await faultOf(listing)).toMatchObject({ code: 'cancelled' })
  })

  test('more folders than there can be is given up', async () => {
    let count = 0
    const script = (said: Said): boolean => {
      if (!said.text.startsWith('LIST')) return false
      const pour = (): void => {
        let goesOn = true
        while (goesOn && !said.socket.destroyed) {
          const names = Array.from({ length: 500 }, () => `* LIST () "/" f${count++}\r\n`)
          goesOn = said.socket.write(names.join(''))
        }
      }
      said.socket.on('drain', pour)
      pour()
      return true
    }
    await using server = await startScript(script)
    await using source = await connector.openSource(server.access, signal)
    expect(await faultOf(source.listFolders())).toMatchObject({ code: 'server.protocol' })
  })

  test('a greeting without an end is given up', async () => {
    await using server = await startScript(() => true, `* OK ${'x'.repeat(200_000)}`)
    expect(await faultOf(connector.openSource(server.access, signal))).toMatchObject({ code: 'connect.unreachable' })
  })

  test.each([
    ['the end in the middle of a literal', '* 1 FETCH (UID 1 FLAGS () INTERNALDATE "" BODY[] {10}\r\nhalf'],
    ['the end in the middle of a line', '* 1 FETCH (UID 1 FLA'],
    ['the end instead of an answer', ''],
  ])('%s has dropped the connection', async (_, text) => {
    await onFetch(
      ({ socket }) => socket.end(text, 'latin1'),
      async (server) =>
        expect(await faultOf(fetchAll(server))).toMatchObject({
          code: 'connect.dropped',
          scope: 'mailbox',
          side: 'source',
        }),
    )
  })

  test.each([
    ['BYE [UNAVAILABLE] Going down', 'server.unavailable'],
    ['BYE Too many connections', 'server.limit'],
    ['BYE Autologout', 'connect.dropped'],
    ['BYE Request is throttled. Suggested Backoff Time: 5000 milliseconds', 'server.throttled'],
  ])('%s has left at once, without waiting for the end', async (text, code) => {
    await onFetch(
      ({ send }) => send(`* ${text}\r\n`) ?? true,
      async (server) =>
        expect(await faultOf(fetchAll(server))).toMatchObject({ code, scope: 'mailbox', side: 'source' }),
    )
  })

  test('nothing any more is given up after a while', async () => {
    await onFetch(
      () => true,
      async (server) =>
        expect(await faultOf(fetchAll(server))).toMatchObject({ code: 'connect.timeout', side: 'source' }),
    )
  })

  test('something now and then is waited for, however long it takes', async () => {
    const mail = Array.from({ length: 12 }, (_, index) => `line ${index}\r\n`).join('')
    await onFetch(
      ({ send, end }) => {
        send(`* 1 FETCH (UID 1 FLAGS () INTERNALDATE "" BODY[] {${mail.length}}\r\n`)
        let at = 0
        const timer = setInterval(() => {
          send(mail.slice(at, at + 10))
          at += 10
          if (at < mail.length) return
          clearInterval(timer)
          send(')\r\n')
          end('OK done')
        }, 40)
        return true
      },
      async (server) => {
        const [item] = await fetchAll(server)
        expect(item?.bytes.toString()).toBe(mail)
      },
    )
  })
})

test('a process that slept reads what came meanwhile before it judges', async () => {
  await onFetch(
    ({ send, end }) => {
      send('* 1 FETCH (UID 1 FLAGS () INTERNALDATE "" BODY[] {5}\r\nhello)\r\n')
      end('OK done')
      // The whole process stands still for five times what a stall would be.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
      return true
    },
    async (server) => expect(await fetchAll(server)).toHaveLength(1),
  )
})

describe('an abort', () => {
  test('cuts a session whatever it is doing', async () => {
    const abort = new AbortController()
    const asked = Promise.withResolvers<void>()
    await onFetch(
      () => {
        asked.resolve()
        return true
      },
      async (server) => {
        await using source = await connector.openSource(server.access, abort.signal)
        const items = collect(source.fetch(inbox, [1]))
        await asked.promise
        abort.abort()
        expect(await faultOf(items)).toMatchObject({ code: 'cancelled', scope: 'cancelled' })
        await server.closed()
      },
    )
  })

  test.each([/^CAPABILITY/, /^AUTHENTICATE/])('cuts a sign-in that hangs at %s', async (pattern) => {
    const abort = new AbortController()
    await using server = await startScript(({ text }) => {
      if (!pattern.test(text)) return false
      abort.abort()
      return true
    })
    expect(await faultOf(connector.openSource(server.access, abort.signal))).toMatchObject({ code: 'cancelled' })
    await server.closed()
  })

  test('cuts a session that hangs at NAMESPACE', async () => {
    const abort = new AbortController()
    await using server = await startScript(({ text }) => {
      if (text !== 'NAMESPACE') return false
      abort.abort()
      return true
    })
    await using source = await connector.openSource(server.access, abort.signal)
    expect(await faultOf(source.listFolders())).toMatchObject({ code: 'cancelled' })
    await server.closed()
  })

  test('that came before leaves the server alone', async () => {
    await using server = await startScript(() => false)
    expect(await faultOf(connector.openSource(server.access, AbortSignal.abort()))).toMatchObject({ code: 'cancelled' })
    expect(server.connections).toBe(0)
  })
})

describe('reading', () => {
  const item = (uid: number, text: string): string =>
    `* ${uid} FETCH (UID ${uid} FLAGS (\\Seen) INTERNALDATE "01-Jan-2024 00:00:00 +0000" BODY[] {${text.length}}\r\n${text})\r\n`

  test.each([
    ['a literal', item(1, 'hello')],
    ['a literal8', item(1, 'hello').replace('{5}', '~{5}')],
    ['a quoted string', item(1, 'hello').replace('{5}\r\nhello', '"hello"')],
    [
      'items in another order',
      '* 1 FETCH (INTERNALDATE " 1-Jan-2024 00:00:00 +0000" FLAGS (\\Seen) MODSEQ (5) UID 1 BODY[] {5}\r\nhello)\r\n',
    ],
    [
      'news in between',
      `* 2 EXPUNGE\r\n* 9 FETCH (FLAGS ())\r\n* 4 EXISTS\r\n${item(1, 'hello')}* 1 FETCH (UID 1 FLAGS ())\r\n* VANISHED 3\r\n`,
    ],
    ['the same message twice', item(1, 'hello') + item(1, 'hello')],
    ['messages nobody asked for', item(77, 'other') + item(1, 'hello') + item(78, 'x'.repeat(2_000_000))],
    [
      'nothing of a message that is gone',
      '* 2 FETCH (UID 2 FLAGS () INTERNALDATE "" BODY[] NIL)\r\n'.concat(item(1, 'hello')),
    ],
  ])('takes %s', async (_, text) => {
    await onFetch(
      ({ send, end }) => {
        send(text)
        end('OK done')
        return true
      },
      async (server) => {
        const items = await fetchAll(server)
        expect(items).toMatchObject([
          { uid: 1, flags: ['\\Seen'], receivedAt: '01-Jan-2024 00:00:00 +0000', sizeBytes: 5 },
        ])
        expect(items[0]?.bytes.toString()).toBe('hello')
      },
    )
  })

  test('takes a message without a date that parses', async () => {
    await onFetch(
      ({ send, end }) => send(item(1, 'x').replace('01-Jan-2024', '99-Foo-2024')) ?? end('OK done') ?? true,
      async (server) => expect(await fetchAll(server)).toMatchObject([{ receivedAt: null }]),
    )
  })

  test('does not take messages for gone where the server says NO', async () => {
    await onFetch(
      ({ send, end }) => send(item(1, 'x')) ?? end('NO [SERVERBUG] Some messages could not be read') ?? true,
      async (server) => expect(await faultOf(fetchAll(server))).toMatchObject({ code: 'server.unavailable' }),
    )
  })

  test('takes messages for gone where the server says that they were expunged', async () => {
    await onFetch(
      ({ send, end }) => send(item(1, 'x')) ?? end('NO [EXPUNGEISSUED] Some are gone') ?? true,
      async (server) => expect(await fetchAll(server)).toHaveLength(1),
    )
  })

  test('passes over a message above the limit, and goes on behind it', async () => {
    await onFetch(
      ({ send, end }) => send(item(1, 'a') + item(2, 'x'.repeat(100_000)) + item(3, 'c')) ?? end('OK done') ?? true,
      async (server) => {
        await using source = await connector.openSource({ ...server.access, literalBytesMax: 99_999 }, signal)
        const seen: unknown[] = []
        for await (const { uid, body } of source.fetch(inbox, [1, 2, 3])) {
          seen.push([
            uid,
            await drain(body).then(
              (chunks) => Buffer.concat(chunks).toString(),
              (fault) => fault,
            ),
          ])
        }
        expect(seen).toMatchObject([
          [1, 'a'],
          [2, { code: 'source.corrupt', scope: 'item' }],
          [3, 'c'],
        ])
      },
    )
  })

  test('throws away what its reader does not read, and goes on', async () => {
    await onFetch(
      ({ send, end }) => send(item(1, 'x'.repeat(3_000_000)) + item(2, 'b') + item(3, 'c')) ?? end('OK done') ?? true,
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        const uids: number[] = []
        for await (const { uid } of source.fetch(inbox, [1, 2, 3])) uids.push(uid)
        expect(uids).toEqual([1, 2, 3])
      },
    )
  })

  test('can be left early; the session goes on', async () => {
    await onFetch(
      ({ send, end, text }) => {
        if (text.includes('RFC822.SIZE')) return false
        send(item(1, 'x'.repeat(3_000_000)) + item(2, 'b'))
        end('OK done')
        return true
      },
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        for await (const { uid } of source.fetch(inbox, [1, 2])) if (uid === 1) break
        expect([...(await source.list(inbox))]).toEqual([])
      },
    )
  })

  test('cuts the connection where too much would have to be thrown away', async () => {
    await onFetch(
      ({ send, end, text }) => {
        if (text.includes('RFC822.SIZE')) return false
        send(item(1, 'a') + item(2, 'x'.repeat(40_000_000)))
        end('OK done')
        return true
      },
      async (server) => {
        const source = await connector.openSource(server.access, signal)
        for await (const { uid } of source.fetch(inbox, [1, 2])) if (uid === 1) break
        expect(await faultOf(source.list(inbox))).toMatchObject({ code: 'connect.dropped' })
      },
    )
  })

  test('holds a server back that is faster than its reader, for longer than a stall would be borne', async () => {
    let written = 0
    const bytes = 30_000_000
    await onFetch(
      ({ socket, end, send }) => {
        send(`* 1 FETCH (UID 1 FLAGS () INTERNALDATE "" BODY[] {${bytes}}\r\n`)
        const chunk = Buffer.alloc(100_000, 'x')
        const pour = (): void => {
          while (written < bytes) {
            written += chunk.length
            if (!socket.write(chunk)) return
          }
          socket.off('drain', pour)
          send(')\r\n')
          end('OK done')
        }
        socket.on('drain', pour)
        pour()
        return true
      },
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        let received = 0
        for await (const { body } of source.fetch(inbox, [1])) {
          for await (const chunk of body) {
            if (received === 0) {
              await Bun.sleep(500)
              // Our megabyte, and what the two kernels hold.
              expect(written).toBeLessThan(20_000_000)
            }
            received += chunk.length
          }
        }
        expect(received).toBe(bytes)
      },
    )
  })

  test('takes contents that come before all else, one at a time, and trusts the UID behind them only', async () => {
    const mails: Record<string, string> = { 1: 'one', 2: 'two', 3: 'three' }
    await onFetch(
      ({ send, end, text }) => {
        const uids =
          text.includes('BODY') && /^UID FETCH (\d)/.test(text) && !text.includes(':')
            ? [text.slice(10, 11)]
            : ['1', '2', '3']
        for (const uid of uids) {
          const meta = `UID ${uid} FLAGS (f${uid}) INTERNALDATE "0${uid}-Jan-2024 00:00:00 +0000"`
          const mail = mails[uid] ?? ''
          if (text.includes('RFC822.SIZE')) send(`* ${uid} FETCH (RFC822.SIZE 5 ${meta})\r\n`)
          else send(`* ${uid} FETCH (BODY[] {${mail.length}}\r\n${mail} ${meta})\r\n`)
        }
        end('OK done')
        return true
      },
      async (server) => {
        const items = await fetchAll(server)
        expect(
          items.map(({ uid, bytes, flags, receivedAt }) => [uid, bytes.toString(), flags[0], receivedAt?.slice(0, 2)]),
        ).toEqual([
          [1, 'one', 'f1', '01'],
          [2, 'two', 'f2', '02'],
          [3, 'three', 'f3', '03'],
        ])
      },
    )
  })

  test('does not believe a content that turns out to be another message', async () => {
    await onFetch(
      ({ send, end, text }) => {
        if (text.includes('RFC822.SIZE')) send('* 1 FETCH (UID 1 RFC822.SIZE 5 FLAGS () INTERNALDATE "")\r\n')
        else send('* 1 FETCH (BODY[] {1}\r\nx UID 9 FLAGS () INTERNALDATE "")\r\n')
        end('OK done')
        return true
      },
      async (server) => expect(await faultOf(fetchAll(server))).toMatchObject({ code: 'server.protocol' }),
    )
  })

  test.each([
    [
      'literals, their UID in front or behind',
      '* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[HEADER] {4}\r\nA: 1)\r\n* 2 FETCH (BODY[HEADER] {4}\r\nB: 2 RFC822.SIZE 8 UID 2)\r\n',
    ],
    [
      'quoted strings',
      '* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[HEADER] "A: 1")\r\n* 2 FETCH (BODY[HEADER] "B: 2" UID 2 RFC822.SIZE 8)\r\n',
    ],
    [
      'headers nobody asked for',
      '* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[HEADER] {4}\r\nA: 1)\r\n* 9 FETCH (UID 9 BODY[HEADER] {1}\r\nx)\r\n* 2 FETCH (UID 2 RFC822.SIZE 8 BODY[HEADER] "B: 2")\r\n* 2 FETCH (UID 2 BODY[HEADER] "again")\r\n',
    ],
  ])('takes headers as %s', async (_, text) => {
    await onFetch(
      ({ send, end }) => send(text) ?? end('OK done') ?? true,
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        const headers = await drain(source.headers(inbox, [1, 2, 3]))
        expect(headers.map(({ uid, sizeBytes, header }) => [uid, sizeBytes, Buffer.from(header).toString()])).toEqual([
          [1, 9, 'A: 1'],
          [2, 8, 'B: 2'],
        ])
      },
    )
  })

  test('asks for many messages in lines that every server takes', async () => {
    const uids = Array.from({ length: 5_000 }, (_, index) => 4_000_000_000 + 2 * index)
    await onFetch(
      ({ end }) => end('OK done') ?? true,
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        expect(await collect(source.fetch(inbox, uids))).toEqual([])
        expect(Math.max(...server.lines.map((line) => line.length))).toBeLessThan(8_000)
        expect(server.lines.filter((line) => line.includes('UID FETCH')).length).toBeGreaterThan(5)
      },
    )
  })

  test('two pages at once come each to its own reader, although the server answers the second before it ends the first', async () => {
    const waiting: Said[] = []
    await onFetch(
      (said) => {
        waiting.push(said)
        const [first, second] = waiting
        if (first && second) {
          second.send(item(1, 'one') + item(2, 'two'))
          first.end('OK done')
          second.end('OK done')
        }
        return true
      },
      async (server) => {
        await using source = await connector.openSource(server.access, signal)
        const pages = [source.fetch(inbox, [1]), source.fetch(inbox, [2])].map((page) => collect(page))
        const [first, second] = await Promise.all(pages)
        expect(first?.map(({ uid, bytes }) => [uid, bytes.toString()])).toEqual([[1, 'one']])
        expect(second?.map(({ uid, bytes }) => [uid, bytes.toString()])).toEqual([[2, 'two']])
      },
    )
  })
})
