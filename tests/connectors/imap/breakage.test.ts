import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, createServer } from 'node:net'
import type { AppendResult, MailSource, MailTarget } from '../../../src/connectors/connector.ts'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import type { Verdict } from '../../../src/demo/hooks.ts'
import { extensionsWithout } from '../../../src/demo/settings.ts'
import type { Access } from '../../../src/domain/endpoint.ts'
import { isFault } from '../../../src/domain/fault.ts'
import { seededRandom } from '../../support/random.ts'
import { collect, drain, flat, inboxOf, itemsOf, options } from '../conformance.ts'
import { startDemo } from './demo-world.ts'

setDefaultTimeout(60_000)

const connector = createImapConnector({ stallMs: 150, signInMs: 150, batchIdleMs: 40 })
const { signal } = new AbortController()
const mails = Array.from({ length: 25 }, (_, index) => ({
  body: `Subject: ${index}\r\n\r\n${'x'.repeat(index * 97)}\r\n`,
}))

/** Everything that a pass asks of a source. */
async function readAll(source: MailSource): Promise<void> {
  const inbox = await inboxOf(source)
  const { status, items } = await source.changes(inbox, null)
  await source.changes(inbox, { uidValidity: status.uidValidity, uidDone: 1, modseq: status.highestModseq })
  await collect(
    source.fetch(
      inbox,
      [...items].map(({ uid }) => uid),
    ),
  )
  await drain(source.headers(inbox, [1, 2]))
  await source.uids(inbox)
  await source.status(inbox)
}

/** And of a target. */
async function writeAll(target: MailTarget): Promise<readonly AppendResult[]> {
  const inbox = await inboxOf(target)
  await target.quota()
  const made = await target.ensureFolders([['A'], ['B', 'C']].map((path) => ({ path, isSubscribed: true })))
  const fault = made.find(isFault)
  if (fault) throw fault
  const results = await drain(flat(target.append(inbox, itemsOf(mails), options(inbox, { batchItemsMax: 5 }))))
  await target.changeFlags(inbox, [{ uids: [1], add: ['\\Flagged', 'Work'], remove: ['\\Seen'] }])
  const to = (await target.listFolders()).find(({ path }) => path[0] === 'A')
  if (to && target.capabilities.canMove) await target.move(inbox, [2], to)
  if (to) await target.renameFolder(to, ['D'])
  await target.uids(inbox)
  return results
}

async function run(from: Access, to: Access): Promise<void> {
  const source = await connector.openSource(from, signal)
  const target = await connector.openTarget(to, signal)
  try {
    await Promise.all([readAll(source), writeAll(target)])
  } finally {
    source.destroy()
    target.destroy()
  }
}

const commands = [
  ...['ID', 'AUTHENTICATE', 'NAMESPACE', 'ENABLE', 'LIST', 'LSUB', 'STATUS', 'EXAMINE', 'SELECT', 'UNSELECT'],
  ...['UID FETCH', 'UID SEARCH', 'UID STORE', 'UID MOVE', 'APPEND', 'CREATE', 'SUBSCRIBE', 'RENAME', 'GETQUOTAROOT'],
]

const verdicts: Readonly<Record<string, Verdict>> = {
  NO: { answer: 'NO Not today' },
  'NO with a code': { answer: 'NO [UNAVAILABLE] Not today' },
  BAD: { answer: 'BAD What' },
  BYE: { answer: 'BYE Going down' },
  'a cut': 'drop',
  silence: 'hang',
}

describe('every command', () => {
  for (const [name, verdict] of Object.entries(verdicts)) {
    test.each(commands)(`%s answered with ${name} ends in a fault, or does not matter`, async (command) => {
      const extensions =
        command === 'LSUB' || command === 'STATUS'
          ? extensionsWithout('LIST-EXTENDED', 'LIST-STATUS')
          : extensionsWithout()
      let asked = 0
      const hooks = {
        onCommand: (seen: { readonly name: string }) => (seen.name === command && ++asked > 0 ? verdict : undefined),
      }
      await using from = await startDemo({ extensions, hooks })
      await using to = await startDemo({ extensions, hooks })
      from.account.deliver('INBOX', ...mails.map(({ body }) => ({ body: Buffer.from(body) })))
      const error = await run(from.access, to.access).then(
        () => null,
        (reason: unknown) => reason,
      )
      if (error !== null && !isFault(error)) throw error
      if (error?.side === 'target') expect(to.commands.map((seen) => seen.name)).toContain(command)
      expect(asked).toBeGreaterThan(0)
    })
  }
})

/** Passes bytes on, and cuts both ways when so many have passed towards the client. */
async function cuttingProxy(port: number, bytesMax: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    let left = bytesMax
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', cut).on('close', cut)
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk: Uint8Array) => {
      client.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) setImmediate(cut)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

describe('a connection cut behind any byte', () => {
  const random = seededRandom(20_261)
  const cuts = Array.from({ length: 60 }, () => Math.floor(random() * 6_000))

  test.each(cuts)('of the target, the %dth, ends in a fault and leaves whole messages only', async (bytes) => {
    await using side = await startDemo()
    await using proxy = await cuttingProxy(side.server.port, bytes)
    const to = { ...side.access, server: { ...side.access.server, port: proxy.port } }
    const error = await (async () => {
      const target = await connector.openTarget(to, signal)
      try {
        await writeAll(target)
      } finally {
        target.destroy()
      }
    })().then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error !== null && !isFault(error)) throw error
    const landed = side.account.folders.flatMap(({ messages }) =>
      messages.map(({ uid, body }) => ({ uid, size: body.sizeBytes })),
    )
    const sizes = landed.filter(({ size }) => size !== mails[1]?.body.length).map(({ size }) => size)
    expect(sizes).toEqual(
      mails
        .filter((_, at) => at !== 1)
        .slice(0, sizes.length)
        .map(({ body }) => body.length),
    )
  })

  test.each(cuts)('of the source, the %dth, ends in a fault and brings whole messages only', async (bytes) => {
    await using side = await startDemo()
    side.account.deliver('INBOX', ...mails.map(({ body }) => ({ body: Buffer.from(body) })))
    await using proxy = await cuttingProxy(side.server.port, bytes * 5)
    const from = { ...side.access, server: { ...side.access.server, port: proxy.port } }
    const whole: number[] = []
    const error = await (async () => {
      await using source = await connector.openSource(from, signal)
      const inbox = await inboxOf(source)
      const uids = mails.map((_, index) => index + 1)
      for await (const item of source.fetch(inbox, uids)) {
        const length = Buffer.concat(await drain(item.body)).length
        expect(length).toBe(item.sizeBytes)
        whole.push(length)
      }
    })().then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error !== null && !isFault(error)) throw error
    expect(whole).toEqual(mails.slice(0, whole.length).map(({ body }) => body.length))
    if (error === null) expect(whole).toHaveLength(mails.length)
  })
})
