import { describe, expect, test } from 'bun:test'
import type { AppendResult, MailSource, MailTarget } from '../../src/connectors/connector.ts'
import { sided } from '../../src/connectors/sided.ts'
import { Fault } from '../../src/domain/fault.ts'
import type { Item } from '../../src/domain/mail.ts'
import { errorOf } from '../support/error-of.ts'
import { MemoryMailbox } from '../support/memory-mailbox.ts'

const gone = () => new Fault('connect.dropped', 'Gone')

async function* failing(): AsyncGenerator<never> {
  yield* []
  throw gone()
}

function sessions() {
  const mailbox = new MemoryMailbox()
  mailbox.deliver('INBOX', 'Subject: x\r\n\r\ny')
  return { mailbox, source: mailbox.open(), target: mailbox.open() }
}

async function inbox(session: MailSource | MailTarget) {
  const [folder] = await session.listFolders()
  if (!folder) throw new Error('There is no folder')
  return folder
}

describe('a fault tells the side of its session', () => {
  test('when a method is rejected', async () => {
    const { source } = sessions()
    source.listFolders = async () => {
      throw gone()
    }
    expect(await errorOf(sided(source, 'source').listFolders())).toMatchObject({
      code: 'connect.dropped',
      side: 'source',
    })
  })

  test('when an iteration ends by it', async () => {
    const { target } = sessions()
    target.headers = failing
    const all = Array.fromAsync(sided(target, 'target').headers(await inbox(target), [1]))
    expect(await errorOf(all)).toMatchObject({ side: 'target' })
  })

  test('when it is among answers', async () => {
    const { target } = sessions()
    const refusal: AppendResult = {
      sourceUid: 1,
      outcome: 'refused',
      fault: new Fault('append.refused', 'No'),
      batchItems: 1,
    }
    target.append = async function* () {
      yield [refusal]
    }
    target.ensureFolders = async () => [new Fault('folder.refused', 'No')]
    const wrapped = sided(target, 'target')
    const options = { mark: { uidValidity: 1, uidNext: 1 }, batchItemsMax: 1, mayCommit: () => true }
    const [results] = await Array.fromAsync(wrapped.append(await inbox(target), failing(), options))
    expect(results).toMatchObject([{ fault: { side: 'target' } }])
    expect(await wrapped.ensureFolders([])).toMatchObject([{ side: 'target' }])
  })

  test('when a body breaks off in the hands of the other side', async () => {
    const { source } = sessions()
    source.fetch = async function* () {
      yield { uid: 1, sizeBytes: 1, flags: [], receivedAt: null, body: failing() } satisfies Item
    }
    const read = async () => {
      for await (const item of sided(source, 'source').fetch(await inbox(source), [1])) await Array.fromAsync(item.body)
    }
    expect(await errorOf(read())).toMatchObject({ side: 'source' })
  })

  test('and keeps it when it passes through the other session', async () => {
    const { target } = sessions()
    target.append = async function* (_, items) {
      for await (const { uid: sourceUid } of items) yield [{ sourceUid, outcome: 'appended', uid: null }]
    }
    const items = sided({ ...sessions().source, fetch: failing } as unknown as MailSource, 'source').fetch(
      await inbox(target),
      [],
    )
    const options = { mark: { uidValidity: 1, uidNext: 1 }, batchItemsMax: 1, mayCommit: () => true }
    const all = Array.fromAsync(sided(target, 'target').append(await inbox(target), items, options))
    expect(await errorOf(all)).toMatchObject({ side: 'source' })
  })
})

test('an error of our own stays what it is', async () => {
  const { source } = sessions()
  const mistake = new TypeError('Oops')
  source.listFolders = async () => {
    throw mistake
  }
  expect(await errorOf(sided(source, 'source').listFolders())).toBe(mistake)
})

test('everything else goes through as it is', async () => {
  const { mailbox, target } = sessions()
  const wrapped = sided(target, 'target')
  expect(wrapped.capabilities).toEqual(target.capabilities)
  const [item] = await Array.fromAsync(wrapped.fetch(await inbox(wrapped), [1]))
  expect(item).toMatchObject({ uid: 1, sizeBytes: 15 })
  await wrapped[Symbol.asyncDispose]()
  expect(mailbox.folders.size).toBe(1)
})
