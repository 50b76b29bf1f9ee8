import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ImapServer, startImapServer } from '../../src/demo/server.ts'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { append, createFolder, type SeenMessage } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { readMailbox, type Snapshot } from '../support/snapshot.ts'
import { type UserView, until, usersOf } from './api.ts'
import { type Server, startServer, type TempFolder, tempFolder } from './server.ts'
import { createBatch, createEndpoints, startSync } from './world.ts'

/** Would do all this if a server took the message for commands, whatever it skips or eats of the first line. */
const commands = [
  'a0 NOOP',
  'a1 CREATE Executed',
  'a2 DELETE Keep',
  'a3 SELECT INBOX',
  'a4 UID STORE 1:* +FLAGS.SILENT (\\Deleted)',
  'a5 EXPUNGE',
  'a6 APPEND INBOX {4+}',
  'Oops',
  'a7 CLOSE',
  '',
].join('\r\n')
const evil = Buffer.from(commands)
const good = Buffer.from('Subject: Good\r\n\r\nA good message\r\n')
const kept = {
  bytes: Buffer.from('Subject: Kept\r\n\r\nStays\r\n'),
  flags: ['\\Seen', 'Mine'],
  receivedAt: '05-May-2015 10:20:30 +0000',
}

/** No FLAGS at all in the eyes of a parser: such a server is not understood, and what it has stays where it is. */
const unreadable = ['a quoted keyword', 'no flags but NIL']

/** What the source says before the literal of the message, in place of the truth. */
const badPrefixes: Readonly<Record<string, readonly [what: 'FLAGS' | 'INTERNALDATE', text: string]>> = {
  'a system flag that is none': ['FLAGS', '(\\Bogus)'],
  'a bare backslash': ['FLAGS', '(\\)'],
  'the flag that stands for all': ['FLAGS', '(\\* \\Seen)'],
  'a flag of the session': ['FLAGS', '(\\Recent \\Seen)'],
  'a keyword with a bracket': ['FLAGS', '(a]b)'],
  'a keyword like a literal': ['FLAGS', '(a{3+})'],
  'a keyword like a short literal': ['FLAGS', '({0+})'],
  'a keyword with wildcards': ['FLAGS', '(a*b% %)'],
  'a quoted keyword': ['FLAGS', '("a b" "c)")'],
  'a keyword of 8 bits': ['FLAGS', '(Gr\u00fc\u00dfe)'],
  'a keyword of 5,000 characters': ['FLAGS', `(${'k'.repeat(5_000)})`],
  '300 keywords': ['FLAGS', `(${Array.from({ length: 300 }, (_, at) => `key${at}`).join(' ')})`],
  'one flag many times': ['FLAGS', '(\\Seen \\seen \\SEEN X x X)'],
  'no flags but NIL': ['FLAGS', 'NIL'],
  'an empty date': ['INTERNALDATE', '""'],
  'no date but NIL': ['INTERNALDATE', 'NIL'],
  'words for a date': ['INTERNALDATE', '"yesterday"'],
  'a day that is none': ['INTERNALDATE', '"31-Feb-2001 00:00:00 +0000"'],
  'a time that is none': ['INTERNALDATE', '"01-Jan-2001 25:61:61 +9999"'],
  'a month that is none': ['INTERNALDATE', '"01-Foo-2001 00:00:00 +0000"'],
  'a date with a quote in it': ['INTERNALDATE', '"01-Jan-2001 00:00:00 +0000\\" {3+}"'],
  'a date with a literal behind it': ['INTERNALDATE', '"01-Jan-2001 00:00:00 +0000 {3+}"'],
  'the year 0': ['INTERNALDATE', '"01-Jan-0000 00:00:00 +0000"'],
  'a date in ISO 8601': ['INTERNALDATE', '"2001-01-01T00:00:00Z"'],
}

const badNames: Readonly<Record<string, string>> = {
  'a line break': 'Evil\r\na1 CREATE Executed\r\n',
  'a quote and a literal': 'Evil" {3+}',
  'a backslash': 'Evil\\',
  'a NUL': 'Evil\0a1 CREATE Executed',
  wildcards: 'Ev*il%',
  'broken UTF-7': 'Evil &AOk',
  'bytes of UTF-8': 'Evil \u00c3\u00a9',
}

/** The target will not have the name, or the source will not open what it lists. */
const closed = ['folder.refused', 'folder.unreadable']

const [allPrefixWords, nameWords] = [Object.keys(badPrefixes), Object.keys(badNames)]
const prefixWords = allPrefixWords.filter((words) => !unreadable.includes(words))
const userOf = (words: string) => `${words.replace(/\W+/g, '-')}@example.org`
const isEvilUser = (user: string) => allPrefixWords.find((words) => userOf(words) === user)

