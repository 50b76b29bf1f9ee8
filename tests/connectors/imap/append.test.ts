import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { AppendItem, AppendResult, MailTarget } from '../../../src/connectors/connector.ts'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import { extensionsWithout } from '../../../src/demo/settings.ts'
import { Fault } from '../../../src/domain/fault.ts'
import type { Folder } from '../../../src/domain/mail.ts'
import { appendAll, drain, faultOf, flat, inboxOf, itemOf, itemsOf, options } from '../conformance.ts'
import { startDemo } from './demo-world.ts'
import { type Said, startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ batchIdleMs: 40 })
const { signal } = new AbortController()
const mail = (text: string) => ({ body: `Subject: ${text}\r\n\r\n${text}\r\n` })
const mails = (count: number) => Array.from({ length: count }, (_, index) => mail(`m${index}`))

/** What each APPEND of a demo server held, in messages. */
const batchSizes = (commands: readonly { readonly name: string; readonly line: string }[]): readonly number[] =>
  commands.filter(({ name }) => name === 'APPEND').map(({ line }) => line.match(/\{\d+\+?\}/g)?.length ?? 0)

describe('batches', () => {
  test('hold a hundred messages at most, and four megabytes; a larger message stands alone', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    const large = { body: Buffer.alloc(5 * 1024 * 1024, 'x\r\n') }
    const medium = { body: Buffer.alloc(1_500_000, 'x\r\n') }
    await appendAll(target, inbox, [...mails(230), large, mail('a'), medium, medium, medium, mail('b')])
    expect(batchSizes(side.commands)).toEqual([100, 100, 30, 1, 3, 2])
  })

  test('hold no more than the caller wants', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    await appendAll(target, await inboxOf(target), mails(10), { batchItemsMax: 4 })
    expect(batchSizes(side.commands)).toEqual([4, 4, 2])
  })

  test('leave an empty message to stand alone, since it takes others with it', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const results = await appendAll(target, await inboxOf(target), [mail('a'), { body: '' }, mail('b')])
    expect(batchSizes(side.commands)).toEqual([1, 1, 1])
    expect(results.map(({ outcome }) => outcome)).toEqual(['appended', 'refused', 'appended'])
    expect(results[1]).toMatchObject({
      batchItems: 1,
      fault: { code: 'append.refused', scope: 'item', side: 'target' },
    })
  })

  test('are closed when no message comes for a while', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    const first = Promise.withResolvers<AppendResult>()
    const items = (async function* () {
      yield itemOf(mail('a'), 1)
      // The second comes only when the first has landed: it must not wait for a fuller batch.
      await first.promise
      yield itemOf(mail('b'), 2)
    })()
    const results: AppendResult[] = []
    for await (const result of flat(target.append(inbox, items, options(inbox)))) {
      results.push(result)
      first.resolve(result)
    }
    expect(batchSizes(side.commands)).toEqual([1, 1])
    expect(results).toEqual([
      { sourceUid: 1, outcome: 'appended', uid: 1 },
      { sourceUid: 2, outcome: 'appended', uid: 2 },
    ])
  })

  test('are one message each where MULTIAPPEND is missing', async () => {
    await using side = await startDemo({ extensions: extensionsWithout('MULTIAPPEND') })
    await using target = await connector.openTarget(side.access, signal)
    await appendAll(target, await inboxOf(target), mails(5))
    expect(batchSizes(side.commands)).toEqual([1, 1, 1, 1, 1])
  })

  test.each([
    ['LITERAL+', extensionsWithout(), [true, true]],
    ['LITERAL-', [...extensionsWithout('LITERAL+'), 'LITERAL-'], [true, false]],
    ['neither', extensionsWithout('LITERAL+'), [false, false]],
  ] as const)('with %s wait for the server only where they must', async (_, extensions, isUnasked) => {
    await using side = await startDemo({ extensions })
    await using target = await connector.openTarget(side.access, signal)
    await appendAll(target, await inboxOf(target), [{ body: 'x'.repeat(4096) }, { body: 'x'.repeat(4097) }])
    const line = side.commands.find(({ name }) => name === 'APPEND')?.line ?? ''
    expect(line.match(/\{\d+\+?\}/g)?.map((head) => head.endsWith('+}'))).toEqual([...isUnasked])
  })

  test('are told to the server with flags and dates written anew, and keywords as the folder spells them', async () => {
    await using side = await startDemo({ keywords: ['Work', '$Label1'] })
    await using target = await connector.openTarget(side.access, signal)
    const odd = {
      body: 'x\r\n',
      flags: ['\\sEEN', 'WORK', 'Unknown', '\\Recent'],
      receivedAt: ' 1-jan-2024 00:00:00 +0000',
    }
    await appendAll(target, await inboxOf(target), [odd, { ...odd, receivedAt: 'never' }])
    const line = side.commands.find(({ name }) => name === 'APPEND')?.line
    expect(line).toMatch(
      /^p\d+ APPEND "INBOX" \(\\Seen Work\) "01-Jan-2024 00:00:00 \+0000" \{3\+\} \(\\Seen Work\) \{3\+\}$/,
    )
  })

  test('ask what a folder keeps once, and leave it again', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    await appendAll(target, inbox, mails(1))
    await appendAll(target, inbox, mails(1))
    const names = side.commands.map(({ name }) => name)
    expect(names.filter((name) => name === 'SELECT')).toHaveLength(1)
    expect(names.indexOf('UNSELECT')).toBe(names.indexOf('SELECT') + 1)
  })
})

