import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSame } from '../support/checker.ts'
import { type DovecotServer, startDovecot } from '../support/dovecot.ts'
import { append, createFolder, expunge } from '../support/imap-client.ts'
import { wireName } from '../support/imap-names.ts'
import { ImapWire } from '../support/imap-wire.ts'
import { describeWith } from '../support/need.ts'
import { freePorts } from '../support/ports.ts'
import { postferry, startProc } from '../support/proc.ts'
import { seed } from '../support/seed.ts'
import { readMailbox } from '../support/snapshot.ts'
import { type Api, type Issue, refused, settled, type UserView, until, usersOf } from './api.ts'
import { type Server, startServer, type TempFolder, tempFolder } from './server.ts'
import { csvFor, endpoint, sync } from './world.ts'

const testMs = 60_000
const suite = describeWith('dovecot', 'openssl')

/** What each list is refused for: the line, the column, and words of the sentence. */
const badLists: Readonly<
  Record<string, readonly [csv: string, line: number | null, column: string | null, words: RegExp]>
> = {
  'an unknown column': [
    'EmailAddress,UserName,Password,TargetPassword,Nickname\na@x.org,a,p,p,al',
    1,
    'Nickname',
    /"Nickname" is unknown/,
  ],
  'a column with a slip': [
    'Email Address,UserName,Password,TargetPassword\na@x.org,a,p,p',
    1,
    'Email Address',
    /EmailAddress/,
  ],
  'a missing column': ['EmailAddress,UserName,Password\na@x.org,a,p', 1, 'TargetPassword', /missing/],
  'a column that stands twice': [
    'EmailAddress,UserName,Password,TargetPassword,Password\na@x.org,a,p,p,p',
    1,
    'Password',
    /2 times/,
  ],
  'an address that stands twice': [
    'EmailAddress,UserName,Password,TargetPassword\na@x.org,a,p,p\nb@x.org,b,p,p\nA@X.org,c,p,p',
    4,
    'EmailAddress',
    /line 2 already/,
  ],
  'what is no address': ['EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p', 2, 'EmailAddress', /"nobody"/],
  'an empty cell': ['EmailAddress,UserName,Password,TargetPassword\na@x.org,a,,p', 2, 'Password', /empty/],
  'a row that is too long': ['EmailAddress,UserName,Password,TargetPassword\na@x.org,a,p,p,p', 2, null, /5 cells/],
  'a line break in a cell': [
    'EmailAddress,UserName,Password,TargetPassword\na@x.org,"a\nb",p,p',
    2,
    'UserName',
    /control character or a line break/,
  ],
  'no header': ['a@x.org,a,canary-password,p', 1, null, /name the columns/],
  'nothing in it': ['', null, null, /empty/],
  'a header alone': ['EmailAddress,UserName,Password,TargetPassword\n', null, null, /no rows/],
}

