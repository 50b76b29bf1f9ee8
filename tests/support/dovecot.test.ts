import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { startDovecot } from './dovecot.ts'
import { append, fetchAll, listFolders, run } from './imap-client.ts'
import { quote } from './imap-names.ts'
import { ImapWire } from './imap-wire.ts'
import type { MailServer } from './mail-server.ts'
import { describeWith } from './need.ts'

const note = {
  bytes: Buffer.from('Subject: A\r\n\r\nB\r\n'),
  flags: ['\\Seen'],
  receivedAt: '17-Jul-1996 02:44:25 -0700',
}
const words = async (imap: ImapWire, command: string) => (await run(imap, command)).lines.map(({ text }) => text)

/** A PLAIN response for somebody acting as somebody else (RFC 4616, section 2). */
async function signInAs(server: Parameters<typeof ImapWire.greet>[0], user: string, name: string, password: string) {
  await using imap = await ImapWire.greet(server)
  const response = Buffer.from(`${user}\0${name}\0${password}`).toString('base64')
  return (await imap.command([`AUTHENTICATE PLAIN ${response}`])).status
}

async function signIn(server: MailServer, user: string, password: string): Promise<string> {
  await using imap = await ImapWire.greet(server.access(user))
  return (await imap.command([`LOGIN ${quote(user)} ${quote(password)}`])).status
}

describeWith('dovecot', 'openssl')('a throw-away Dovecot', () => {
  test('takes anybody with the one password, and is gone with its folder afterwards', async () => {
    const server = await startDovecot()
    expect(await signIn(server, 'anybody@example.org', 'pass')).toBe('OK')
    expect(await signIn(server, 'anybody@example.org', 'wrong')).toBe('NO')
    await server[Symbol.asyncDispose]()
    expect(existsSync(server.folder)).toBe(false)
    expect(() => process.kill(server.pid, 0)).toThrow()
  })

  test('refuses wrong passwords and strangers without growing delays, where the users are listed', async () => {
    await using server = await startDovecot({ users: { ada: 'a:b "c" ü', bob: 'b' } })
    const refusalsStartedAt = performance.now()
    for (const user of ['ada', 'ada', 'ada', 'ada', 'stranger']) expect(await signIn(server, user, 'b')).toBe('NO')
    expect(performance.now() - refusalsStartedAt).toBeLessThan(5_000)
    expect(await signIn(server, 'bob', 'b')).toBe('OK')
    await using imap = await ImapWire.greet(server)
    const bytes = Buffer.from('a:b "c" ü')
    expect((await imap.command(['LOGIN ada ', bytes])).status).toBe('OK')
  })

  test('lets a master user in as anybody, by name pattern and by authorization identity', async () => {
    const master = { name: 'admin', password: 'secret' }
    await using server = await startDovecot({ users: { ada: 'a' }, master })
    expect(await signIn(server, 'ada*admin', 'secret')).toBe('OK')
    expect(await signIn(server, 'ada*admin', 'a')).toBe('NO')
    expect(await signIn(server, 'stranger*admin', 'secret')).toBe('NO')
    expect(await signInAs(server, 'ada', 'admin', 'secret')).toBe('OK')
    expect(await signInAs(server, 'ada', 'ada', 'secret')).toBe('NO')
    await using open = await startDovecot({ master })
    expect(await signIn(open, 'whoever*admin', 'secret')).toBe('OK')
  })

  test('speaks TLS under a certificate for 127.0.0.1 that is trusted by its own file only', async () => {
    await using server = await startDovecot()
    const tls = { host: server.host, port: server.tlsPort }
    await using imap = await ImapWire.connect({ ...tls, user: 'ada', password: 'pass', ca: server.certificate.pem })
    expect(await listFolders(imap)).toHaveLength(1)
    await using other = await startDovecot()
    await expect(ImapWire.greet({ ...tls, ca: other.certificate.pem })).rejects.toThrow(/certificate|signed/)
  })

  test.each(['sdbox', 'mdbox', 'maildir'] as const)('keeps a message as it is in %s', async (storage) => {
    await using server = await startDovecot({ storage, timeZone: 'America/St_Johns' })
    await using imap = await ImapWire.connect(server.access('ada'))
    await append(imap, 'INBOX', [note])
    expect(await fetchAll(imap, 'INBOX')).toMatchObject([
      { sizeBytes: 17, flags: ['\\seen'], receivedAt: '17-Jul-1996 07:14:25 -0230', subject: 'A' },
    ])
  })

  test('has the namespace, the special folders and the capabilities it is told', async () => {
    await using server = await startDovecot({
      separator: '.',
      prefix: 'INBOX.',
      specialUse: { Entwürfe: '\\Drafts' },
      capability: 'IMAP4rev1 UIDPLUS',
    })
    await using imap = await ImapWire.connect(server.access('ada'))
    await run(imap, 'CREATE INBOX.Entw&APw-rfe')
    expect(await words(imap, 'NAMESPACE')).toEqual(['* NAMESPACE (("INBOX." ".")) NIL NIL'])
    expect(await words(imap, 'CAPABILITY')).toEqual(['* CAPABILITY IMAP4rev1 UIDPLUS'])
    expect(await listFolders(imap)).toContainEqual({
      name: 'INBOX.Entw&APw-rfe',
      attributes: ['\\hasnochildren', '\\drafts'],
    })
  })

  test('refuses mail over the quota', async () => {
    await using server = await startDovecot({ quotaBytes: 20_000 })
    await using imap = await ImapWire.connect(server.access('ada'))
    const big = { ...note, bytes: Buffer.alloc(15_000, 'x\r\n') }
    await append(imap, 'INBOX', [big])
    await expect(append(imap, 'INBOX', [big])).rejects.toThrow('[OVERQUOTA]')
  })

  test('refuses more connections of one user than it is told to take', async () => {
    await using server = await startDovecot({ connectionsMax: 1 })
    await using _first = await ImapWire.connect(server.access('ada'))
    await expect(ImapWire.connect(server.access('ada'))).rejects.toThrow('Maximum number of connections')
  })

  test('keeps what clients send, if told to', async () => {
    await using server = await startDovecot({ keepsWire: true })
    await using imap = await ImapWire.connect(server.access('ada'))
    await fetchAll(imap, 'INBOX')
    expect(await server.received()).toContainEqual(expect.stringMatching(/t\d+ EXAMINE "INBOX"$/))
  })

  test('shows its log when it cannot start', async () => {
    await expect(startDovecot({ capability: '}', separator: 'ab' })).rejects.toThrow(
      /Cannot start Dovecot: .*separator/s,
    )
  })
})
