import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { type DovecotServer, startDovecot } from '../../support/dovecot.ts'
import { describeWith } from '../../support/need.ts'
import { appendAll, collect, drain, inboxOf, options } from '../conformance.ts'
import { type DemoSide, startDemo } from './demo-world.ts'
import { access } from './dovecot-world.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector()
const { signal } = new AbortController()

/** Whoever executes this makes a folder, and then throws the inbox away. */
const commands = [
  'a1 CREATE Executed',
  'a2 SELECT INBOX',
  'a3 STORE 1:* +FLAGS.SILENT (\\Deleted)',
  'a4 EXPUNGE',
  'a5 CREATE Executed2',
  '',
].join('\r\n')

const badFlags = [
  '\\Bogus',
  '\\',
  '\\*',
  '\\Recent',
  'a]b',
  'a(b',
  'a)b',
  ') "17-Jul-1996 02:44:25 +0000" {3+}',
  'a{5+}',
  '{5+}',
  '"quoted"',
  '"',
  'a%b',
  'a*b',
  'a b',
  'a\\b',
  'ä',
  'a\u010ab',
  'x\r\na9 CREATE Executed3\r\n',
  'x\na9 CREATE Executed3\n',
  'x\0',
  'x\x7f',
  '',
  'NIL',
  'k'.repeat(101),
  'k'.repeat(100),
  'k'.repeat(5_000),
]

const badDates = [
  '',
  'yesterday',
  '99-Foo-2024 99:99:99 +9999',
  '31-Feb-2024 00:00:00 +0000',
  '01-Jan-0000 00:00:00 +0000',
  '31-Dec-9999 23:59:59 +2359',
  '01-Jan-1000 00:00:00 -2359',
  '31-Dec-2016 23:59:60 +0000',
  '01-Jan-2024 00:00:00 +9999',
  '01-Jan-2024 00:00:00',
  '01-Jan-2024 00:00:00 +0000" {3+}\r\n',
  '"01-Jan-2024 00:00:00 +0000"',
  '01-Jan-2024 00:00:00 +0000)',
  'NIL',
  '17-Jul-1996 02:44:25 -0700\r\na9 CREATE Executed3',
  '１7-Jul-1996 02:44:25 -0700',
]

const cases = [
  ...badFlags.map((flag) => ({
    what: `flag ${JSON.stringify(flag).slice(0, 40)}`,
    flags: [flag],
    date: '01-Jan-2024 00:00:00 +0000',
  })),
  ...badFlags.map((flag) => ({
    what: `flags around ${JSON.stringify(flag).slice(0, 40)}`,
    flags: ['\\Seen', flag, 'Fine'],
    date: '',
  })),
  ...badDates.map((date) => ({ what: `date ${JSON.stringify(date)}`, flags: ['\\Seen'], date })),
]

/** Every bad item alone, and behind and before a good one in the same batch: only mail comes of it. */
function exerciseTarget(start: () => Promise<Access>): void {
  test.each(cases)('$what', async ({ flags, date }) => {
    const evil = { body: commands, flags, receivedAt: date }
    const good = { body: 'Subject: good\r\n\r\nmail\r\n', flags: ['\\Seen'] }
    await using target = await connector.openTarget(await start(), signal)
    const inbox = await inboxOf(target)
    const alone = await appendAll(target, inbox, [evil], { batchItemsMax: 1 })
    const together = await appendAll(target, inbox, [good, evil, good, evil])
    expect([...alone, ...together].map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'appended'))
    expect((await target.listFolders()).map(({ path }) => path)).toEqual([['INBOX']])
    const items = await collect(target.fetch(inbox, await target.uids(inbox)))
    expect(items.map(({ bytes }) => bytes.toString())).toEqual([commands, good.body, commands, good.body, commands])
    for (const item of items) expect(item.flags).not.toContain('\\Deleted')
  })
}

describe('nothing that a source says is executed at a demo server', () => {
  exerciseTarget(async () => {
    const side = await startDemo()
    open.push(side)
    return side.access
  })

  const open: DemoSide[] = []
  afterAll(() => Promise.all(open.map((side) => side[Symbol.asyncDispose]())))
})

describeWith('dovecot', 'openssl')('nothing that a source says is executed at a Dovecot', () => {
  let server: DovecotServer
  let users = 0
  beforeAll(async () => {
    server = await startDovecot()
  })
  afterAll(() => server[Symbol.asyncDispose]())
  exerciseTarget(async () => access({ port: server.port }, { login: `user${users++}` }))
})

