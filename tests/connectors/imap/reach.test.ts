import { expect, test } from 'bun:test'
import { createImapConnector } from '../../../src/connectors/imap/connector.ts'
import { createLinesAhead } from '../../../src/connectors/imap/lines-ahead.ts'
import { isFault } from '../../../src/domain/fault.ts'
import { errorOf } from '../../support/error-of.ts'
import { freePorts } from '../../support/ports.ts'
import { certificate } from './certificates.ts'
import { honestly, startTalk } from './talk-server.ts'

const asked = 'IMAP4rev1 SASL-IR AUTH=PLAIN STARTTLS'
const startServer = () =>
  startTalk({
    greeting: `* OK [CAPABILITY ${asked}] hi`,
    answer: honestly({ asked }),
    tls: certificate('DNS:localhost'),
  })
const never = new AbortController().signal

test('a sign-in goes on from the connection that was opened ahead, and the next one opens its own', async () => {
  await using server = await startServer()
  const { access } = server
  const connector = createImapConnector()
  await connector.reach(access.server, 'source', never)
  expect(server.connections()).toBe(1)
  await using first = await connector.openSource(access, never)
  expect([(await first.listFolders()).length, server.connections()]).toEqual([1, 1])
  await using second = await connector.openTarget(access, never)
  expect([(await second.listFolders()).length, server.connections()]).toEqual([1, 2])
})

test('a connection is encrypted before it waits', async () => {
  await using server = await startServer()
  const address = { ...server.access.server, security: 'tls', acceptsUntrustedCertificates: true } as const
  const connector = createImapConnector()
  await connector.reach(address, 'source', never)
  await using source = await connector.openSource({ ...server.access, server: address }, never)
  expect([(await source.listFolders()).length, server.connections()]).toEqual([1, 1])
  expect(server.clear()).not.toContain('AUTHENTICATE')
})

test('only a sign-in that trusts no more and no less goes on from it', async () => {
  await using server = await startServer()
  const connector = createImapConnector()
  await connector.reach({ ...server.access.server, acceptsUntrustedCertificates: true }, 'source', never)
  await using source = await connector.openSource(server.access, never)
  expect([(await source.listFolders()).length, server.connections()]).toEqual([1, 2])
})

/** Lines ahead, and when the first of them was closed. */
function watchedLines(keptMsMax?: number) {
  const ahead = createLinesAhead(keptMsMax)
  const closed = Promise.withResolvers<void>()
  const keep: typeof ahead.keep = (server, line, signal) => {
    line.socket.once('close', () => closed.resolve())
    ahead.keep(server, line, signal)
  }
  return { ahead: { ...ahead, keep }, closed: closed.promise }
}

test.each([
  ['the signal aborts', 10_000, (abort: () => void) => abort()],
  ['it has waited for too long', 1, () => undefined],
])('a connection is cut when %s', async (_, keptMsMax, end) => {
  await using server = await startServer()
  const { ahead, closed } = watchedLines(keptMsMax)
  const cut = new AbortController()
  await createImapConnector({ ahead }).reach(server.access.server, 'source', cut.signal)
  end(() => cut.abort())
  await closed
  expect(ahead.take(server.access.server)).toBeNull()
})

test('a connection that the server ended meanwhile is not gone on from', async () => {
  const { ahead, closed } = watchedLines()
  const server = await startServer()
  await createImapConnector({ ahead }).reach(server.access.server, 'source', never)
  await server[Symbol.asyncDispose]()
  await closed
  expect(ahead.take(server.access.server)).toBeNull()
})

test('a server that cannot be reached is a fault of its side', async () => {
  const [port = 0] = await freePorts(1)
  const address = { host: '127.0.0.1', port, security: 'none', acceptsUntrustedCertificates: false, ca: null } as const
  const fault = await errorOf(createImapConnector().reach(address, 'target', never))
  expect(isFault(fault) && [fault.code, fault.side]).toEqual(['connect.unreachable', 'target'])
})
