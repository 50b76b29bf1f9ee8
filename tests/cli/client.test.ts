import { describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createClient } from '../../src/cli/client.ts'
import { explain } from '../../src/cli/failure.ts'

const json = (body: unknown, status = 200): Response => Response.json(body, { status })

/** A client whose server gives these answers in turn, and the requests that reached it. */
function clientOf(...answers: readonly (Response | Error)[]) {
  const requests: Request[] = []
  const client = createClient('http://127.0.0.1:8480', 'the-token', async (url, init) => {
    const response = answers[requests.push(new Request(url, init)) - 1]
    if (response instanceof Response) return response
    throw response
  })
  return { client, requests }
}

describe('a request', () => {
  test('carries the token and a JSON body to the API', async () => {
    const { client, requests } = clientOf(json({ id: 1 }, 201))
    expect(await client.send('POST', '/endpoints', { name: 'old' })).toEqual({ id: 1 })
    const [request] = requests
    expect([request?.method, request?.url]).toEqual(['POST', 'http://127.0.0.1:8480/api/v1/endpoints'])
    expect(request?.headers.get('authorization')).toBe('Bearer the-token')
    expect(request?.headers.get('content-type')).toBe('application/json')
    expect(await request?.json()).toEqual({ name: 'old' })
  })

  test('carries a file in a form, and leaves out what is null', async () => {
    const { client, requests } = clientOf(json({ id: 1 }, 201))
    await client.sendForm('/batches', { name: 'Sales', csv: new TextEncoder().encode('EmailAddress\n'), target: null })
    const form = await requests[0]?.formData()
    const csv = form?.get('csv')
    expect(csv instanceof Blob && (await csv.text())).toBe('EmailAddress\n')
    expect([form?.get('name'), form?.has('target')]).toEqual(['Sales', false])
  })

  test('gathers the pages of a list', async () => {
    const { client, requests } = clientOf(
      json({ items: [{ id: 1 }, { id: 2 }], nextCursor: 'a&b' }),
      json({ items: [{ id: 3 }], nextCursor: null }),
    )
    expect(await client.all('/batches/1/users?status=failed')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(requests.map(({ url }) => new URL(url).search)).toEqual(['?status=failed', '?status=failed&cursor=a%26b'])
  })

  test('may be answered by nothing', async () =>
    expect(await clientOf(new Response(null, { status: 204 })).client.send('DELETE', '/batches/1')).toEqual({}))
})

describe('an answer that refuses', () => {
  const exitOf = async (response: Response | Error) =>
    explain(
      await clientOf(response)
        .client.get('/x')
        .catch((error: unknown) => error),
    )

  test.each([
    [400, 'invalid'],
    [401, 'apiRefused'],
    [403, 'apiRefused'],
    [404, 'notFound'],
    [409, 'wrongState'],
    [422, 'invalid'],
    [500, 'unexpected'],
  ] as const)('with status %d exits as %s, in its words', async (status, exit) => {
    const failure = await exitOf(json({ title: 'Title', status, detail: 'What is wrong' }, status))
    expect([failure.exit, failure.message]).toEqual([exit, 'What is wrong'])
  })

  test('for want of approval has an exit of its own', async () =>
    expect((await exitOf(json({ code: 'needs-approval', detail: 'x' }, 409))).exit).toBe('needsApproval'))

  test('lists the places of its problems', async () => {
    const problems = [{ line: 3, column: 'Password', message: 'is missing' }, 'nonsense']
    expect((await exitOf(json({ detail: 'x', problems }, 422))).details).toEqual([
      'line 3, column Password: is missing',
    ])
  })

  test.each([
    ['a page that is no JSON', new Response('<html>', { status: 502 }), 'unexpected'],
    ['a page that is no JSON although all is well', new Response('<html>'), 'unexpected'],
    ['no answer at all', new TypeError('connection refused'), 'apiUnreachable'],
  ] as const)('by %s is still a sentence', async (_, response, exit) => {
    const failure = await exitOf(response)
    expect(failure.exit).toBe(exit)
    expect(failure.message).toMatch(/^(The server answered|Cannot reach the server at http)/)
  })
})

describe('a data folder', () => {
  const within = async (files: Readonly<Record<string, string>>) => {
    const folder = await mkdtemp(join(tmpdir(), 'postferry-client-'))
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      const urls: string[] = []
      const client = await connect(folder, async (url) => {
        urls.push(url)
        return json({})
      })
      await client.get('/batches')
      return urls
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  test('leads to its server', async () =>
    expect(
      await within({ 'server.json': '{"address":"http://127.0.0.1:9001","pid":1}', 'cli.token': 'token\n' }),
    ).toEqual(['http://127.0.0.1:9001/api/v1/batches']))

  test.each([
    ['no server', {}],
    ['no token', { 'server.json': '{"address":"http://127.0.0.1:9001"}' }],
    ['half a file', { 'server.json': '{"addr', 'cli.token': 'token' }],
    ['no address', { 'server.json': '{}', 'cli.token': 'token' }],
  ])('with %s says how to start one', async (_, files) => {
    const failure = explain(await within(files).catch((error: unknown) => error))
    expect(failure.exit).toBe('apiUnreachable')
    expect(failure.details.join()).toContain('postferry serve --data')
  })
})
