import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Extension, extensionsWithout } from '../../src/demo/settings.ts'
import type { PassReport } from '../../src/engine/pass.ts'
import { expectSame } from '../support/checker.ts'
import { compareMailboxes } from '../support/compare.ts'
import { append, createFolder, expunge, move, renameFolder, store } from '../support/imap-client.ts'
import { wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { seed } from '../support/seed.ts'
import { readMailbox, type Snapshot } from '../support/snapshot.ts'
import type { SentCommand } from './commands.ts'
import { all, type DemoOptions, demoEnd, dovecotEnd, type End, migration, note, user } from './lacking.ts'

setDefaultTimeout(30_000)

const messagesPerUser = 120
const bare: DemoOptions = { extensions: [] }
const without = (...left: readonly Extension[]): DemoOptions => ({
  extensions: extensionsWithout(...left),
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
    lacks: 'LITERAL+ but with LITERAL-',
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
  { lacks: 'leave to send literals unasked', target: without('LITERAL+'), shows: nothingUnasked },
  {
    lacks: 'leave to send literals unasked and MULTIAPPEND',
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
    lacks: 'the UID in front of a content',
    source: { sendsBodyFirst: true },
    shows({ source }) {
      const bodies = all(source, 'UID FETCH').filter((line) => line.includes('BODY.PEEK[]'))
      expect(bodies.filter((line) => /^\d+ /.test(line)).length).toBeGreaterThanOrEqual(messagesPerUser)
    },
  },
  {
    lacks: 'any extension',
    source: bare,
    target: bare,
    keepsMoved: true,
    shows(sent) {
      nothingUnasked(sent)
      onePerCommand(sent)
    },
  },
]

/** What would give up mail, at whichever end. */
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

  test.each(rows)('without $lacks', async ({ source: from = {}, target: to = {}, keepsMoved = false, shows }) => {
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
  })
})

interface DovecotRow {
  readonly offers: string
  readonly capability: string
  readonly keepsMoved: boolean
  /** What nobody may ask of it: it would do it all the same. */
  readonly never: RegExp
}

const dovecotRows: readonly DovecotRow[] = [
  {
    offers: 'IMAP4rev1 alone',
    capability: 'IMAP4rev1',
    keepsMoved: true,
    never: /\+\}|\{.*\{|RETURN|MODSEQ|CHANGEDSINCE|VANISHED/,
  },
  {
    offers: 'what some large hosts do',
    capability: 'IMAP4rev1 LITERAL+ UIDPLUS UNSELECT NAMESPACE ID CHILDREN',
    keepsMoved: true,
    never: /\{.*\{|RETURN|MODSEQ|CHANGEDSINCE|VANISHED/,
  },
  {
    offers: 'nothing that tells what changed, nor which UID a copy got',
    capability: 'IMAP4rev1 LITERAL- MULTIAPPEND MOVE UNSELECT',
    keepsMoved: false,
    never: /RETURN|MODSEQ|CHANGEDSINCE|VANISHED/,
  },
]

describeWith('dovecot')('a mailbox comes over whole between two Dovecots, and again after changes', () => {
  test.each(dovecotRows)('that offer $offers', async ({ capability, keepsMoved, never }) => {
    await using source = await dovecotEnd(capability)
    await using target = await dovecotEnd(capability)
    const { reports, sent } = await threePasses(source, target, keepsMoved)
    expect(reports.map(({ copiedNow }) => copiedNow)).toEqual([messagesPerUser, keepsMoved ? 5 : 4, 0])
    const commands = [...sent.source, ...sent.target]
    expect(commands.length).toBeGreaterThan(50)
    expect(commands.filter((command) => never.test(command.arguments))).toEqual([])
    expect(names(commands).filter((name) => neverSent.includes(name))).toEqual([])
  })
})
