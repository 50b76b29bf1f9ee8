import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { describeWith } from '../../support/need.ts'
import { appendAll, collect, inboxOf } from '../conformance.ts'
import { type Dovecots, startDovecots } from './dovecot-world.ts'

setDefaultTimeout(30_000)

const one = { body: 'Subject: one\r\n\r\n1\r\n' }
const two = { body: 'Subject: two\r\n\r\n2\r\n' }

describeWith('dovecot', 'openssl')('a session that rested', () => {
  let servers: Dovecots
  beforeAll(async () => {
    servers = await startDovecots()
  })
  afterAll(() => servers[Symbol.asyncDispose]())

  test('reads what came meanwhile', async () => {
    await using world = servers.world()
    await world.source.deliver(['INBOX'], one)
    await using source = await world.openSource()
    const before = await inboxOf(source)
    expect(await collect(source.fetch(before, [1]))).toHaveLength(1)
    expect(source.rest()).toBe(true)
    await world.source.deliver(['INBOX'], two)
    await world.source.expunge(['INBOX'], 1)
    const after = await inboxOf(source)
    expect(after.status).toMatchObject({ messages: 1, uidNext: 3 })
    expect((await collect(source.fetch(after, [1, 2]))).map(({ uid }) => uid)).toEqual([2])
    expect(source.rest()).toBe(true)
  })

  test('appends to a folder that is another one of the same name by then', async () => {
    await using world = servers.world()
    await using target = await world.openTarget()
    const path = ['Again']
    const made = async () => {
      const [folder] = await target.ensureFolders([{ path, isSubscribed: false }])
      if (!folder || !('status' in folder)) throw new Error('There is no folder')
      return folder
    }
    await appendAll(target, await made(), [one, two])
    expect(target.rest()).toBe(true)
    await using other = await world.openTarget()
    await other.renameFolder(await made(), ['Before'])
    const results = await appendAll(target, await made(), [one])
    expect(results).toMatchObject([{ outcome: 'appended', uid: 1 }])
    expect(await target.keptFlags(await made(), ['\\Seen'])).toEqual(['\\Seen'])
    expect(target.rest()).toBe(true)
  })

  test('is of no use when something is still under way, or the connection is gone', async () => {
    await using world = servers.world()
    await using source = await world.openSource()
    const listing = source.listFolders()
    expect(source.rest()).toBe(false)
    await listing
    expect(source.rest()).toBe(true)
    source.destroy()
    expect(source.rest()).toBe(false)
  })
})

describeWith('dovecot', 'openssl')('a session of a server without UNSELECT', () => {
  test('is of no use for another pass once it has opened a folder, and is before', async () => {
    await using servers = await startDovecots({ source: { capability: 'IMAP4rev1 NAMESPACE' } })
    await using world = servers.world()
    await world.source.deliver(['INBOX'], one)
    await using source = await world.openSource()
    const inbox = await inboxOf(source)
    expect(source.rest()).toBe(true)
    expect(await source.uids(inbox)).toEqual([1])
    expect(source.rest()).toBe(false)
  })
})
