import { expect, setDefaultTimeout, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import { headStart } from '../../../src/domain/head-start.ts'
import type { Folder, Item } from '../../../src/domain/mail.ts'
import { collect, faultOf } from '../conformance.ts'
import { type Said, startScript } from './scripted.ts'

setDefaultTimeout(30_000)

const connector = createImapConnector({ stallMs: 200, signInMs: 2_000 })
const { signal } = new AbortController()

const inbox: Folder = {
  name: 'INBOX',
  path: ['INBOX'],
  specialUse: null,
  isSelectable: true,
  isSubscribed: true,
  id: null,
  status: { messages: 3, uidNext: 4, uidValidity: 7, highestModseq: null },
}

async function sizesOf(items: ReturnType<typeof headStart<Item>>): Promise<readonly number[]> {
  const sizes: number[] = []
  for (let step = await items.next(); !step.done; step = await items.next()) {
    let bytes = 0
    for await (const chunk of step.value.body) bytes += chunk.length
    sizes.push(bytes)
  }
  return sizes
}

test('a server that ends a FETCH behind the content of the next one does not stall', async () => {
  const body = (uid: number, bytes: number) =>
    `* ${uid} FETCH (UID ${uid} FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000" BODY[] {${bytes}}\r\n${'x'.repeat(bytes)})\r\n`
  let first: Said | null = null
  await using server = await startScript((said) => {
    if (!said.text.startsWith('UID FETCH')) return false
    if (first === null) {
      first = said
      said.send(body(1, 10))
    } else {
      said.send(body(3, 4 * 1024 * 1024))
      first.end('OK done')
      said.end('OK done')
    }
    return true
  })
  await using source = await connector.openSource(server.access, signal)
  // Message 2 is gone: only the end of the first answer says so.
  const ahead = headStart(source.fetch(inbox, [1, 2]))
  const next = headStart(source.fetch(inbox, [3]))
  expect(await sizesOf(ahead)).toEqual([10])
  expect(await sizesOf(next)).toEqual([4 * 1024 * 1024])
})

test('messages that wait to be used do not hold back the one that is being read', async () => {
  const [small, large] = [900 * 1024, 12 * 1024 * 1024]
  const body = (uid: number, bytes: number) =>
    `* ${uid} FETCH (UID ${uid} FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000" BODY[] {${bytes}}\r\n${'x'.repeat(bytes)})\r\n`
  await using server = await startScript((said) => {
    if (!said.text.startsWith('UID FETCH')) return false
    said.send(said.text.includes('FETCH 1 ') ? body(1, small) : body(2, large))
    said.end('OK done')
    return true
  })
  await using source = await connector.openSource(server.access, signal)
  // Nobody touches the first; the second is begun, and its rest lies behind what the first holds.
  const held = headStart(source.fetch(inbox, [1]))
  const read = headStart(source.fetch(inbox, [2]))
  expect(await sizesOf(read)).toEqual([large])
  expect(await sizesOf(held)).toEqual([small])
})

test('a server that sends content first does not stand still while mail that was asked for before waits to be used', async () => {
  const large = 4 * 1024 * 1024
  const meta = 'FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000"'
  await using server = await startScript((said) => {
    const [, uid, what] = /^UID FETCH (\d+) (.*)/.exec(said.text) ?? []
    if (uid === undefined) return false
    const bytes = uid === '2' ? large : 10
    if (what?.includes('BODY')) {
      said.send(`* ${uid} FETCH (BODY[] {${bytes}}\r\n${'x'.repeat(bytes)} UID ${uid} ${meta})\r\n`)
    } else said.send(`* ${uid} FETCH (UID ${uid} ${meta} RFC822.SIZE ${bytes})\r\n`)
    said.end('OK done')
    return true
  })
  await using source = await connector.openSource(server.access, signal)
  expect(await sizesOf(headStart(source.fetch(inbox, [1])))).toEqual([10])
  const held = headStart(source.fetch(inbox, [2]))
  const read = headStart(source.fetch(inbox, [3]))
  expect(await sizesOf(read)).toEqual([10])
  expect(await sizesOf(held)).toEqual([large])
})

test('content that comes before a folder is open is not taken for that of a message in it', async () => {
  const body = (words: string) =>
    `* 1 FETCH (UID 2 FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000" BODY[] {${words.length}}\r\n${words})\r\n`
  let first: Said | null = null
  await using server = await startScript((said) => {
    if (said.text === 'EXAMINE "Other"') {
      // Message 2 of the inbox, which nobody asked for; the other folder is asked for its own already.
      first?.send(body('stray'))
      first?.end('OK done')
    }
    if (said.text !== 'UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])') return false
    first = said
    return true
  })
  await using source = await connector.openSource(server.access, signal)
  const [one, two] = [source.fetch(inbox, [1]), source.fetch({ ...inbox, name: 'Other', path: ['Other'] }, [2])]
  expect(await Promise.all([collect(one), collect(two)])).toEqual([[], []])
})

test('a connection that rests for what nobody ever takes is given up at last', async () => {
  const bytes = 4 * 1024 * 1024
  await using server = await startScript((said) => {
    if (!said.text.startsWith('UID FETCH')) return false
    said.send(
      `* 1 FETCH (UID 1 FLAGS () INTERNALDATE "01-Jan-2026 10:00:00 +0000" BODY[] {${bytes}}\r\n${'x'.repeat(bytes)})\r\n`,
    )
    said.end('OK done')
    return true
  })
  await using source = await createImapConnector({ stallMs: 30 }).openSource(server.access, signal)
  const held = headStart(source.fetch(inbox, [1]))
  const listing = faultOf(source.list(inbox))
  expect(await listing).toMatchObject({ code: 'connect.timeout', side: 'source' })
  await held.return()
})
