import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { SeenCommand, Verdict } from '../../src/demo/hooks.ts'
import type { Session } from '../../src/demo/session.ts'
import { extensionsWithout } from '../../src/demo/settings.ts'
import type { PassReport } from '../../src/engine/pass.ts'
import { faultOf } from '../connectors/conformance.ts'
import { expectSame } from '../support/checker.ts'
import { compareMailboxes } from '../support/compare.ts'
import { append, createFolder, expunge, move, renameFolder, store } from '../support/imap-client.ts'
import { wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { readMailbox, type Snapshot } from '../support/snapshot.ts'
import type { SentCommand } from './commands.ts'
import { type DemoOptions, demoEnd, dovecotEnd, type End, migration, user } from './lacking.ts'

setDefaultTimeout(30_000)

const messagesPerUser = 120
const bare: DemoOptions = { extensions: [] }
const without = (...left: Parameters<typeof extensionsWithout>): DemoOptions => ({
  extensions: extensionsWithout(...left),
})

const note = (words: string) => ({
  bytes: Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`),
  flags: ['\\Seen', 'Note'],
  receivedAt: '05-May-2015 10:20:30 +0000',
})

/** What becomes of the mail between two passes: new mail and twins, flags, a move, a deletion, folders new and renamed. */
async function live({ outside }: End): Promise<void> {
  await using imap = await ImapWire.connect(outside.access(user))
  await append(imap, 'INBOX', [note('New'), note('New'), note('Newer')])
  await store(imap, 'Sent', [1, 2], '+FLAGS (\\Flagged Later)')
  await store(imap, 'Sent', [3], 'FLAGS (\\Answered)')
  await move(imap, 'INBOX', [2], 'Sent')
  await expunge(imap, 'INBOX', [3])
  await createFolder(imap, 'Since')
  await append(imap, 'Since', [note('First')])
  await renameFolder(imap, wireName(outside, ['Reisen 🚲']), wireName(outside, ['Fahrten 🚲']))
}

interface Story {
  readonly reports: readonly PassReport[]
  /** The target in the end. */
  readonly copy: Snapshot
  readonly sent: Sent
}

interface Sent {
  readonly source: readonly SentCommand[]
  readonly target: readonly SentCommand[]
}

/** A first pass, one after changes, and one after none; the target is looked at from outside after each. */
async function threePasses(source: End, target: End, keepsMoved: boolean): Promise<Story> {
  await seed(source.outside, { users: [user], messagesPerUser })
  const { pass } = await migration(source, target)
  const reports = [await pass()]
  await expectSame(source.outside, target.outside, [user])
  const before = await readMailbox(source.outside, user)
  await live(source)
  reports.push(await pass())
  // What left the source stays at the target; without MOVE so does what moved.
  const left = (before.folders.get('INBOX') ?? []).filter(({ uid }) => uid === 3 || (uid === 2 && keepsMoved))
  const foreign = left.map((message) => ({ user, folder: 'INBOX', message }))
  await expectSame(source.outside, target.outside, [user], { foreign })
  const after = await readMailbox(target.outside, user)
  reports.push(await pass())
  const copy = await readMailbox(target.outside, user)
  expect(compareMailboxes(after, copy)).toEqual([])
  return { reports, copy, sent: { source: await source.sent(), target: await target.sent() } }
}

const numbers = ({ counts, copiedNow, movedNow, flagsChangedNow, skippedNow, fault }: PassReport) => ({
  ...{ counts, copiedNow, movedNow, flagsChangedNow, skippedNow, fault },
})

const all = (commands: readonly SentCommand[], name: string): readonly string[] =>
  commands.filter((command) => command.name === name).map((command) => command.arguments)
const literals = ({ target }: Sent): readonly string[] =>
  all(target, 'APPEND').flatMap((line) => line.match(/\{.*?\}/g) ?? [])
const names = (commands: readonly SentCommand[]): readonly string[] => commands.map(({ name }) => name)
const bytesOf = (literal: string): number => Number.parseInt(literal.slice(1), 10)

interface Row {
  readonly lacks: string
  readonly source?: DemoOptions
  readonly target?: DemoOptions
  readonly keepsMoved?: true
  /** What is to be seen on the wire. */
  readonly shows: (sent: Sent) => void
}

const onePerCommand = (sent: Sent): void => expect(literals(sent)).toHaveLength(all(sent.target, 'APPEND').length)
const nothingUnasked = (sent: Sent): void =>
  expect(literals(sent).filter((literal) => literal.endsWith('+}'))).toEqual([])

const rows: readonly Row[] = [
  { lacks: 'MULTIAPPEND', target: without('MULTIAPPEND'), shows: onePerCommand },
  {
    lacks: 'LITERAL+, but has LITERAL-',
    target: { extensions: [...extensionsWithout('LITERAL+'), 'LITERAL-'] },
    shows(sent) {
      const [large, small] = [true, false].map((isLarge) =>
        literals(sent).filter((one) => bytesOf(one) > 4096 === isLarge),
      )
      expect(large?.length).toBeGreaterThan(5)
      expect(large?.filter((literal) => literal.endsWith('+}'))).toEqual([])
      expect(small?.length).toBeGreaterThan(5)
      expect(small?.filter((literal) => !literal.endsWith('+}'))).toEqual([])
    },
  },
  { lacks: 'any literal unasked', target: without('LITERAL+'), shows: nothingUnasked },
  {
    lacks: 'any literal unasked, and MULTIAPPEND',
    target: without('LITERAL+', 'MULTIAPPEND'),
    shows(sent) {
      nothingUnasked(sent)
      onePerCommand(sent)
    },
  },
  {
    lacks: 'UIDPLUS',
    target: without('UIDPLUS'),
    shows: ({ target }) =>
      expect(all(target, 'UID FETCH').filter((line) => /^\d+:\* .*RFC822\.SIZE/.test(line)).length).toBeGreaterThan(6),
  },
  {
    lacks: 'UIDPLUS and MULTIAPPEND',
    target: without('UIDPLUS', 'MULTIAPPEND'),
    shows: onePerCommand,
  },
  {
    lacks: 'CONDSTORE',
    source: without('CONDSTORE', 'QRESYNC'),
    target: without('CONDSTORE', 'QRESYNC'),
    shows({ source }) {
      expect(source.filter((command) => command.arguments.includes('MODSEQ'))).toEqual([])
      const listings = all(source, 'UID FETCH').filter((line) => line.startsWith('1:* '))
      // Eight folders, in each of three passes.
      expect(listings.length).toBeGreaterThanOrEqual(3 * 7)
    },
  },
  {
    lacks: 'QRESYNC',
    source: without('QRESYNC'),
    shows({ source }) {
      expect(all(source, 'UID FETCH').filter((line) => line.includes('VANISHED'))).toEqual([])
      expect(all(source, 'UID FETCH').join()).toContain('CHANGEDSINCE')
      expect(names(source)).toContain('UID SEARCH')
    },
  },
  {
    lacks: 'ENABLE',
    source: without('ENABLE'),
    target: without('ENABLE'),
    shows: ({ source }) => expect(all(source, 'UID FETCH').filter((line) => line.includes('VANISHED'))).toEqual([]),
  },
  {
    lacks: 'LIST-STATUS',
    source: without('LIST-STATUS'),
    target: without('LIST-STATUS'),
    shows: ({ source }) => expect(all(source, 'STATUS').length).toBeGreaterThanOrEqual(3 * 7),
  },
  {
    lacks: 'LIST-EXTENDED and SPECIAL-USE',
    source: without('LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'CREATE-SPECIAL-USE'),
    target: without('LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'CREATE-SPECIAL-USE'),
    shows({ source }) {
      expect(all(source, 'LIST').filter((line) => line.includes('RETURN'))).toEqual([])
      expect(names(source)).toContain('LSUB')
    },
  },
  {
    lacks: 'NAMESPACE',
    source: without('NAMESPACE'),
    target: without('NAMESPACE'),
    shows: ({ source, target }) => {
      expect(all(source, 'LIST')).toContain('"" ""')
      expect(all(target, 'LIST')).toContain('"" ""')
    },
  },
  {
    lacks: 'ESEARCH',
    source: without('ESEARCH', 'QRESYNC'),
    target: without('ESEARCH'),
    shows({ source, target }) {
      const searches = [...all(source, 'UID SEARCH'), ...all(target, 'UID SEARCH')]
      expect(searches.length).toBeGreaterThan(6)
      expect(searches.filter((line) => line.includes('RETURN'))).toEqual([])
    },
  },
  {
    lacks: 'UNSELECT',
    source: without('UNSELECT'),
    target: without('UNSELECT'),
    shows: ({ source, target }) => expect([...names(source), ...names(target)]).not.toContain('UNSELECT'),
  },
  {
    lacks: 'MOVE',
    target: without('MOVE'),
    keepsMoved: true,
    shows: ({ target }) => expect(names(target)).not.toContain('UID MOVE'),
  },
  {
    lacks: 'ids of folders and messages',
    source: without('OBJECTID'),
    target: without('OBJECTID'),
    shows: ({ source }) => expect(source.filter((command) => command.arguments.includes('MAILBOXID'))).toEqual([]),
  },
  {
    lacks: 'the UID in front of the content',
    source: { sendsBodyFirst: true },
    shows({ source }) {
      const bodies = all(source, 'UID FETCH').filter((line) => line.includes('BODY.PEEK[]'))
      expect(bodies.filter((line) => /^\d+ /.test(line)).length).toBeGreaterThanOrEqual(messagesPerUser)
    },
  },
  {
    lacks: 'all extensions',
    source: bare,
    target: bare,
    keepsMoved: true,
    shows(sent) {
      nothingUnasked(sent)
      onePerCommand(sent)
    },
  },
]

/** All that a server may be asked without anything being given up there (engine rule: never CLOSE, never EXPUNGE). */
const neverSent = ['CLOSE', 'EXPUNGE', 'UID EXPUNGE', 'DELETE']

describe('a mailbox comes over whole, and again after changes', () => {
  let able: Story

  beforeAll(async () => {
    await using source = await demoEnd()
    await using target = await demoEnd()
    able = await threePasses(source, target, false)
  })

  test('between two servers that can do all', () => {
    const [first, second, third] = able.reports.map(numbers)
    expect(first).toMatchObject({ copiedNow: messagesPerUser, fault: null })
    expect(second).toMatchObject({ copiedNow: 4, movedNow: 1, flagsChangedNow: 3, fault: null })
    expect(third).toMatchObject({ copiedNow: 0, movedNow: 0, flagsChangedNow: 0, fault: null })
    expect(names(able.sent.target)).toContain('UID MOVE')
    expect(literals(able.sent).length).toBeGreaterThan(all(able.sent.target, 'APPEND').length)
  })

  test.each(rows)(
    'where $lacks is missing',
    async ({ source: from = {}, target: to = {}, keepsMoved = false, shows }) => {
      await using source = await demoEnd(from)
      await using target = await demoEnd(to)
      const { reports, copy, sent } = await threePasses(source, target, keepsMoved)
      const moved = keepsMoved ? { copiedNow: 5, movedNow: 0 } : {}
      expect(reports.map(numbers)).toEqual(
        able.reports.map((report, at) => ({ ...numbers(report), ...(at === 1 && moved) })),
      )
      if (!keepsMoved) expect(compareMailboxes(able.copy, copy)).toEqual([])
      shows(sent)
      // Nothing was asked that the server does not offer.
      expect([...source.refused, ...target.refused]).toEqual([])
      expect([...names(sent.source), ...names(sent.target)].filter((name) => neverSent.includes(name))).toEqual([])
    },
  )
})

describeWith('dovecot')('a mailbox comes over whole between two Dovecots, and again after changes', () => {
  test.each<readonly [string, string, boolean, (sent: Sent) => void]>([
    ['nothing but IMAP4rev1', 'IMAP4rev1', true, (sent) => (nothingUnasked(sent), onePerCommand(sent))],
    ['what large hosts offer', 'IMAP4rev1 LITERAL+ UIDPLUS UNSELECT NAMESPACE ID CHILDREN', true, onePerCommand],
    ['no extension that tells changes', 'IMAP4rev1 LITERAL- MULTIAPPEND MOVE UNSELECT', false, () => {}],
  ])('that offer %s', async (_, capability, keepsMoved, shows) => {
    await using source = await dovecotEnd(capability)
    await using target = await dovecotEnd(capability)
    const { reports, sent } = await threePasses(source, target, keepsMoved)
    expect(reports.map(({ copiedNow }) => copiedNow)).toEqual([messagesPerUser, keepsMoved ? 5 : 4, 0])
    shows(sent)
    const words = /\+}|RETURN|MODSEQ|CHANGEDSINCE|VANISHED/g
    const offers = capability.includes('LITERAL') ? /RETURN|MODSEQ|CHANGEDSINCE|VANISHED/ : words
    expect([...sent.source, ...sent.target].filter((command) => offers.test(command.arguments))).toEqual([])
    expect([...names(sent.source), ...names(sent.target)].filter((name) => neverSent.includes(name))).toEqual([])
  })
})

type Break = (command: SeenCommand, session: Session) => Verdict

/** What ends a pass at the n-th such command, and only there. */
function once(pattern: RegExp, at: number, act: Break): Break {
  let count = 0
  return (command, session) => {
    if (!pattern.test(command.line)) return undefined
    count += 1
    return count === at ? act(command, session) : undefined
  }
}

const bodies = /UID FETCH .*BODY\.PEEK\[\]/
const answer = (text: string) => (): Verdict => ({ answer: text })

describe('what was settled is not sent again', () => {
  test.each<readonly [string, 'source' | 'target', Break, string]>([
    ['a source that leaves', 'source', once(bodies, 4, answer('BYE [UNAVAILABLE] Back later')), 'server.unavailable'],
    ['a source that is throttled', 'source', once(bodies, 4, answer('NO [THROTTLED] Slowly')), 'server.throttled'],
    [
      'a source that is cut in a message',
      'source',
      once(bodies, 4, (_, session) => void session.cutAfterSent(9_000)),
      'connect.dropped',
    ],
    ['a target that leaves', 'target', once(/APPEND/, 4, answer('BYE Going down')), 'connect.dropped'],
    [
      'a target that is throttled',
      'target',
      once(/APPEND/, 4, answer('NO Request is throttled. Suggested Backoff Time: 92415 milliseconds')),
      'server.throttled',
    ],
    [
      'a target that is cut in a message',
      'target',
      once(/APPEND/, 3, (_, session) => void session.cutAfterReceived(9_000)),
      'connect.dropped',
    ],
  ])('after %s', async (_, side, onCommand, code) => {
    await using source = await demoEnd(side === 'source' ? { hooks: { onCommand } } : {})
    await using target = await demoEnd(side === 'target' ? { hooks: { onCommand } } : {})
    await seed(source.outside, { users: [user], messagesPerUser })
    const { pass } = await migration(source, target)
    expect(await faultOf(pass())).toMatchObject({ code, side, scope: 'mailbox', retry: 'later' })
    const report = await pass()
    expect(report).toMatchObject({ fault: null, counts: { copied: messagesPerUser } })
    expect(report.copiedNow).toBeLessThan(messagesPerUser)
    await expectSame(source.outside, target.outside, [user])
  })
})

describe('a message that the target does not take is named, and the others come over', () => {
  const large = { ...note('Large'), bytes: Buffer.from(`Subject: Large\r\n\r\n${'x'.repeat(400_000)}\r\n`) }
  const nul = { ...note('Nul'), bytes: Buffer.from('Subject: Nul\r\n\r\n\0\r\n') }
  const limit = 300_000

  /** RFC 7889: each folder tells its own limit. */
  const perFolder: DemoOptions = {
    hooks: {
      onResponse: (text) => text.replace('CAPABILITY IMAP4rev1', 'CAPABILITY IMAP4rev1 APPENDLIMIT'),
      onCommand({ name, line }, session) {
        const [, folder] = /STATUS ("[^"]*") \(APPENDLIMIT\)$/.exec(line) ?? []
        if (name !== 'STATUS' || folder === undefined) return undefined
        session.untagged(`STATUS ${folder} (APPENDLIMIT ${folder === '"INBOX"' ? limit : 'NIL'})`)
        return { answer: 'OK done' }
      },
    },
  }

  test.each([
    ['above its limit', large, { appendBytesMax: limit }, 'append.too-large', 0],
    ['above the limit of its folder', large, perFolder, 'append.too-large', 0],
    ['too large without a word of it before', large, { refuseMessage: tooLarge }, 'append.too-large', 2],
    ['with a NUL in it', nul, {}, 'append.refused', 2],
  ] as const)('%s', async (_, message, options, code, sentMin) => {
    await using source = await demoEnd()
    await using target = await demoEnd(options)
    await seed(source.outside, { users: [user], messagesPerUser: 60 })
    {
      await using imap = await ImapWire.connect(source.outside.access(user))
      await append(imap, 'INBOX', [message])
    }
    const { pass, issues } = await migration(source, target)
    expect(await pass()).toMatchObject({ copiedNow: 60, skippedNow: 1, fault: null })
    expect(await issues()).toMatchObject([{ code, subject: message === nul ? 'Nul' : 'Large' }])
    const size = new RegExp(`\\{${message.bytes.length}\\+?\\}`)
    const sent = all(await target.sent(), 'APPEND').filter((line) => size.test(line)).length
    expect(sent).toBeGreaterThanOrEqual(sentMin)
    if (sentMin === 0) expect(sent).toBe(0)
    await expectSame(source.outside, target.outside, [user], {
      adjust: (_, { folders, subscribed }) => ({ folders: new Map([...folders].map(withoutSkipped)), subscribed }),
    })
    expect(await pass()).toMatchObject({ copiedNow: 0, skippedNow: 0 })

    function withoutSkipped([name, messages]: readonly [
      string,
      Snapshot['folders'] extends ReadonlyMap<string, infer M> ? M : never,
    ]) {
      return [
        name,
        messages.filter(
          ({ sizeBytes, subject }) => sizeBytes !== message.bytes.length || !/^(?:Nul|Large)/.test(subject),
        ),
      ] as const
    }
  })

  function tooLarge(bytes: Uint8Array): string | null {
    return bytes.length > limit ? '[TOOBIG] Message too large' : null
  }
})