suite('bad input', () => {
  let source: DovecotServer
  let target: DovecotServer
  let folder: TempFolder
  let server: Server
  let api: Api
  let number = 0
  let name = ''
  let user = ''

  beforeAll(async () => {
    source = await startDovecot({ storage: 'maildir', separator: '.', password: 'source-secret' })
    target = await startDovecot({ quotaBytes: 300_000 })
    folder = await tempFolder()
    server = await startServer(folder.path)
    api = server.api
    await api.post('/endpoints', endpoint('source', source))
    await api.post('/endpoints', endpoint('target', target))
  }, testMs)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await Promise.all([source, target, folder].map((one) => one[Symbol.asyncDispose]()))
  })
  beforeEach(() => {
    number += 1
    name = `batch-${number}`
    user = `user${number}@example.org`
  })

  const create = (csv: string, ends: object = {}) =>
    api.post('/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv, ...ends })
  const listed = (...users: readonly string[]) => csvFor(users, source, target)
  const theUser = async (): Promise<UserView> => {
    const [found] = await usersOf(api, name)
    if (found === undefined) throw new Error(`The batch ${name} has no user`)
    return found
  }

  test.each(Object.keys(badLists))('a list with %s is refused with its place, and nothing is made', async (what) => {
    const [csv, line, column, words] = badLists[what] ?? ['', null, null, /never/]
    const before = await api.all('/batches')
    const asked = api.ask('POST', '/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv })
    const { problems, code } = await refused(asked, 422)
    expect(code).toBe('invalid')
    expect(problems[0]).toMatchObject({ line, column, message: expect.stringMatching(words) })
    expect(JSON.stringify(problems)).not.toContain('canary-password')
    expect(await api.all('/batches')).toEqual(before)
  })

  test('all mistakes of a list are told at once', async () => {
    const csv = 'EmailAddress,UserName,Password,TargetPassword\nnobody,a,p,p\nb@x.org,,p,p\nc@x.org,c,,'
    const asked = api.ask('POST', '/batches', { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv })
    const places = (await refused(asked, 422)).problems.map(({ line, column }) => `${line} ${column}`)
    expect(places).toEqual(['2 EmailAddress', '3 UserName', '4 Password', '4 TargetPassword'])
  })

  test('an unknown column is passed over where that is asked for', async () => {
    const csv = 'EmailAddress,UserName,Password,TargetPassword,Nickname\na@x.org,a,p,p,al'
    expect(await create(csv, { allowUnknownColumns: true })).toMatchObject({ counts: { total: 1 } })
  })

  test('a batch of a name that is taken, or between endpoints that are not there, is refused', async () => {
    await create(listed(user))
    const again = { name, sourceEndpoint: 'source', targetEndpoint: 'target', csv: listed(user) }
    expect((await refused(api.ask('POST', '/batches', again), 409)).detail).toContain(`"${name}"`)
    const astray = { ...again, name: `${name}-astray`, targetEndpoint: 'nowhere' }
    expect((await refused(api.ask('POST', '/batches', astray), 404)).detail).toContain('nowhere')
  })

  test('a server that does not answer is named, and its users wait for it instead of failing', async () => {
    const [port = 0] = await freePorts(1)
    await api.post('/endpoints', endpoint('away', { port }))
    const probe = await api.post('/endpoints/away/test', {})
    expect(probe).toMatchObject({
      isOk: false,
      steps: expect.arrayContaining([
        expect.objectContaining({ isOk: false, code: 'connect.unreachable', remedy: 'Check host, port and firewall' }),
      ]),
    })
    await create(listed(user), { sourceEndpoint: 'away' })
    await api.post(`/batches/${name}/sync`)
    const waiting = await until('the user has an error', async () => ((await theUser()).error ? theUser() : null))
    expect(waiting).toMatchObject({ attempts: 0, error: { code: 'connect.unreachable', side: 'source' } })
    expect(waiting.error?.message).toContain(`${port}`)
    expect((await api.get<{ status: string }>(`/batches/${name}`)).status).toBe('syncing')
  })

  test.each(['source', 'target'] as const)(
    'a wrong password at the %s stops that user alone, and can be corrected',
    async (side) => {
      const other = `other-${user}`
      await seed(source, { users: [user, other], messagesPerUser: 12 })
      const right = listed(user, other).split('\r\n')
      const wrong = side === 'source' ? `${user},${user},wrong,pass` : `${user},${user},source-secret,wrong`
      await create([right[0], wrong, right[2]].join('\n'))
      expect(await sync(api, name)).toMatchObject({ status: 'syncedWithErrors', counts: { synced: 1, failed: 1 } })
      const failed = await theUser()
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'sign-in.refused', side } })
      expect(failed.error?.remedy).toContain('Correct')
      expect(JSON.stringify(failed)).not.toContain('wrong"')

      const password = side === 'source' ? { sourcePassword: 'source-secret' } : { targetPassword: 'pass' }
      await api.patch(`/users/${failed.id}`, password)
      await api.post(`/batches/${name}/retry`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced', counts: { synced: 2, failed: 0 } })
      await expectSame(source, target, [user, other])
    },
    testMs,
  )

  test(
    'passwords are corrected by a list that changes the users it names and no other',
    async () => {
      await seed(source, { users: [user], messagesPerUser: 12 })
      await create(`EmailAddress,UserName,Password,TargetPassword\n${user},${user},wrong,pass`)
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      const stranger = 'EmailAddress,Password\nstranger@example.org,p'
      const updates = `/batches/${name}/users/updates`
      const { problems } = await refused(api.ask('POST', updates, stranger), 422)
      expect(problems).toMatchObject([{ line: 2, column: 'EmailAddress' }])
      await api.post(updates, `EmailAddress,Password\n${user},source-secret`)
      await api.post(`/batches/${name}/retry`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )

  test(
    'a certificate that nobody vouches for is refused, unless its authority is given or it is accepted',
    async () => {
      await seed(source, { users: [user], messagesPerUser: 12 })
      const tls = (others: object) => ({
        ...endpoint(`${name}-tls`, { port: source.tlsPort }),
        security: 'ssl',
        ...others,
      })
      await api.post('/endpoints', tls({}))
      await create(listed(user), { sourceEndpoint: `${name}-tls` })
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      expect(await theUser()).toMatchObject({ error: { code: 'tls.untrusted', side: 'source' } })
      expect((await theUser()).error?.remedy).toContain('CA file')
      await api.post('/endpoints', tls({ name: `${name}-ca`, ca: source.certificate.pem }))
      await api.post('/endpoints', tls({ name: `${name}-accepted`, acceptsUntrustedCertificates: true }))
      for (const how of ['ca', 'accepted']) {
        const mailbox = { userName: user, password: 'source-secret' }
        expect(await api.post(`/endpoints/${name}-${how}/test`, mailbox)).toMatchObject({ isOk: true })
      }
      const batch = { name: `${name}-ca`, sourceEndpoint: `${name}-ca`, targetEndpoint: 'target', csv: listed(user) }
      await api.post('/batches', batch)
      expect(await sync(api, batch.name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )

  test('STARTTLS works as well, and a certificate of another name is refused', async () => {
    const starttls = { ...endpoint(`${name}-tls`, source), security: 'tls', ca: source.certificate.pem }
    await api.post('/endpoints', starttls)
    const mailbox = { userName: user, password: 'source-secret' }
    expect(await api.post(`/endpoints/${name}-tls/test`, mailbox)).toMatchObject({ isOk: true })
    await api.post('/endpoints', { ...starttls, name: `${name}-other`, host: '127.0.0.2' })
    const probe = await api.ask('POST', `/endpoints/${name}-other/test`, mailbox)
    expect(JSON.parse(probe.text).isOk).toBe(false)
  })

  test(
    'a folder name that the target refuses is reported, and the rest is copied',
    async () => {
      await seed(source, { users: [user], messagesPerUser: 12 })
      await fillFolder(source, user, ['dbox-Mails'])
      await create(listed(user))
      const batch = await sync(api, name)
      const { progress, error, id } = await theUser()
      expect(progress.counts).toMatchObject({ source: 13, copied: 12, skipped: 1, failed: 0 })
      const told = [error?.message, ...(await api.all<Issue>(`/users/${id}/issues`)).map(({ detail }) => detail)].join(
        ' ',
      )
      expect({ batch: batch.status, told }).toEqual({
        batch: expect.any(String),
        told: expect.stringMatching(/reserved name/),
      })
      await expectSame(source, target, [user], {
        adjust: (_, { folders, subscribed }) => ({ folders: without(folders, 'dbox-Mails'), subscribed }),
      })
    },
    testMs,
  )

  test(
    'a message that the target refuses is skipped with its reason, and the rest is copied',
    async () => {
      await seed(source, { users: [user], messagesPerUser: 12 })
      await deliverNothing(source, user)
      await create(listed(user))
      expect(await sync(api, name)).toMatchObject({ status: expect.stringMatching(/^synced/) })
      const { progress, id } = await theUser()
      expect(progress.counts).toMatchObject({ source: 13, copied: 12, skipped: 1, failed: 0 })
      expect(await api.all<Issue>(`/users/${id}/issues`)).toMatchObject([
        { code: 'append.refused', detail: expect.stringMatching(/zero byte/) },
      ])
      await expectSame(source, target, [user], {
        adjust: (_, { folders, subscribed }) => ({
          folders: new Map(folders).set(
            'INBOX',
            (folders.get('INBOX') ?? []).filter(({ sizeBytes }) => sizeBytes > 0),
          ),
          subscribed,
        }),
      })
    },
    testMs,
  )

  test(
    'a full mailbox holds its user and skips nothing, and is gone on with when there is room',
    async () => {
      await using imap = await ImapWire.connect(target.access(user))
      await append(imap, 'INBOX', [
        { bytes: Buffer.alloc(270_000, 'Large\r\n'), flags: [], receivedAt: '05-May-2015 10:20:30 +0000' },
      ])
      await seed(source, { users: [user], messagesPerUser: 24 })
      await create(listed(user))
      expect(await sync(api, name)).toMatchObject({ status: 'failed' })
      const held = await theUser()
      expect(held).toMatchObject({ status: 'failed', error: { code: 'append.over-quota', side: 'target' } })
      expect(held.progress.counts.skipped).toBe(0)
      await expunge(imap, 'INBOX', [1])
      await api.post(`/users/${held.id}/attempts`)
      expect(await settled(api, name)).toMatchObject({ status: 'synced' })
      await expectSame(source, target, [user])
    },
    testMs,
  )

  test('a second process on the data folder ends with 50 and says who has it', async () => {
    await using second = startProc(postferry('serve', '--data', folder.path, '--listen', '127.0.0.1:0'))
    expect(await second.exited).toBe(50)
    expect(second.output()).toContain(server.address)
    expect((await fetch(`${server.address}/healthz`)).status).toBe(200)
  })
})

const without = <V>(map: ReadonlyMap<string, V>, key: string) => new Map([...map].filter(([name]) => name !== key))

async function fillFolder(server: DovecotServer, user: string, path: readonly string[]): Promise<void> {
  await using imap = await ImapWire.connect(server.access(user))
  await createFolder(imap, wireName(server, path))
  const message = {
    bytes: Buffer.from('Subject: Astray\r\n\r\nAstray\r\n'),
    flags: [],
    receivedAt: '05-May-2015 10:20:30 +0000',
  }
  await append(imap, wireName(server, path), [message])
}

/** A message of no bytes, which no server takes by APPEND; it lies in the Maildir all the same. */
async function deliverNothing(server: DovecotServer, user: string): Promise<void> {
  const file = join(server.folder, 'mail', user, 'maildir', 'cur', '1700000000.M1P1.example:2,S')
  await writeFile(file, '')
  if (process.getuid?.() === 0) execFileSync('chown', ['mail:mail', file])
  const { folders } = await readMailbox(server, user)
  expect(folders.get('INBOX')?.some(({ sizeBytes }) => sizeBytes === 0)).toBe(true)
}
