import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Socket } from 'node:net'
import type { AppendItem, Connector } from '../../../src/connectors/connector.ts'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import { createLinesAhead } from '../../../src/connectors/imap/lines-ahead.ts'
import { createLiteralDrops } from '../../../src/connectors/imap/literal-drops.ts'
import { lazyBody } from '../../../src/demo/body.ts'
import type { Session } from '../../../src/demo/session.ts'
import { extensionsWithout } from '../../../src/demo/settings.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { Fault, type Side } from '../../../src/domain/fault.ts'
import type { Folder } from '../../../src/domain/mail.ts'
import { appendAll, collect, drain, faultOf, flat, inboxOf, itemOf, options } from '../conformance.ts'
import { type DemoSide, startDemo } from './demo-world.ts'
import { type Said, type ScriptedServer, startScript } from './scripted.ts'
import { honestly, startTalk } from './talk-server.ts'

setDefaultTimeout(20_000)

const { signal } = new AbortController()
const mail = (text: string) => ({ body: `Subject: ${text}\r\n\r\n${text}\r\n` })
const mails = (count: number) => Array.from({ length: count }, (_, index) => mail(`m${index}`))
const mark = { uidValidity: 7, uidNext: 1 }

/** A scripted server that can do no more than this. */
const startWith = (capabilities: string, script: (said: Said) => boolean): Promise<ScriptedServer> =>
  startScript((said) => {
    if (said.text !== 'CAPABILITY') return script(said)
    said.send(`* CAPABILITY IMAP4rev1 AUTH=PLAIN ${capabilities}\r\n`)
    said.end('OK done')
    return true
  })

describe('single messages follow each other without waiting where one command holds no more', () => {
  test.each([
    ['with UIDPLUS', 'LITERAL+ UIDPLUS', (uid: number) => `OK [APPENDUID 7 ${uid}] done`],
    ['without', 'LITERAL+', () => 'OK done'],
  ])('%s', async (_, capabilities, answer) => {
    let begun = 0
    const unanswered: (() => void)[] = []
    let most = 0
    await using server = await startWith(capabilities, ({ text, end }) => {
      if (text.startsWith('APPEND')) begun += 1
      if (text !== '') return text.startsWith('APPEND')
      const uid = begun
      unanswered.push(() => end(answer(uid)))
      most = Math.max(most, unanswered.length)
      // Nobody is answered before 64 wait, the first and the last ones aside.
      if (begun === 1 || unanswered.length === 64 || begun === 130) {
        setTimeout(() => unanswered.splice(0).forEach((answer) => void answer()), 20)
      }
      return true
    })
    const connector = createImapConnector({ batchIdleMs: 40, stallMs: 2_000 })
    await using target = await connector.openTarget(server.access, signal)
    expect(target.capabilities.waitsForEachItem).toBe(false)
    const results = await appendAll(target, await inboxOf(target), mails(130), { mark })
    expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(130)
    expect(most).toBe(64)
  })
})

/** A server that takes no literal unasked. It says `+` as the script wants, and reads what comes then. */
async function startAsking(act: (said: Said, appends: number) => void): Promise<ScriptedServer> {
  let appends = 0
  return await startWith('UIDPLUS', (said) => {
    if (!/^APPEND|^Subject: |^m\d|^$/.test(said.text)) return false
    if (said.text.startsWith('APPEND')) appends += 1
    act(said, appends)
    return true
  })
}

test('where literals must be asked for, the next APPEND stands right behind the literal before it', async () => {
  const unanswered: (() => void)[] = []
  await using server = await startAsking(({ text, send, end }, appends) => {
    if (text.startsWith('APPEND')) {
      send('+ go on\r\n')
      // The one before is answered only when the next one has begun.
      for (const answer of unanswered.splice(0)) answer()
    } else if (text === `m${appends - 1}`) {
      const answer = (): void => end(`OK [APPENDUID 7 ${appends}] done`)
      if (appends === 1 || appends === 20) answer()
      else unanswered.push(answer)
    }
  })
  const connector = createImapConnector({ batchIdleMs: 60_000, stallMs: 2_000 })
  await using target = await connector.openTarget(server.access, signal)
  expect(target.capabilities.waitsForEachItem).toBe(true)
  const items = Array.from({ length: 20 }, (_, at) => ({ body: `Subject: s\r\n\r\nm${at}` }))
  const results = await appendAll(target, await inboxOf(target), items, { mark })
  expect(results.map((result) => 'uid' in result && result.uid)).toEqual(items.map((_, at) => at + 1))
})

