import { describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { dial, resolveHost } from '../../src/platform/dialer.ts'
import { errorOf } from '../support/error-of.ts'

async function listening(work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await work(typeof address === 'object' && address ? address.port : 0)
  server.close()
}

const { signal } = new AbortController()

describe('a host', () => {
  test.each([
    ['127.0.0.1', ['127.0.0.1']],
    ['[::1]', ['::1']],
  ])('%s is its own address', async (host, addresses) => expect(await resolveHost(host)).toEqual(addresses))

  test('is found by its name', async () => {
    expect(await resolveHost('localhost')).toContainAnyValues(['127.0.0.1', '::1'])
  })

  test.each([
    '169.254.169.254',
    '[fe80::1]',
    '0.0.0.0',
    '[::ffff:169.254.169.254]',
    '0xa9fea9fe',
    '2852039166',
    '169.254.43518',
  ])('%s is refused by policy', async (host) => {
    expect(await errorOf(resolveHost(host))).toMatchObject({
      code: expect.stringMatching(/^connect\.(?:refused-by-policy|unreachable)$/),
    })
  })

  test('on the loopback is refused where that is shut', async () => {
    const policy = { allowsLoopback: false, allowsPrivate: true }
    expect(await errorOf(resolveHost('localhost', policy))).toMatchObject({
      code: 'connect.refused-by-policy',
      scope: 'endpoint',
    })
  })

  test('that nobody knows is unreachable', async () => {
    expect(await errorOf(resolveHost('nobody.invalid'))).toMatchObject({
      code: 'connect.unreachable',
      scope: 'endpoint',
    })
  })
})

describe('dialling', () => {
  test('takes the first address that answers', async () => {
    await listening(async (port) => {
      const socket = await dial(['127.0.0.3', '127.0.0.1'], { port, signal, timeoutMs: 1000 })
      expect(socket.remoteAddress).toBe('127.0.0.1')
      socket.destroy()
    })
  })

  test('fails with the error of the last address', async () => {
    const options = { port: 1, signal, timeoutMs: 1000 }
    expect(await errorOf(dial(['127.0.0.1'], options))).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('ends when the signal aborts', async () => {
    const abort = new AbortController()
    // An address for documentation: nothing answers there.
    const dialling = errorOf(dial(['192.0.2.1'], { port: 9, signal: abort.signal, timeoutMs: 10_000 }))
    abort.abort(new Error('Stopped'))
    expect(await dialling).toMatchObject({ message: 'Stopped' })
  })

  test('ends after a while', async () => {
    const options = { port: 9, signal, timeoutMs: 30 }
    const error = await errorOf(dial(['192.0.2.1'], options))
    expect(error).toMatchObject({ code: expect.stringMatching(/^E(?:TIMEDOUT|NETUNREACH|HOSTUNREACH|CONNREFUSED)$/) })
  })
})