describe('the commit point', () => {
  test('is the last CR LF of a batch: without a yes all else is sent, but not that', async () => {
    const begun = Promise.withResolvers<void>()
    await using server = await startScript(({ text }) => {
      if (!text.startsWith('APPEND')) return false
      begun.resolve()
      return true
    })
    const target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const items = (async function* () {
      const body = (async function* () {
        yield Buffer.from('from the beginning')
        await begun.promise
        yield Buffer.from(' to the end')
      })()
      yield { ...itemOf({ body: '' }, 1), sizeBytes: 29, body }
    })()
    let asked = 0
    const mayCommit = (): boolean => ++asked < 1
    const appending = drain(target.append(inbox, items, options(inbox, { mayCommit })))
    expect(await faultOf(appending)).toMatchObject({ code: 'lease.lost' })
    await server.closed()
    expect(asked).toBe(1)
    expect(server.lines.at(-1)).toEndWith('{29+}')
  })

  test('lost, nothing of the batch lands at a demo server, and the connection is gone', async () => {
    await using side = await startDemo()
    const target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    let commits = 0
    const appending = appendAll(target, inbox, mails(250), { mayCommit: () => commits++ < 1 })
    expect(await faultOf(appending)).toMatchObject({ code: 'lease.lost' })
    expect(side.account.demand('INBOX').messages).toHaveLength(100)
    expect(await faultOf(target.listFolders())).toMatchObject({ code: 'lease.lost' })
  })

  test('is never reached where nobody takes the results any more', async () => {
    await using side = await startDemo()
    const target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    const held = Promise.withResolvers<void>()
    let isStopped = false
    const items = (async function* () {
      try {
        yield* itemsOf(mails(101))
        await held.promise
      } finally {
        isStopped = true
      }
    })()
    for await (const result of flat(target.append(inbox, items, options(inbox)))) {
      expect(result.outcome).toBe('appended')
      break
    }
    held.resolve()
    expect(await faultOf(target.listFolders())).toMatchObject({ code: 'cancelled' })
    expect(side.account.demand('INBOX').messages).toHaveLength(100)
    expect(isStopped).toBe(true)
  })
})

