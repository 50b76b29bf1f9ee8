import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { expectSame } from '../support/checker.ts'
import { append } from '../support/imap-client.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { seed } from '../support/seed.ts'
import type { Snapshot } from '../support/snapshot.ts'
import { all, type DemoOptions, demoEnd, migration, note, user } from './lacking.ts'

setDefaultTimeout(30_000)

const limit = 300_000
const large = { ...note('Odd'), bytes: Buffer.from(`Subject: Odd\r\n\r\n${'x'.repeat(limit)}\r\n`) }
const nul = { ...note('Odd'), bytes: Buffer.from('Subject: Odd\r\n\r\n\0\r\n') }

/** RFC 7889: each folder has its own limit. */
const limitPerFolder: DemoOptions = {
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
const limitUntold: DemoOptions = {
  refuseMessage: (bytes) => (bytes.length > limit ? '[TOOBIG] Message too large' : null),
}

describe('a message that the target does not take is named, and the others come over:', () => {
  test.each([
    ['one above its limit, which is not sent', large, { appendBytesMax: limit }, 'append.too-large', false],
    ['one above the limit of its folder, which is not sent', large, limitPerFolder, 'append.too-large', false],
    ['one that is too large, which nobody could know', large, limitUntold, 'append.too-large', true],
    ['one with a NUL in it, which is sent as it is', nul, {}, 'append.refused', true],
  ] as const)('%s', async (_, message, options, code, isSent) => {
    await using source = await demoEnd()
    await using target = await demoEnd(options)
    await seed(source.outside, { users: [user], messagesPerUser: 60 })
    {
      await using imap = await ImapWire.connect(source.outside.access(user))
      await append(imap, 'INBOX', [message])
      await append(imap, 'Sent', [note('Behind it')])
    }
    const { pass, issues } = await migration(source, target)
    expect(await pass()).toMatchObject({ copiedNow: 61, skippedNow: 1, fault: null })
    expect(await issues()).toMatchObject([{ code, subject: 'Odd', folderPath: ['INBOX'] }])
    const appends = all(await target.sent(), 'APPEND')
    expect(appends.some((line) => line.includes(`{${message.bytes.length}+}`))).toBe(isSent)
    await expectSame(source.outside, target.outside, [user], { adjust: (_, expected) => withoutOdd(expected) })
    expect(await pass()).toMatchObject({ copiedNow: 0, skippedNow: 0 })
  })

  test('one folder with a limit says nothing of another', async () => {
    await using source = await demoEnd()
    await using target = await demoEnd(limitPerFolder)
    await seed(source.outside, { users: [user], messagesPerUser: 60 })
    {
      await using imap = await ImapWire.connect(source.outside.access(user))
      await append(imap, 'Sent', [large])
    }
    const { pass } = await migration(source, target)
    expect(await pass()).toMatchObject({ copiedNow: 61, skippedNow: 0, fault: null })
    await expectSame(source.outside, target.outside, [user])
  })
})

const withoutOdd = ({ folders, subscribed }: Snapshot): Snapshot => ({
  folders: new Map([...folders].map(([name, messages]) => [name, messages.filter(({ subject }) => subject !== 'Odd')])),
  subscribed,
})
