import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type DovecotServer, startDovecot } from './dovecot.ts'
import {
  append,
  createFolder,
  expunge,
  fetchAll,
  listFolders,
  listSubscribed,
  move,
  renameFolder,
  run,
  store,
} from './imap-client.ts'
import { decodeName, encodeName, pathOf, wireName } from './imap-names.ts'
import { ImapWire } from './imap-wire.ts'
import { describeWith } from './need.ts'

const note = (text: string, ...flags: string[]) => ({
  bytes: Buffer.from(`Subject: ${text}\r\n\r\n`),
  flags,
  receivedAt: '17-Jul-1996 02:44:25 +0000',
})
const subjects = async (imap: ImapWire, name: string) => (await fetchAll(imap, name)).map(({ subject }) => subject)

describeWith('dovecot', 'openssl')('the witness client', () => {
  let server: DovecotServer
  beforeAll(async () => {
    server = await startDovecot()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('appends many at once and reads each back as it was, in order', async () => {
    await using imap = await ImapWire.connect(server.access('many'))
    const notes = Array.from({ length: 250 }, (_, index) => note(`${index}`, '\\Seen', 'Work'))
    await append(imap, 'INBOX', notes)
    const seen = await fetchAll(imap, 'INBOX')
    expect(seen.map(({ subject }) => subject)).toEqual(notes.map((_, index) => `${index}`))
    expect(new Set(seen.map(({ flags }) => flags.join()))).toEqual(new Set(['Work,\\seen']))
  })

  test('carries 8-bit bytes and a body of several megabytes unharmed', async () => {
    await using imap = await ImapWire.connect(server.access('large'))
    const line = Buffer.concat([Buffer.from(Array.from({ length: 240 }, (_, at) => 14 + at)), Buffer.from('\r\n')])
    const bytes = Buffer.concat([Buffer.from('Subject: Large\r\n\r\n'), ...Array.from({ length: 30_000 }, () => line)])
    await append(imap, 'INBOX', [{ ...note(''), bytes }])
    const sha256 = new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
    expect(await fetchAll(imap, 'INBOX')).toMatchObject([{ sha256, sizeBytes: bytes.length }])
  })

  test('does what a user does: create, rename, subscribe, move, flag, delete', async () => {
    await using imap = await ImapWire.connect(server.access('active'))
    await createFolder(imap, 'Old "name"')
    await renameFolder(imap, 'Old "name"', 'New')
    await run(imap, 'SUBSCRIBE New')
    await append(imap, 'INBOX', [note('One'), note('Two'), note('Three')])
    await move(imap, 'INBOX', [1], 'New')
    await store(imap, 'INBOX', [2], '+FLAGS (\\Deleted)')
    await expunge(imap, 'INBOX', [3])
    expect((await listFolders(imap)).map(({ name }) => name).sort()).toEqual(['INBOX', 'New'])
    expect((await listSubscribed(imap)).map(({ name }) => name)).toEqual(['New'])
    expect(await subjects(imap, 'New')).toEqual(['One'])
    expect(await subjects(imap, 'INBOX')).toEqual(['Two'])
    expect((await fetchAll(imap, 'INBOX'))[0]?.flags).toEqual(['\\deleted'])
  })

  test('says what a server refused, and fails all that waits when the connection is lost', async () => {
    await using imap = await ImapWire.connect(server.access('refused'))
    await expect(append(imap, 'Nowhere', [note('Lost')])).rejects.toThrow('[TRYCREATE]')
    await expect(fetchAll(imap, 'Nowhere')).rejects.toThrow('Cannot EXAMINE')
    const late = [run(imap, 'LOGOUT'), run(imap, 'NOOP')]
    expect((await Promise.allSettled(late)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(run(imap, 'NOOP')).rejects.toThrow(/closed|ECONNRESET/)
  })
})

test.each([
  ['Entwürfe', 'Entw&APw-rfe'],
  ['R&D', 'R&-D'],
  ['台北/日本語', '&U,BTFw-/&ZeVnLIqe-'],
  ['🚲', '&2D3esg-'],
])('the name %s is %s on the wire', (text, name) => {
  expect(encodeName(text)).toBe(name)
  expect(decodeName(name)).toBe(text)
})

test('any name comes back from the wire as it went there', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(encodeName(text)).toMatch(/^[\x20-\x7e]*$/)
      expect(decodeName(encodeName(text))).toBe(text)
    }),
  )
})

test.each([
  ['', '/', ['A', 'ü'], 'A/&APw-'],
  ['INBOX.', '.', ['A'], 'INBOX.A'],
  ['INBOX.', '.', ['INBOX'], 'INBOX'],
] as const)('under the prefix "%s" and "%s" the path %j is %s', (prefix, separator, path, name) => {
  const server = { prefix, separator }
  expect(wireName(server, path)).toBe(name)
  expect(pathOf(server, name)).toEqual(path)
})
