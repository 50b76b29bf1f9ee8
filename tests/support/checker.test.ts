import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type CheckOptions, check, expectSame } from './checker.ts'
import { startDeliveries } from './deliveries.ts'
import { type DovecotServer, startDovecot } from './dovecot.ts'
import { append, createFolder, expunge, move, run, type SeenMessage, store } from './imap-client.ts'
import { ImapWire } from './imap-wire.ts'
import { describeWith } from './need.ts'
import { planMailbox, type SeedPlan, seed } from './seed.ts'
import type { Snapshot } from './snapshot.ts'

describeWith('dovecot', 'openssl')('the checker', () => {
  let source: DovecotServer
  let target: DovecotServer
  let plan: SeedPlan
  let number = 0

  beforeAll(async () => {
    source = await startDovecot()
    target = await startDovecot({ storage: 'maildir', separator: '.', prefix: 'INBOX.' })
  })
  afterAll(() => Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()]))

  beforeEach(async () => {
    number += 1
    plan = { users: [`ada${number}`, `bob${number}`], messagesPerUser: 40 }
    await Promise.all([seed(source, plan), seed(target, plan)])
  })

  const atTarget = async (act: (imap: ImapWire) => Promise<unknown>) => {
    await using imap = await ImapWire.connect(target.access(plan.users[0] ?? ''))
    await act(imap)
  }
  const kinds = async (options: CheckOptions = {}) =>
    (await check(source, target, plan.users, options)).differences.map(({ kind }) => kind).sort()
  /** The first message of the plan, and a twin of its neighbour; both lie in the inbox. */
  const planned = () => {
    const [inbox, sent] = planMailbox(plan, plan.users[0] ?? '')
    const first = inbox?.messages[0]
    const twin = sent?.messages[2]
    if (first === undefined || twin === undefined) throw new Error('The plan has no such messages')
    return { first, twin }
  }

  test('finds two servers alike that hold the same mail, whatever their separators and prefixes', async () => {
    expect(await expectSame(source, target, plan.users)).toEqual({ users: 2, folders: 14, messages: 80 })
  })

  const spoiled = {
    'a missing message': [['missing'], (imap: ImapWire) => expunge(imap, 'INBOX', [3])],
    'a missing twin': [['missing'], (imap: ImapWire) => expunge(imap, 'INBOX.Sent', [3])],
    'a doubled message': [['doubled'], (imap: ImapWire) => append(imap, 'INBOX', [planned().first])],
    'a third twin': [['doubled'], (imap: ImapWire) => append(imap, 'INBOX.Sent', [planned().twin])],
    'a message in the wrong folder': [['extra', 'missing'], (imap: ImapWire) => move(imap, 'INBOX', [1], 'INBOX.Leer')],
    'a flag too many': [['other flags'], (imap: ImapWire) => store(imap, 'INBOX', [2], '+FLAGS (Odd)')],
    'exchanged flags': [
      ['other flags'],
      (imap: ImapWire) => store(imap, 'INBOX.Sent', [3], 'FLAGS (\\Answered \\Draft)'),
    ],
    'a foreign message': [['extra'], (imap: ImapWire) => append(imap, 'INBOX', [altered('Foreign')])],
    'a foreign folder': [['extra folder'], (imap: ImapWire) => createFolder(imap, 'INBOX.Foreign')],
    'a missing empty folder': [['missing folder'], (imap: ImapWire) => run(imap, 'DELETE INBOX.Leer')],
    'a lost subscription': [['not subscribed'], (imap: ImapWire) => run(imap, 'UNSUBSCRIBE INBOX.Sent')],
    'another date': [
      ['other date'],
      (imap: ImapWire) => replaceFirst(imap, { receivedAt: '01-Jan-2001 00:00:00 +0000' }),
    ],
    'another byte': [['extra', 'missing'], (imap: ImapWire) => replaceFirst(imap, altered('Changed'))],
  } as const

  const altered = (text: string) => ({
    ...planned().first,
    bytes: Buffer.concat([planned().first.bytes, Buffer.from(text)]),
  })
  const replaceFirst = async (imap: ImapWire, change: object) => {
    await expunge(imap, 'INBOX', [1])
    await append(imap, 'INBOX', [{ ...planned().first, ...change }])
  }

  test.each(Object.keys(spoiled) as (keyof typeof spoiled)[])('finds %s', async (name) => {
    const [expected, spoil] = spoiled[name]
    await atTarget(spoil)
    expect(await kinds()).toEqual([...expected])
    await expect(expectSame(source, target, plan.users)).rejects.toThrow(`  ${expected[0]}: 1\n    ada${number}: `)
  })

  test('wants foreign mail to be there once: neither lost nor doubled nor taken for a copy', async () => {
    const deliveries = startDeliveries(target, plan.users, { paths: [['INBOX'], ['Sent'], ['Not there']] })
    const foreign = await deliveries.stop(6)
    expect(foreign.length).toBeGreaterThanOrEqual(6)
    expect(await kinds({ foreign })).toEqual([])
    expect(await kinds()).toEqual(foreign.map(() => 'extra'))
    expect(await kinds({ foreign: [...foreign, ...foreign.slice(0, 1)] })).toEqual(['missing'])
  })

  test('follows the maps of folders and users', async () => {
    const path = (path: readonly string[]) => (path[0] === 'Leer' ? ['Alte Post'] : path)
    await seed(target, plan, { mapPath: path, userAt: (user) => `${user}.new` })
    const options = {
      mapFolder: (folder: string) => (folder === 'Leer' ? 'Alte Post' : folder),
      targetUser: (user: string) => `${user}.new`,
    }
    expect(await kinds(options)).toEqual([])
    const unmapped = ['extra folder', 'missing folder', 'not subscribed'] as const
    expect(await kinds({ targetUser: options.targetUser })).toEqual([...unmapped, ...unmapped].sort())
  })

  test('forgives what it is told of: an extra folder, a flag that the user set', async () => {
    await atTarget((imap) => createFolder(imap, 'INBOX.Own'))
    await atTarget((imap) => store(imap, 'INBOX', [1], '+FLAGS (Own)'))
    const owned = ([first, ...rest]: readonly SeenMessage[] = []): readonly SeenMessage[] =>
      first === undefined ? [] : [{ ...first, flags: [...first.flags, 'Own'].sort() }, ...rest]
    const adjust = (user: string, { folders, subscribed }: Snapshot) => ({
      folders: user === plan.users[0] ? new Map([...folders]).set('INBOX', owned(folders.get('INBOX'))) : folders,
      subscribed,
    })
    expect(await kinds()).toEqual(['extra folder', 'other flags'])
    expect(await kinds({ ignoresFolder: (folder: string) => folder === 'Own', adjust })).toEqual([])
  })

  test('tells the zone of a date from its instant', async () => {
    await using abroad = await startDovecot({ timeZone: 'America/St_Johns' })
    await seed(abroad, plan)
    expect(await check(source, abroad, plan.users, { dates: 'instant' })).toMatchObject({ differences: [] })
    const { differences } = await check(source, abroad, plan.users)
    expect(new Set(differences.map(({ kind }) => kind))).toEqual(new Set(['other date']))
  })
})