test('where LIST tells no status, all folders are asked for it in one flight', async () => {
  const names = ['INBOX', 'A', 'B', 'C', 'D']
  const answer = honestly({ asked: 'IMAP4rev1 NAMESPACE LIST-EXTENDED SPECIAL-USE' })
  await using server = await startTalk({
    greeting: '* OK ready',
    answer(line) {
      const [, name] = /^STATUS "(\w+)"/.exec(line.text) ?? []
      const told = line.text.startsWith('LIST') ? names.map((name) => `LIST () "/" ${name}`) : []
      if (name !== undefined) told.push(`STATUS ${name} (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)`)
      if (told.length === 0) return answer(line)
      return `${told.map((text) => `* ${text}\r\n`).join('')}${line.tag} OK done\r\n`
    },
  })
  await using source = await createImapConnector().openSource(server.access, signal)
  expect((await source.listFolders()).map(({ status }) => status?.uidValidity)).toEqual([7, 7, 7, 7, 7])
  expect(server.flights.filter((lines) => lines.some((line) => line.includes(' STATUS ')))).toEqual([
    names.map(() => expect.stringContaining(' STATUS ')),
  ])
})

describe('where a content comes before its UID, messages are asked for one by one,', () => {
  const date = '"01-Jan-2024 00:00:00 +0000"'
  const meta = (uid: number) => `UID ${uid} FLAGS (f${uid}) INTERNALDATE ${date}`
  const inbox: Folder = {
    ...{ name: 'INBOX', path: ['INBOX'], specialUse: null, isSelectable: true, isSubscribed: true, id: null },
    status: { messages: 40, uidNext: 41, uidValidity: 7, highestModseq: null },
  }
  const uids = Array.from({ length: 40 }, (_, at) => at + 1)

  /** Lists all, gives contents first; `answer` is called with how many single questions are open. */
  const startBackwards = (uidOf: (asked: number) => number | null, answer: (waiting: (() => void)[]) => void) => {
    const waiting: (() => void)[] = []
    const content = (uid: number) => `* ${uid} FETCH (BODY[] {4}\r\nbody ${meta(uid)})\r\n`
    return startScript(({ text, send, end }) => {
      const [, asked, more] = /^UID FETCH (\d+)(\S*) /.exec(text) ?? []
      if (asked === undefined) return false
      if (text.includes('RFC822.SIZE'))
        send(uids.map((uid) => `* ${uid} FETCH (RFC822.SIZE 4 ${meta(uid)})\r\n`).join(''))
      else if (more !== '') send(content(1))
      else {
        const uid = uidOf(Number(asked))
        waiting.push(() => {
          if (uid !== null) send(content(uid))
          end('OK done')
        })
        answer(waiting)
        return true
      }
      end('OK done')
      return true
    })
  }

  test('sixteen ahead, and one that is gone is passed over', async () => {
    let asked = 0
    const server = await startBackwards(
      (uid) => (uid === 7 ? null : uid),
      (waiting) => {
        asked += 1
        // None is answered before sixteen wait; behind the last question all are.
        for (const answer of waiting.splice(0, asked === uids.length ? 16 : Math.max(0, waiting.length - 15))) answer()
      },
    )
    await using _ = server
    await using source = await createImapConnector({ stallMs: 2_000 }).openSource(server.access, signal)
    const items = await collect(source.fetch(inbox, uids))
    expect(items.map(({ uid, flags, bytes }) => [uid, flags[0], bytes.toString()])).toEqual(
      uids.filter((uid) => uid !== 7).map((uid) => [uid, `f${uid}`, 'body']),
    )
  })

  test('and one that turns out to be another is never whole', async () => {
    const server = await startBackwards(
      (asked) => (asked === 3 ? 4 : asked),
      (waiting) => waiting.shift()?.(),
    )
    await using _ = server
    await using source = await createImapConnector().openSource(server.access, signal)
    const whole: number[] = []
    const reading = (async () => {
      for await (const { uid, body } of source.fetch(inbox, uids)) {
        for await (const _ of body);
        whole.push(uid)
      }
    })()
    expect(await faultOf(reading)).toMatchObject({ code: 'server.protocol', side: 'source' })
    expect(whole.filter((uid) => uid > 2)).toEqual([])
  })
})

