import { expect, test } from 'bun:test'
import { Failure } from '../../src/cli/failure.ts'
import { reachServers } from '../../src/cli/reach-servers.ts'
import { Fault, type FaultCode, type Side } from '../../src/domain/fault.ts'
import { errorOf } from '../support/error-of.ts'
import { memoryServers } from '../support/memory-connector.ts'

const endpoint = (name: Side) => ({ name, host: `${name}.example`, security: 'ssl' }) as const
const plan = { source: endpoint('source'), target: endpoint('target') }
const { signal } = new AbortController()

/** Servers of which one fails so. */
const failing = (side: Side, code: FaultCode) => ({
  imap: {
    ...memoryServers().connector,
    reach: async (_: unknown, of: Side) => {
      if (of === side) throw new Fault(code, 'Cannot do it')
    },
  },
})

test.each([
  ['source', 'connect.unreachable', 'sourceConnect'],
  ['target', 'connect.unreachable', 'targetConnect'],
  ['target', 'tls.untrusted', 'targetTls'],
] as const)('a %s with %s ends as %s, with a remedy', async (side, code, exit) => {
  const failure = await errorOf(reachServers(failing(side, code), plan, signal))
  expect(failure).toBeInstanceOf(Failure)
  expect(failure).toMatchObject({ exit, message: `Cannot reach the ${side}: Cannot do it` })
  expect((failure as Failure).details).toHaveLength(1)
})

test.each([
  ['tls.untrusted', /--target-ca.*--accept-untrusted-certificates target/],
  ['tls.starttls-missing', /imaps:/],
  ['tls.failed', /imaps:.*imap\+starttls:/],
] as const)('the remedy of %s is something that the command line can do', async (code, remedy) => {
  const failure = await errorOf(reachServers(failing('target', code), plan, signal))
  expect((failure as Failure).details).toEqual([expect.stringMatching(remedy)])
})

test('what only a sign-in can tell is not told here', async () =>
  expect(await reachServers(failing('source', 'sign-in.unsupported'), plan, signal)).toBeUndefined())

test('both servers are reached where their endpoints will look for them', async () => {
  const reached: unknown[] = []
  const imap = { ...memoryServers().connector, reach: async (...asked: unknown[]) => void reached.push(asked) }
  await reachServers({ imap }, plan, signal)
  const server = { port: 993, security: 'ssl', acceptsUntrustedCertificates: false, ca: null }
  expect(reached).toEqual([
    [{ ...server, host: 'source.example' }, 'source', signal],
    [{ ...server, host: 'target.example' }, 'target', signal],
  ])
})
