import { describe, expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import { ImapFlow } from 'imapflow'
import { type Extension, extensionsWithout } from '../../src/demo/settings.ts'
import { startFixture } from './fixture.ts'

const mail = Buffer.from(
  'From: Ann <ann@example.org>\r\nSubject: =?UTF-8?B?w4l0w6k=?=\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n',
)

async function connected(options: Parameters<typeof startFixture>[0] = {}) {
  const fixture = await startFixture(options)
  const auth = { user: 'anna', pass: 'secret' }
  const flow = new ImapFlow({
    host: '127.0.0.1',
    port: fixture.server.port,
    secure: false,
    auth,
    logger: false,
    qresync: true,
  })
  await flow.connect()
  const dispose = async () => {
    await flow.logout()
    await fixture.server.close()
  }
  return { ...fixture, flow, [Symbol.asyncDispose]: dispose }
}

/** From a server of RFC 3501 alone to one with everything. */
const servers: readonly (readonly [string, readonly Extension[]])[] = [
  ['all extensions', extensionsWithout()],
  ['no CONDSTORE and QRESYNC', extensionsWithout('CONDSTORE', 'QRESYNC')],
  ['LITERAL- for LITERAL+', [...extensionsWithout('LITERAL+'), 'LITERAL-']],
  ['no UIDPLUS, MOVE and SPECIAL-USE', extensionsWithout('UIDPLUS', 'MOVE', 'SPECIAL-USE')],
  ['no extension', []],
]

describe('imapflow', () => {
  test.each(servers)('lists, appends, fetches, searches, stores, copies and deletes with %s', async (_, extensions) => {
    await using world = await connected({ extensions })
    const { flow, account } = world
    const hasUidPlus = extensions.includes('UIDPLUS')
    await flow.mailboxCreate(['Projets', 'Été'])
    await flow.mailboxSubscribe('Projets/Été')
    const folders = await flow.list({ statusQuery: { messages: true, uidNext: true } })
    expect(folders.map(({ path }) => path).sort()).toEqual(['INBOX', 'Projets', 'Projets/Été'])
    expect(folders.find(({ path }) => path === 'Projets/Été')).toMatchObject({
      subscribed: true,
      status: { messages: 0, uidNext: 1 },
    })

    const appended = await flow.append('Projets/Été', mail, ['\\Seen', '$Label1'], new Date('2024-02-03T04:05:06Z'))
    if (hasUidPlus)
      expect(appended).toMatchObject({ uid: 1, uidValidity: BigInt(account.demand('Projets/&AMk-t&AOk-').uidValidity) })
    await flow.append('Projets/Été', Buffer.alloc(100_000, 'x'))
    const lock = await flow.getMailboxLock('Projets/Été')
    const messages = await flow.fetchAll('1:*', {
      uid: true,
      flags: true,
      internalDate: true,
      envelope: true,
      source: true,
      size: true,
    })
    expect(messages).toHaveLength(2)
    const [first, second] = messages
    expect(first?.source).toEqual(mail)
    expect(first?.envelope).toMatchObject({ subject: 'Été', messageId: '<1@example.org>' })
    expect(first?.internalDate).toEqual(new Date('2024-02-03T04:05:06Z'))
    expect([...(first?.flags ?? [])]).toEqual(expect.arrayContaining(['\\Seen', '$Label1']))
    expect(second?.size).toBe(100_000)

    expect(await flow.search({ seen: true }, { uid: true })).toEqual([1])
    expect(await flow.search({ header: { 'message-id': '1@example.org' } })).toEqual([1])
    await flow.messageFlagsAdd('2', ['\\Flagged'])
    expect(await flow.search({ flagged: true })).toEqual([2])
    await flow.messageCopy('1', 'INBOX')
    await flow.messageMove('2', 'INBOX')
    await flow.messageDelete('1')
    lock.release()
    expect(account.demand('Projets/&AMk-t&AOk-').messages).toBeEmpty()
    expect(account.demand('INBOX').messages.map(({ body }) => body.sizeBytes)).toEqual([mail.length, 100_000])

    await flow.mailboxRename('Projets/Été', 'Projets/Hiver')
    expect(await flow.status('Projets/Hiver', { messages: true })).toMatchObject({ messages: 0 })
    await flow.mailboxDelete('Projets/Hiver')
    expect(account.folders).toHaveLength(1)
  })

  test('finds changes by mod-sequence', async () => {
    await using world = await connected({ inbox: ['a', 'b', 'c'] })
    const { flow, account } = world
    const inbox = account.demand('INBOX')
    const lock = await flow.getMailboxLock('INBOX')
    const before = BigInt(inbox.highestModseq)
    inbox.changeFlags(inbox.messages.slice(1, 2), 'add', ['\\Answered'])
    const changed = await flow.fetchAll('1:*', { uid: true, flags: true }, { changedSince: before })
    expect(changed.map(({ uid }) => uid)).toEqual([2])
    lock.release()
  })

  test('learns the special uses, the quota, the namespace and the server', async () => {
    await using world = await connected({ separator: '.', personalPrefix: 'INBOX.' })
    const { flow, account } = world
    account.create('INBOX.Gesendet', 'sent')
    account.quotaBytesMax = 10_240
    const folders = await flow.list()
    expect(folders.find(({ specialUse }) => specialUse === '\\Sent')?.path).toBe('INBOX.Gesendet')
    expect(await flow.getQuota('INBOX')).toMatchObject({ storage: { usage: 0, limit: 10_240 } })
    expect(flow.namespace).toMatchObject({ prefix: 'INBOX.', delimiter: '.' })
    expect(flow.serverInfo?.name).toBe('Postferry demo server')
  })

  test('hears of new mail while it idles', async () => {
    await using world = await connected()
    const { flow, account } = world
    await flow.mailboxOpen('INBOX')
    const heard = new Promise((resolve) => flow.once('exists', resolve))
    const idling = flow.idle()
    account.deliver('INBOX', { body: mail })
    expect(await heard).toMatchObject({ path: 'INBOX', count: 1 })
    await flow.noop()
    await idling
  })

  test('takes a refused password as such', async () => {
    await using fixture = await startFixture()
    const auth = { user: 'anna', pass: 'wrong' }
    const flow = new ImapFlow({ host: '127.0.0.1', port: fixture.server.port, secure: false, auth, logger: false })
    await expect(flow.connect()).rejects.toMatchObject({ authenticationFailed: true })
  })
})