interface Watched {
  readonly connector: Connector
  readonly socket: Socket
}

/** A connector whose next connection to the server goes over a socket that the test sees as well. */
async function watch({ server }: Access, side: Side): Promise<Watched> {
  const ahead = createLinesAhead()
  const seen = Promise.withResolvers<Socket>()
  const connector = createImapConnector({
    batchIdleMs: 60_000,
    ahead: {
      take: ahead.take,
      keep(address, line, signal) {
        seen.resolve(line.socket)
        ahead.keep(address, line, signal)
      },
    },
  })
  await connector.reach(server, side, signal)
  return { connector, socket: await seen.promise }
}

const megabyte = 1024 * 1024
const largeBytes = 30 * megabyte
const chunk = Buffer.alloc(64 * 1024, 'mail\r\n')

/** A source with so many messages of 30 MB. */
async function startLarge(count: number): Promise<DemoSide> {
  const side = await startDemo()
  const chunks = () => Array.from({ length: largeBytes / chunk.length }, () => chunk)
  side.account.deliver('INBOX', ...Array.from({ length: count }, () => ({ body: lazyBody(largeBytes, chunks) })))
  return side
}

/** Until the number has not changed for a while. */
async function settledValue(read: () => number): Promise<number> {
  for (let before = -1; ; ) {
    const now = read()
    if (now === before) return now
    before = now
    await Bun.sleep(60)
  }
}

describe('a source is held back, with little more than a megabyte waiting,', () => {
  test('while the target has not asked for the literal yet', async () => {
    let asked: Session | null = null
    await using from = await startLarge(2)
    await using to = await startDemo({
      extensions: extensionsWithout('LITERAL+'),
      hooks: {
        onResponse(text, session) {
          if (!text.startsWith('+ Ready for literal') || asked) return text
          asked = session
          return ''
        },
      },
    })
    const { connector, socket } = await watch(from.access, 'source')
    await using source = await connector.openSource(from.access, signal)
    await using target = await connector.openTarget(to.access, signal)
    const items = source.fetch(await inboxOf(source), [1, 2])
    const inbox = await inboxOf(target)
    const appending = drain(flat(target.append(inbox, items, options(inbox))))
    appending.catch(() => null)
    const received = await settledValue(() => socket.bytesRead)
    expect(asked).not.toBeNull()
    expect(received).toBeGreaterThan(megabyte)
    expect(received).toBeLessThan(2 * megabyte)
    goOn(asked)
    expect((await appending).map(({ outcome }) => outcome)).toEqual(['appended', 'appended'])
    expect(to.account.demand('INBOX').messages.map(({ body }) => body.sizeBytes)).toEqual([largeBytes, largeBytes])
  })

  test('while the target reads nothing in the middle of a message, and as long as it reads', async () => {
    const count = 4
    let uid = 0
    let stuck: Socket | null = null
    await using server = await startScript(({ text, socket, end }) => {
      if (text.startsWith('APPEND') && stuck === null) {
        stuck = socket
        socket.pause()
      }
      if (text === '') end(`OK [APPENDUID 7 ${++uid}] done`)
      return text === '' || text.startsWith('APPEND')
    })
    await using from = await startLarge(count)
    const { connector, socket: incoming } = await watch(from.access, 'source')
    const { connector: onward, socket: outgoing } = await watch(server.access, 'target')
    await using source = await connector.openSource(from.access, signal)
    await using target = await onward.openTarget(server.access, signal)
    // What was taken from one kernel and not given to the other.
    const held = (): number => incoming.bytesRead - (outgoing.bytesWritten - outgoing.writableLength)
    let heldMost = 0
    const look = setInterval(() => {
      heldMost = Math.max(heldMost, held())
    }, 1)
    const inbox = await inboxOf(target)
    const uids = Array.from({ length: count }, (_, at) => at + 1)
    const appending = drain(
      flat(target.append(inbox, source.fetch(await inboxOf(source), uids), options(inbox, { mark }))),
    )
    appending.catch(() => null)
    const received = await settledValue(() => incoming.bytesRead)
    expect(received).toBeLessThan(count * largeBytes)
    expect(held()).toBeGreaterThan(megabyte)
    resume(stuck)
    const results = await appending
    clearInterval(look)
    expect(results.map((result) => 'uid' in result && result.uid)).toEqual(uids)
    // A megabyte on its way in, one on its way out, and the chunk behind which each was noticed.
    expect(heldMost).toBeLessThan(6 * megabyte)
  })

  function goOn(session: Session | null): void {
    session?.output.text('+ go on\r\n')
    session?.output.flush()
  }

  function resume(socket: Socket | null): void {
    socket?.resume()
  }
})

