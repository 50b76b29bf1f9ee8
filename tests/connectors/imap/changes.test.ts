import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Cursor, Folder } from '../../../src/domain/mail.ts'
import { startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector()
const { signal } = new AbortController()
const folder: Folder = {
  name: 'INBOX',
  path: ['INBOX'],
  specialUse: null,
  isSelectable: true,
  isSubscribed: true,
  id: null,
  status: null,
}
const item = (uid: number, flags = '') =>
  `* 1 FETCH (UID ${uid} FLAGS (${flags}) INTERNALDATE "01-Jan-2024 00:00:00 +0000" RFC822.SIZE 5)\r\n`

interface Story {
  readonly capabilities?: string
  readonly examine?: string
  readonly cursor: Cursor | null
  /** Answers by the beginning of the command. */
  readonly answers: Readonly<Record<string, string>>
}

const examined = '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\n* OK [HIGHESTMODSEQ 50] x\r\n'
const cursor: Cursor = { uidValidity: 7, uidDone: 5, modseq: 40n }

/** What a source makes of a server's answers, and which commands it sent for them. */
async function tell({ capabilities = 'ENABLE CONDSTORE QRESYNC ESEARCH', examine = examined, cursor, answers }: Story) {
  await using server = await startScript(({ text, send, end }) => {
    const known = Object.keys(answers).find((start) => text.startsWith(start))
    if (text.startsWith('CAPABILITY')) send(`* CAPABILITY IMAP4rev1 AUTH=PLAIN ${capabilities}\r\n`)
    else if (text.startsWith('ENABLE')) send(capabilities.includes('QRESYNC') ? '* ENABLED QRESYNC CONDSTORE\r\n' : '')
    else if (text.startsWith('EXAMINE')) send(examine)
    else if (known !== undefined) send(answers[known] ?? '')
    else return false
    end('OK done')
    return true
  })
  await using source = await connector.openSource(server.access, signal)
  const changes = await source.changes(folder, cursor)
  const commands = server.lines.map((line) => line.replace(/^\S+ /, '')).filter((line) => line.startsWith('UID'))
  const items = [...changes.items]
  return { ...changes, items, uids: items.map(({ uid }) => uid), commands }
}

const meta = '(UID FLAGS INTERNALDATE RFC822.SIZE)'
const all = { 'UID FETCH 1:*': item(3) + item(1) + item(8) }

describe('changes', () => {
  test('come from QRESYNC in two commands', async () => {
    const told = await tell({
      cursor,
      answers: { 'UID FETCH 1:5': `* VANISHED (EARLIER) 2,4\r\n${item(3, '\\Seen')}`, 'UID FETCH 6:*': item(8) },
    })
    expect(told).toMatchObject({
      isComplete: false,
      uids: [3, 8],
      vanished: [
        [2, 2],
        [4, 4],
      ],
    })
    expect(told.status).toEqual({ messages: 3, uidNext: 9, uidValidity: 7, highestModseq: 50n })
    expect(told.commands).toEqual([`UID FETCH 1:5 ${meta} (CHANGEDSINCE 40 VANISHED)`, `UID FETCH 6:* ${meta}`])
  })

  test('come from CONDSTORE and a search for what is left', async () => {
    const told = await tell({
      capabilities: 'CONDSTORE',
      cursor,
      answers: { 'UID FETCH 1:5': item(3, '\\Seen'), 'UID FETCH 6:*': item(8), 'UID SEARCH': '* SEARCH 1 3\r\n' },
    })
    expect(told).toMatchObject({
      isComplete: false,
      uids: [3, 8],
      vanished: [
        [2, 2],
        [4, 5],
      ],
    })
    expect(told.commands).toEqual([
      'UID SEARCH UID 1:5',
      `UID FETCH 1:5 ${meta} (CHANGEDSINCE 40)`,
      `UID FETCH 6:* ${meta}`,
    ])
  })

  test('are not expanded, however much is said to have vanished', async () => {
    const told = await tell({
      cursor,
      answers: { 'UID FETCH 1:5': '* VANISHED (EARLIER) 1:4294967295\r\n', 'UID FETCH 6:*': '' },
    })
    expect(told.vanished).toEqual([[1, 4294967295]])
  })

  test('do not count the last message again that n:* names', async () => {
    const told = await tell({ cursor, answers: { 'UID FETCH 1:5': '', 'UID FETCH 6:*': item(5) } })
    expect(told.items.filter(({ uid }) => uid > 5)).toEqual([])
  })

  test.each([
    ['without a cursor', { cursor: null }],
    ['where the cursor has no modseq', { cursor: { ...cursor, modseq: null } }],
    ['where the cursor has modseq 0', { cursor: { ...cursor, modseq: 0n } }],
    ['where CONDSTORE is not offered', { cursor, capabilities: '' }],
  ] as const)('are a complete listing %s', async (_, story) => {
    const told = await tell({ ...story, answers: all })
    expect(told).toMatchObject({ isComplete: true, uids: [1, 3, 8], vanished: [] })
    expect(told.commands).toEqual([`UID FETCH 1:* ${meta}`])
  })

  test.each([
    ['where modseq fell', { cursor: { ...cursor, modseq: 51n } }],
    ['where the folder keeps none any more', { cursor, examine: examined.replace('HIGHESTMODSEQ 50', 'NOMODSEQ') }],
    ['where modseq is 0', { cursor, examine: examined.replace('HIGHESTMODSEQ 50', 'HIGHESTMODSEQ 0') }],
    ['where modseq is absent', { cursor, examine: examined.replace(/\* OK \[HIGHESTMODSEQ 50\] x\r\n/, '') }],
  ] as const)('are not believed, but a complete listing, %s', async (_, story) => {
    const since = { 'UID FETCH 1:5': `* VANISHED (EARLIER) 1:5\r\n${item(4)}`, 'UID FETCH 6:*': item(7) }
    const told = await tell({ ...story, answers: { ...since, ...all } })
    expect(told).toMatchObject({ isComplete: true, uids: [1, 3, 8], vanished: [] })
    expect(told.commands.at(-1)).toBe(`UID FETCH 1:* ${meta}`)
  })

  test.each([
    ['ENABLE CONDSTORE QRESYNC ESEARCH', 3],
    ['CONDSTORE', 4],
  ])('are asked for before the folder is open: one round trip (%s)', async (capabilities, commands) => {
    const waiting: (() => void)[] = []
    await using server = await startScript(({ text, end, send }) => {
      if (text.startsWith('CAPABILITY')) send(`* CAPABILITY IMAP4rev1 AUTH=PLAIN ${capabilities}\r\n`)
      else if (text.startsWith('ENABLE')) send('* ENABLED QRESYNC CONDSTORE\r\n')
      else if (/^(?:EXAMINE|UID)/.test(text)) {
        waiting.push(() => {
          if (text.startsWith('EXAMINE')) send(examined)
          end('OK done')
        })
        if (waiting.length === commands) for (const answer of waiting) answer()
        return true
      } else return false
      end('OK done')
      return true
    })
    await using source = await connector.openSource(server.access, signal)
    expect(await source.changes(folder, cursor)).toMatchObject({ isComplete: false, status: { uidNext: 9 } })
    expect(waiting).toHaveLength(commands)
  })

  test('end with a cursor although the server tells no UIDNEXT', async () => {
    const examine = examined.replace(/\* OK \[UIDNEXT 9\] x\r\n/, '')
    expect((await tell({ cursor: null, examine, answers: all })).status.uidNext).toBe(9)
    const answers = { 'UID FETCH *': item(8), 'UID FETCH 1:5': '', 'UID FETCH 6:*': item(8) }
    expect((await tell({ cursor, examine, answers })).status.uidNext).toBe(9)
  })

  test('begin anew where the folder has another UIDVALIDITY', async () => {
    await expect(tell({ cursor: { ...cursor, uidValidity: 6 }, answers: all })).rejects.toMatchObject({
      code: 'cursor.lost',
      scope: 'folder',
      retry: 'now',
    })
  })

  test('cannot be told of a folder without UIDVALIDITY', async () => {
    const examine = examined.replace(/\* OK \[UIDVALIDITY 7\] x\r\n/, '')
    await expect(tell({ cursor: null, examine, answers: all })).rejects.toMatchObject({
      code: 'server.protocol',
      scope: 'folder',
    })
  })

  test('take the last word on flags', async () => {
    const told = await tell({
      cursor: null,
      answers: {
        'UID FETCH 1:*': `${item(1)}* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (\\Deleted))\r\n* 9 FETCH (UID 99 FLAGS ())\r\n`,
      },
    })
    expect(told.items).toMatchObject([{ uid: 1, flags: ['\\Seen'] }])
  })
})