describe('pipelining', () => {
  /** How many APPENDs were under way at once. */
  async function most(count: number, more: Parameters<typeof startDemo>[0] = {}): Promise<number> {
    let [open, most] = [0, 0]
    const waiting: (() => void)[] = []
    await using server = await startScript(
      (said) => {
        if (said.text.startsWith('APPEND')) most = Math.max(most, ++open)
        if (said.text !== '') return said.text.startsWith('APPEND')
        // Answers come late, so that whoever does not wait for them is seen.
        const uid = Number(said.tag.slice(1))
        waiting.push(() => {
          open -= 1
          said.end(more.extensions ? 'OK done' : `OK [APPENDUID 7 ${uid}] done`)
        })
        setTimeout(() => waiting.shift()?.(), 20)
        return true
      },
      more.extensions ? '* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] x' : '* OK ready',
    )
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const results = await appendAll(target, inbox, mails(count), {
      batchItemsMax: 1,
      mark: { uidValidity: 7, uidNext: 1 },
    })
    expect(results).toHaveLength(count)
    return most
  }

  test('begins when the first UIDs turned out to be right, and goes on with eight batches', async () => {
    expect(await most(30)).toBe(8)
  })

  test('keeps to one batch where the told UIDs are wrong', async () => {
    let [open, most] = [0, 0]
    await using server = await startScript(({ text, end }) => {
      if (text.startsWith('APPEND')) most = Math.max(most, ++open)
      if (text !== '') return text.startsWith('APPEND')
      setTimeout(() => {
        open -= 1
        end('OK [APPENDUID 8 5] another UIDVALIDITY')
      }, 5)
      return true
    })
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const results = await appendAll(target, inbox, mails(5), { batchItemsMax: 1, mark: { uidValidity: 7, uidNext: 1 } })
    expect(results.map((result) => 'uid' in result && result.uid)).toEqual([null, null, null, null, null])
    expect(most).toBe(1)
  })
})

describe('UIDs that a target tells', () => {
  test.each([
    ['as they should be', '7 4:6', [4, 5, 6]],
    ['in pieces', '7 4,9,12', [4, 9, 12]],
    ['of another UIDVALIDITY', '8 4:6', [null, null, null]],
    ['too few', '7 4:5', [null, null, null]],
    ['too many', '7 4:7', [null, null, null]],
    ['four billion of them', '7 1:4294967295', [null, null, null]],
    ['below the mark', '7 3:5', [null, null, null]],
    ['descending', '7 6,5,4', [null, null, null]],
    ['twice', '7 4,4,5', [null, null, null]],
    ['that are no numbers', '7 a:b', [null, null, null]],
    ['that are zero', '7 0:2', [null, null, null]],
    ['not at all', '', [null, null, null]],
  ] as const)('%s', async (_, data, uids) => {
    await using server = await startScript(({ text, end }) => {
      if (text === '') end(data === '' ? 'OK done' : `OK [APPENDUID ${data}] done`)
      return text === '' || /APPEND|\{\d+\+\}$/.test(text)
    })
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const results = await appendAll(target, inbox, mails(3), { mark: { uidValidity: 7, uidNext: 4 } })
    expect(results.map((result) => 'uid' in result && result.uid)).toEqual([...uids])
  })

  test('are not believed a second time', async () => {
    await using server = await startScript(({ text, end }) => {
      if (text === '') end('OK [APPENDUID 7 4] done')
      return text === '' || text.startsWith('APPEND')
    })
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const mark = { uidValidity: 7, uidNext: 4 }
    const results = [
      ...(await appendAll(target, inbox, mails(1), { mark })),
      ...(await appendAll(target, inbox, mails(1), { mark })),
    ]
    expect(results.map((result) => 'uid' in result && result.uid)).toEqual([4, null])
  })
})

/** A target that answers APPEND so, at the commit point. */
async function refusing(answer: string, work: (target: MailTarget, inbox: Folder) => Promise<void>): Promise<void> {
  await using server = await startScript(({ text, end }) => {
    if (text === '') end(answer)
    return text === '' || /APPEND|\{\d+\+\}$/.test(text)
  })
  await using target = await connector.openTarget(server.access, signal)
  await work(target, await inboxOf(target))
}