describe('a hostile source', () => {
  const hostile = [
    ...badFlags
      .filter((flag) => !/[\r\n\0\u0100-\uffff]/.test(flag))
      .map((flag) => ['FLAGS \\([^)]*\\)', `FLAGS (${flag})`] as const),
    ...badDates
      .filter((date) => !/[\r\n\0\u0100-\uffff]/.test(date))
      .map((date) => ['INTERNALDATE "[^"]*"', `INTERNALDATE "${date}"`] as const),
    ['INTERNALDATE "[^"]*"', 'INTERNALDATE NIL'],
    ['INTERNALDATE "[^"]*"', 'INTERNALDATE {3+}'],
  ] as const

  test.each(hostile)(
    'that turns %s into %s brings mail or breaks off, and nothing is executed',
    async (pattern, words) => {
      await using from = await startDemo({
        hooks: { onResponse: (text) => text.replace(new RegExp(pattern), () => Buffer.from(words).toString('latin1')) },
      })
      await using to = await startDemo()
      const mails = [commands, 'Subject: x\r\n\r\n', commands].map((body) => ({ body: Buffer.from(body) }))
      from.account.deliver('INBOX', ...mails)
      await using source = await connector.openSource(from.access, signal)
      await using target = await connector.openTarget(to.access, signal)
      const inbox = await inboxOf(target)
      const items = source.fetch(await inboxOf(source), [1, 2, 3])
      await drain(target.append(inbox, items, options(inbox))).catch(() => null)
      expect(to.account.folders.map(({ name }) => name)).toEqual(['INBOX'])
      for (const message of to.account.demand('INBOX').messages) expect(message.flags.has('\\Deleted')).toBe(false)
      expect(to.commands.every(({ refusal }) => refusal === null)).toBe(true)
    },
  )

  test.each(['x\r\na9 CREATE Executed', 'x\ny', 'x\ry', 'x\0y'])('cannot bring a folder called %j', async (name) => {
    await using to = await startDemo()
    await using target = await connector.openTarget(to.access, signal)
    const [made] = await target.ensureFolders([{ path: [name], isSubscribed: true }])
    expect(made).toMatchObject({ code: 'folder.refused' })
    expect(to.account.folders.map((folder) => folder.name)).toEqual(['INBOX'])
  })

  test('whose folder name cannot be said back is refused without a word on the wire', async () => {
    const name = '{12}\r\nx\r\na9 LOGOUT'
    await using from = await startDemo({
      hooks: { onResponse: (text) => text.replace(/(LIST \([^)]*\) "\/") INBOX/, `$1 ${name}`) },
    })
    await using source = await connector.openSource(from.access, signal)
    const [folder] = await source.listFolders()
    expect(folder?.name).toBe('x\r\na9 LOGOUT')
    await expect(source.list(folder!)).rejects.toMatchObject({ code: 'folder.refused' })
    expect(from.commands.map((command) => command.name)).not.toContain('EXAMINE')
  })
})

test('neither side is ever sent what removes mail, and a source is only examined', async () => {
  await using from = await startDemo()
  await using to = await startDemo()
  from.account.deliver('INBOX', { body: Buffer.from('a\r\n') }, { body: Buffer.from('b\r\n') })
  {
    await using source = await connector.openSource(from.access, signal)
    await using target = await connector.openTarget(to.access, signal)
    const [here, there] = [await inboxOf(source), await inboxOf(target)]
    const changes = await source.changes(here, null)
    await source.changes(here, {
      uidValidity: changes.status.uidValidity,
      uidDone: 1,
      modseq: changes.status.highestModseq,
    })
    await drain(target.append(there, source.fetch(here, [1, 2]), options(there)))
    const [folder] = await target.ensureFolders([{ path: ['To'], isSubscribed: true }])
    await target.changeFlags(there, [{ uids: [1], add: ['\\Deleted'], remove: [] }])
    if (folder && 'path' in folder) await target.move(there, [2], folder)
    await drain(source.headers(here, [1]))
    await target.quota()
  }
  const names = (side: DemoSide): readonly string[] => [...new Set(side.commands.map(({ name }) => name))].sort()
  const lines = [...from.commands, ...to.commands].map(({ line }) => line).join('\n')
  expect(names(from)).toEqual(
    ['AUTHENTICATE', 'ENABLE', 'EXAMINE', 'ID', 'LIST', 'LOGOUT', 'NAMESPACE', 'UID FETCH', 'UID SEARCH'].filter(
      (name) => names(from).includes(name),
    ),
  )
  for (const never of ['CLOSE', 'EXPUNGE', 'DELETE']) {
    expect([...names(from), ...names(to)].some((name) => name.includes(never) && name !== 'UID MOVE')).toBe(false)
  }
  expect(lines).not.toMatch(/BODY\[|RFC822(?!\.SIZE)| FLAGS \(/)
  expect(lines).toContain('+FLAGS.SILENT')
  expect(to.account.demand('INBOX').messages.map(({ uid }) => uid)).toEqual([1])
})