describeWith('dovecot', 'openssl')('a mail that is made of IMAP commands', () => {
  let source: ImapServer
  let target: DovecotServer
  let folder: TempFolder
  let server: Server
  let users: ReadonlyMap<string, UserView>

  beforeAll(async () => {
    target = await startDovecot()
    source = await startImapServer({
      hooks: { onResponse: (text, { account }) => spoil(text, account?.userName ?? '') },
    })
    folder = await tempFolder()
    server = await startServer(folder.path)
    await createEndpoints(server.api, { source: { port: source.port }, target })
    for (const words of allPrefixWords) deliverEvil(source, userOf(words))
    for (const words of nameWords) deliverInto(source, userOf(words), badNames[words] ?? '')
    const names = [...allPrefixWords, ...nameWords].map(userOf)
    for (const user of names) await fillTarget(target, user)
    const rows = names.map((user) => `${user},${user},secret,pass`)
    await createBatch(server.api, 'evil', ['EmailAddress,UserName,Password,TargetPassword', ...rows].join('\n'))
    await startSync(server.api, 'evil')
    users = await until('every user has come to an end or to an error', async () => {
      const found = await usersOf(server.api, 'evil')
      const hasEnded = ({ status, error }: UserView) => status === 'synced' || error !== null
      return found.every(hasEnded) ? new Map(found.map((user) => [user.emailAddress, user])) : null
    })
  }, 60_000)

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await Promise.all([source, target, folder].map((one) => one[Symbol.asyncDispose]()))
  })

  test.each(prefixWords)(
    'behind %s is copied as it is, alone and second in a batch, and executed nowhere',
    async (words) => {
      const { folders } = await readMailbox(target, userOf(words))
      expectUnharmed(folders)
      expect([...folders.keys()].sort()).toEqual(['Alone', 'INBOX', 'Keep', 'Second'])
      expect(bytesOf(folders.get('Alone'))).toEqual([evil.length])
      expect(bytesOf(folders.get('Second'))).toEqual([good.length, evil.length, good.length])
      for (const { flags } of [...folders.values()].flat()) expect(flags.filter((flag) => !isPlain(flag))).toEqual([])
      expect(users.get(userOf(words))).toMatchObject({ status: 'synced', error: null })
    },
  )

  test.each(nameWords)(
    'in a folder whose name has %s in it is executed nowhere, and the rest is copied',
    async (words) => {
      const user = users.get(userOf(words))
      const { folders } = await readMailbox(target, userOf(words))
      expectUnharmed(folders)
      expect(bytesOf(folders.get('Rest'))).toEqual([good.length])
      const arrived = [...folders].filter(([path, mail]) => !own.includes(path) && mail.length > 0)
      const { copied, skipped } = user?.progress.counts ?? {}
      if (arrived.length === 1) expect([copied, skipped, bytesOf(arrived[0]?.[1])]).toEqual([2, 0, [evil.length]])
      else expect([arrived, copied, skipped, closed.includes(user?.error?.code ?? '')]).toEqual([[], 1, 1, true])
    },
  )

  test.each(unreadable)('behind %s is not read, and executed nowhere', async (words) => {
    const { folders } = await readMailbox(target, userOf(words))
    expectUnharmed(folders)
    expect([...folders.values()].flat()).toHaveLength(2)
    expect(users.get(userOf(words))).toMatchObject({ error: { code: 'server.protocol' } })
  })
})

const own = ['INBOX', 'Keep', 'Rest']

/** The mail that was there stands as it stood, and none of the commands was run. */
function expectUnharmed(folders: Snapshot['folders']): void {
  expect(folders.get('Keep')?.map(({ flags }) => flags)).toEqual([['Mine', '\\seen']])
  expect(folders.get('INBOX')?.map(({ flags }) => flags)).toEqual([['Mine', '\\seen']])
  expect([...folders.keys()].filter((name) => name.includes('Executed') && !name.includes('Evil'))).toEqual([])
}

const isPlain = (flag: string): boolean =>
  /^(\\(seen|answered|flagged|deleted|draft)|[A-Za-z0-9$_-]{1,100})$/.test(flag)

const bytesOf = (messages: readonly SeenMessage[] = []): readonly number[] => messages.map(({ sizeBytes }) => sizeBytes)

async function fillTarget(target: DovecotServer, user: string): Promise<void> {
  await using imap = await ImapWire.connect(target.access(user))
  await createFolder(imap, 'Keep')
  await append(imap, 'Keep', [kept])
  await append(imap, 'INBOX', [kept])
}

function deliverEvil(source: ImapServer, userName: string): void {
  const account = source.store.addAccount({ userName, password: 'secret' })
  account.create('Alone')
  account.create('Second')
  const evilMail = { body: evil, flags: ['evil'] }
  account.deliver('Alone', evilMail)
  account.deliver('Second', { body: good }, evilMail, { body: good })
}

function deliverInto(source: ImapServer, userName: string, name: string): void {
  const account = source.store.addAccount({ userName, password: 'secret' })
  for (const folder of [name, 'Rest']) account.create(folder)
  account.deliver(name, { body: evil })
  account.deliver('Rest', { body: good })
}

/** Lies about the evil message of the user, and about no other. */
function spoil(text: string, user: string): string {
  const [what, lie] = badPrefixes[isEvilUser(user) ?? ''] ?? []
  if (what === undefined || lie === undefined || !/FETCH \(.*FLAGS \([^)]*evil/.test(text)) return text
  return text.replace(what === 'FLAGS' ? /FLAGS \([^)]*\)/ : /INTERNALDATE "[^"]*"/, () => `${what} ${lie}`)
}