describe('a server that hung up in a large literal', () => {
  /** Takes 5 MB, does not say so, and cuts the first connection over which more comes unasked. */
  const startPicky = () => {
    let isFirst = true
    return startDemo({
      appendBytesMax: 5 * megabyte,
      hooks: {
        onResponse: (text) => text.replace(/ APPENDLIMIT=\d+/, ''),
        onConnect(session) {
          if (isFirst) session.cutAfterReceived(2 * megabyte)
          isFirst = false
        },
      },
    })
  }
  const ofBytes = (sizeBytes: number) => ({ body: Buffer.alloc(sizeBytes, 'x\r\n') })
  const literalsIn = ({ commands }: DemoSide) =>
    commands.filter(({ name }) => name === 'APPEND').map(({ line }) => /\{.*\}$/.exec(line)?.[0])

  /** What the same connector does over its next connection. */
  async function again(connector: Connector, side: DemoSide, sizes: readonly number[]) {
    await using target = await connector.openTarget(side.access, signal)
    return await appendAll(target, await inboxOf(target), sizes.map(ofBytes), { batchItemsMax: 1 })
  }

  test('is asked before the next one, and its no is heard; small ones go unasked still', async () => {
    await using side = await startPicky()
    const connector = createImapConnector()
    expect(await faultOf(again(connector, side, [9 * megabyte]))).toMatchObject({ code: 'connect.dropped' })
    expect(await again(connector, side, [9 * megabyte, 4 * megabyte, 1000])).toMatchObject([
      { outcome: 'refused', fault: { code: 'append.too-large', scope: 'item' }, batchItems: 1 },
      { outcome: 'appended' },
      { outcome: 'appended' },
    ])
    expect(literalsIn(side)).toEqual([`{${9 * megabyte}}`, `{${4 * megabyte}}`, '{1000+}'])
  })

  test('is not blamed for one that is not so large', async () => {
    await using side = await startPicky()
    const connector = createImapConnector()
    expect(await faultOf(again(connector, side, [4 * megabyte]))).toMatchObject({ code: 'connect.dropped' })
    await again(connector, side, [4 * megabyte])
    expect(literalsIn(side)).toEqual([`{${4 * megabyte}+}`])
  })

  test('is not blamed where it was the source that failed', async () => {
    await using side = await startDemo()
    const connector = createImapConnector()
    {
      await using target = await connector.openTarget(side.access, signal)
      const inbox = await inboxOf(target)
      const items = (async function* (): AsyncGenerator<AppendItem> {
        const body = (async function* () {
          yield chunk
          throw new Fault('connect.dropped', 'The source is gone', { side: 'source' })
        })()
        yield { ...itemOf({ body: '' }, 1), sizeBytes: 9 * megabyte, body }
      })()
      expect(await faultOf(drain(target.append(inbox, items, options(inbox))))).toMatchObject({ side: 'source' })
    }
    await again(connector, side, [9 * megabyte])
    expect(literalsIn(side)).toEqual([`{${9 * megabyte}+}`])
  })

  test('says nothing of another, nor allows more than it offers', () => {
    const drops = createLiteralDrops()
    drops.note('a.example:993', 9 * megabyte)
    const offers = [Number.POSITIVE_INFINITY, 4096, 0]
    expect(offers.map((offer) => drops.bytesUnasked('a.example:993', offer))).toEqual([megabyte, 4096, 0])
    expect(offers.map((offer) => drops.bytesUnasked('b.example:993', offer))).toEqual(offers)
  })
})
