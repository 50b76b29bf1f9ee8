import { describe, expect, test } from 'bun:test'
import { startFixture } from './fixture.ts'

const python = Bun.which('python3')

/** Prints one line a step; imaplib raises where an answer is not to its taste. */
const script = `
import imaplib, sys
imap = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]))
print(imap.login('anna', 'secret')[0])
print(imap.create('Notes')[0], imap.subscribe('Notes')[0])
print(imap.list()[1])
print(imap.append('Notes', '(\\\\Seen)', '"17-Jul-1996 02:44:25 -0700"', b'Subject: x\\r\\n\\r\\nHello\\r\\n')[1])
print(imap.select('Notes')[1], imap.response('UIDVALIDITY')[1])
print(imap.uid('fetch', '1:*', '(FLAGS INTERNALDATE BODY.PEEK[])')[1])
print(imap.search(None, 'SEEN', 'SUBJECT', 'x')[1])
print(imap.store('1', '+FLAGS', '(\\\\Deleted)')[1])
print(imap.copy('1', 'INBOX')[1])
print(imap.expunge()[1])
print(imap.status('INBOX', '(MESSAGES)')[1])
print(imap.namespace()[1], imap.getquotaroot('INBOX')[0])
print(imap.unselect()[0], imap.delete('Notes')[0], imap.logout()[0])
`

const printed = `OK
OK OK
[b'(\\\\HasNoChildren) "/" INBOX', b'(\\\\HasNoChildren) "/" Notes']
[b'[APPENDUID 8 1] Appended']
[b'1'] [b'8']
[(b'1 (UID 1 FLAGS (\\\\Seen \\\\Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700" BODY[] {21}', b'Subject: x\\r\\n\\r\\nHello\\r\\n'), b')']
[b'1']
[b'1 (FLAGS (\\\\Seen \\\\Deleted \\\\Recent))']
[b'[COPYUID 7 1 1] Copied']
[b'1']
[b'INBOX (MESSAGES 1)']
[b'(("" "/")) NIL NIL'] OK
OK OK BYE
`

if (python === null) console.warn('Skipped: python3 is not installed')

describe.skipIf(python === null)("Python's imaplib", () => {
  test('signs in, appends, fetches, searches, stores, copies and expunges', async () => {
    await using fixture = await startFixture()
    const child = Bun.spawn([python ?? 'python3', '-c', script, String(fixture.server.port)], { stderr: 'inherit' })
    expect(await new Response(child.stdout).text()).toBe(printed)
    expect(await child.exited).toBe(0)
  })
})