describe('a refused batch', () => {
  test.each([
    ['NO I do not like it', 'append.refused'],
    ['NO [TOOBIG] Too big', 'append.too-large'],
    ['NO Message too large', 'append.too-large'],
    ['NO [CANNOT] Bad header', 'append.refused'],
  ])('with %s says so of each of its items', async (answer, code) => {
    await refusing(answer, async (target, inbox) => {
      const results = await appendAll(target, inbox, mails(3))
      expect(results).toEqual(
        [1, 2, 3].map((sourceUid) => expect.objectContaining({ sourceUid, outcome: 'refused', batchItems: 3 })),
      )
      expect(results[0]).toMatchObject({ fault: { code, scope: 'item', side: 'target' } })
      expect(await target.listFolders()).toHaveLength(1)
    })
  })

  test.each([
    ['NO [OVERQUOTA] Full', 'append.over-quota', 'mailbox'],
    ['NO Quota exceeded', 'append.over-quota', 'mailbox'],
    ['NO [TRYCREATE] Gone', 'folder.missing', 'folder'],
    ['NO [NONEXISTENT] Gone', 'folder.missing', 'folder'],
    ['NO [LIMIT] Enough', 'server.limit', 'mailbox'],
    ['NO [UNAVAILABLE] Later', 'server.unavailable', 'mailbox'],
    ['NO [INUSE] Locked', 'server.unavailable', 'folder'],
    ['NO [SERVERBUG] Oops', 'server.unavailable', 'mailbox'],
    ['NO [NOPERM] You may not', 'server.permission', 'folder'],
    ['NO [THROTTLED] Slow down', 'server.throttled', 'mailbox'],
  ])('with %s is a fault of more than its items', async (answer, code, scope) => {
    await refusing(answer, async (target, inbox) => {
      expect(await faultOf(appendAll(target, inbox, mails(3)))).toMatchObject({ code, scope, side: 'target' })
    })
  })

  test('tells how long to wait, where the server does', async () => {
    await refusing('NO Request is throttled. Suggested Backoff Time: 92415 milliseconds', async (target, inbox) => {
      const fault = await faultOf(appendAll(target, inbox, mails(1)))
      expect(fault).toMatchObject({ code: 'server.throttled', retryAfterMs: 92415 })
    })
  })

  test.each(['BAD What is this', 'BAD [TOOBIG] Literal too long'])(
    'with %s cuts the connection at once',
    async (answer) => {
      await refusing(answer, async (target, inbox) => {
        expect(await faultOf(appendAll(target, inbox, mails(2)))).toMatchObject({ code: 'server.protocol' })
        expect(await faultOf(target.listFolders())).toMatchObject({ code: 'server.protocol' })
      })
    },
  )

  test('gives the results of those before it', async () => {
    let batches = 0
    await using server = await startScript(({ text, end }) => {
      if (text === '') end(++batches < 3 ? `OK [APPENDUID 7 ${batches}] done` : 'NO [OVERQUOTA] Full')
      return text === '' || text.startsWith('APPEND')
    })
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    const seen: AppendResult[] = []
    const mark = { uidValidity: 7, uidNext: 1 }
    const appending = (async () => {
      for await (const result of flat(
        target.append(inbox, itemsOf(mails(9)), options(inbox, { batchItemsMax: 1, mark })),
      )) {
        seen.push(result)
      }
    })()
    expect(await faultOf(appending)).toMatchObject({ code: 'append.over-quota' })
    expect(seen.map(({ sourceUid }) => sourceUid)).toEqual([1, 2])
    expect(await target.listFolders()).toHaveLength(1)
  })

  test('that is refused early is written to its end, and the next one is taken', async () => {
    let appends = 0
    await using server = await startScript(({ text, end }) => {
      if (text.startsWith('APPEND')) {
        appends += 1
        // Before a byte of the literal is there.
        if (appends === 1) end('NO [TOOBIG] Too big')
        return true
      }
      if (text === '' && appends === 2) end('OK [APPENDUID 7 1] done')
      return text === ''
    })
    await using target = await connector.openTarget(server.access, signal)
    const inbox = await inboxOf(target)
    let isRead = false
    const slow = (async function* (): AsyncGenerator<AppendItem> {
      const body = (async function* () {
        yield Buffer.from('half ')
        await Bun.sleep(30)
        yield Buffer.from('whole')
        isRead = true
      })()
      yield { ...itemOf(mail('a'), 1), sizeBytes: 10, body }
      yield itemOf(mail('b'), 2)
    })()
    const results: (AppendResult & { readonly isRead: boolean })[] = []
    const mark = { uidValidity: 7, uidNext: 1 }
    for await (const result of flat(target.append(inbox, slow, options(inbox, { mark }))))
      results.push({ ...result, isRead })
    expect(results).toMatchObject([
      { sourceUid: 1, outcome: 'refused', fault: { code: 'append.too-large' }, batchItems: 1, isRead: true },
      { sourceUid: 2, outcome: 'appended', uid: 1 },
    ])
  })

  test('that is refused before its literal is not sent at all', async () => {
    await using side = await startDemo({ extensions: extensionsWithout('LITERAL+'), appendBytesMax: null })
    side.account.quotaBytesMax = 100
    await using target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    expect(await faultOf(appendAll(target, inbox, [{ body: 'x'.repeat(101) }]))).toMatchObject({
      code: 'append.over-quota',
    })
    expect(await target.listFolders()).toHaveLength(1)
  })
})

