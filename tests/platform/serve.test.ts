import { expect, test } from 'bun:test'
import { serve } from '../../src/platform/serve.ts'

const loopback = { hostname: '127.0.0.1', port: 0 }

test('port 0 is a free one, and the address tells which', async () => {
  const servers = await Promise.all([
    serve({ ...loopback, fetch: () => new Response('one') }),
    serve({ ...loopback, fetch: () => new Response('two') }),
  ])
  const answers = await Promise.all(servers.map(async ({ address }) => (await fetch(address)).text()))
  expect(answers).toEqual(['one', 'two'])
  for (const { address } of servers) expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/)
  await Promise.all(servers.map((server) => server.stop()))
})

test('an address of version 6 stands in brackets', async () => {
  const server = await serve({ hostname: '::1', port: 0, fetch: () => new Response('six') })
  expect(server.address).toStartWith('http://[::1]:')
  expect(await (await fetch(server.address)).text()).toBe('six')
  await server.stop()
})

test('a port that is taken is an error', async () => {
  const server = await serve({ ...loopback, fetch: () => new Response() })
  const port = Number(new URL(server.address).port)
  await expect(serve({ ...loopback, port, fetch: () => new Response() })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await server.stop()
})

test('a stop lets the requests under way end, and takes no more', async () => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const server = await serve({
    ...loopback,
    async fetch() {
      arrived.resolve()
      await release.promise
      return new Response('whole')
    },
  })
  const answer = fetch(server.address).then((response) => response.text())
  await arrived.promise
  const stopped = server.stop()
  release.resolve()
  expect(await answer).toBe('whole')
  await stopped
  await expect(fetch(server.address)).rejects.toThrow()
})

test('a stop does not wait for ever', async () => {
  const endless = () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }))
  const server = await serve({ ...loopback, fetch: endless })
  const answer = await fetch(server.address)
  await server.stop(20)
  await expect(answer.arrayBuffer()).rejects.toThrow()
})