describe('a message', () => {
  test('above APPENDLIMIT is read, but never sent', async () => {
    await using side = await startDemo({ appendBytesMax: 1000 })
    await using target = await connector.openTarget(side.access, signal)
    expect(target.capabilities.itemBytesMax).toBe(1000)
    const results = await appendAll(target, await inboxOf(target), [mail('a'), { body: 'x'.repeat(1001) }, mail('b')])
    expect(results).toMatchObject([
      { outcome: 'appended' },
      { outcome: 'refused', fault: { code: 'append.too-large', scope: 'item' }, batchItems: 1 },
      { outcome: 'appended' },
    ])
    expect(side.commands.map(({ line }) => line).join()).not.toContain('1001')
  })

  test('that cannot be read from its first byte on is refused alone', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const fault = new Fault('source.corrupt', 'Cannot read it')
    const items = (async function* (): AsyncGenerator<AppendItem> {
      yield itemOf(mail('a'), 1)
      const body = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fault) }) }
      yield { ...itemOf(mail('b'), 2), body }
      yield itemOf(mail('c'), 3)
    })()
    const inbox = await inboxOf(target)
    const results = await drain(flat(target.append(inbox, items, options(inbox))))
    expect(results).toMatchObject([
      { outcome: 'appended' },
      { outcome: 'refused', fault, batchItems: 1 },
      { outcome: 'appended' },
    ])
  })

  test.each([
    ['longer', 'four and more', 4],
    ['shorter', 'four', 5],
  ])('that is %s than it was said to be is cut, not padded', async (_, text, sizeBytes) => {
    await using side = await startDemo()
    const target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    const items = (async function* (): AsyncGenerator<AppendItem> {
      yield { ...itemOf({ body: text }, 1), sizeBytes }
    })()
    await expect(drain(target.append(inbox, items, options(inbox)))).rejects.toThrow(/than it was said to be/)
    expect(side.account.demand('INBOX').messages).toEqual([])
    expect(await faultOf(target.listFolders())).toMatchObject({ code: 'connect.dropped' })
  })

  test('that fails to come between two others lets those land that were sent', async () => {
    await using side = await startDemo()
    await using target = await connector.openTarget(side.access, signal)
    const inbox = await inboxOf(target)
    const gone = new Fault('connect.dropped', 'The source is gone', { side: 'source' })
    const items = (async function* (): AsyncGenerator<AppendItem> {
      yield* itemsOf(mails(3))
      throw gone
    })()
    const seen: AppendResult[] = []
    const appending = (async () => {
      for await (const result of flat(target.append(inbox, items, options(inbox)))) seen.push(result)
    })()
    expect(await faultOf(appending)).toBe(gone)
    expect(seen).toHaveLength(3)
    expect(side.account.demand('INBOX').messages).toHaveLength(3)
    expect(await target.listFolders()).toHaveLength(1)
  })
})

test('other commands wait until an open batch is closed', async () => {
  const order: string[] = []
  const note = ({ text }: Said): boolean => {
    order.push(text === '' ? 'commit' : (/^[A-Z]+/.exec(text)?.[0] ?? 'next message'))
    return false
  }
  await using server = await startScript((said) => {
    if (said.text === '') said.end('OK [APPENDUID 7 1:2] done')
    return note(said) || said.text === '' || /APPEND|\{\d+\+\}$/.test(said.text)
  })
  await using target = await connector.openTarget(server.access, signal)
  const inbox = await inboxOf(target)
  order.splice(0)
  let status: Promise<unknown> | null = null
  const items = (async function* () {
    yield itemOf(mail('a'), 1)
    status = target.status(inbox)
    yield itemOf(mail('b'), 2)
  })()
  await drain(target.append(inbox, items, options(inbox, { mark: { uidValidity: 7, uidNext: 1 } })))
  await status
  expect(order).toEqual(['SELECT', 'UNSELECT', 'APPEND', 'next message', 'commit', 'STATUS'])
})
