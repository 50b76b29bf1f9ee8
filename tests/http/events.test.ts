import { afterEach, beforeEach, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { type Browser, makeBatch, settle, type TestHttp, testHttp } from '../support/http.ts'

let server: TestHttp
let browser: Browser
let id: number

beforeEach(async () => {
  server = await testHttp()
  browser = await server.signIn()
  id = await makeBatch(server)
})

afterEach(() => server[Symbol.asyncDispose]())

interface Message {
  readonly event: string | null
  readonly data: string
}

/** The messages of a stream, one at a time; keep-alive comments are left out, or asked for. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<string>
  #rest = ''

  constructor(answer: Response) {
    const body = answer.body as ReadableStream<Uint8Array<ArrayBuffer>>
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader()
  }

  /** The next block, or null at the end. */
  async block(): Promise<string | null> {
    while (!this.#rest.includes('\n\n')) {
      const { done, value } = await this.#reader.read()
      if (done) return null
      this.#rest += value
    }
    const [block = '', ...rest] = this.#rest.split('\n\n')
    this.#rest = rest.join('\n\n')
    return block
  }

  async message(): Promise<Message | null> {
    const block = await this.block()
    if (block === null) return null
    if (block.startsWith(':')) return this.message()
    const lines = block.split('\n')
    const field = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
    return { event: field('event')[0] ?? null, data: field('data').join('\n') }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }
}

async function listen(query = ''): Promise<Stream> {
  const answer = await browser.get(`/batches/${id}/events${query}`)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return new Stream(answer)
}

const targets = (data = '') => [...data.matchAll(/hx-partial hx-target="([^"]+)"/g)].map(([, target]) => target)

test('the first message says everything, so that nothing is lost before it', async () => {
  const stream = await listen()
  const first = await stream.message()
  expect(targets(first?.data)).toEqual(['#summary', '#user-1', '#user-2', '#verification'])
  await stream.cancel()
})

test('a pass that goes on moves its row and the sums', async () => {
  await server.api('POST', `/batches/${id}/sync`)
  const stream = await listen()
  await stream.message()
  const progress = { itemsTotal: 8, itemsDone: 2, bytesTotal: 4000, bytesDone: 1000, folder: null }
  server.app.hub.publish({ batchId: id, userId: 2, progress })
  const news = await stream.message()
  expect(targets(news?.data)).toEqual(['#summary', '#user-2'])
  expect(news?.data).toContain('2 of 8')
  expect(news?.data).toContain('1.0 kB of 4.0 kB')
  await stream.cancel()
})

test('a user that changed in the store is read again', async () => {
  const stream = await listen()
  await stream.message()
  await settle(server, id, 'failed')
  server.app.hub.publish({ batchId: id, userId: 1 })
  const news = await stream.message()
  expect(targets(news?.data)).toEqual(['#summary', '#user-1', '#user-2'])
  expect(news?.data).toContain('Failed')
  await stream.cancel()
})

test('what looks the same is not sent again', async () => {
  const stream = await listen()
  await stream.message()
  server.app.hub.publish({ batchId: id })
  const { db } = server.context
  await db.write([db.query.run(sql`update users set status = 'failed' where id = 2`)])
  server.app.hub.publish({ batchId: id })
  expect(targets((await stream.message())?.data)).toEqual(['#user-2'])
  await stream.cancel()
})

test('a batch that starts moves all of its rows, although it tells of none of them', async () => {
  const stream = await listen()
  await stream.message()
  await server.api('POST', `/batches/${id}/sync`)
  expect(targets((await stream.message())?.data)).toEqual(['#summary', '#user-1', '#user-2'])
  await stream.cancel()
})

test('a user that is not of the status any more that was asked for is told of once more', async () => {
  const stream = await listen('?status=created')
  expect(targets((await stream.message())?.data)).toContain('#user-2')
  const { db } = server.context
  await db.write([db.query.run(sql`update users set status = 'synced' where id = 2`)])
  server.app.hub.publish({ batchId: id })
  expect(targets((await stream.message())?.data)).toEqual(['#user-2'])
  await stream.cancel()
})

test('users that are not on the page are not told of', async () => {
  const stream = await listen('?status=failed')
  expect(targets((await stream.message())?.data)).toEqual(['#summary', '#verification'])
  await settle(server, id, 'failed')
  server.app.hub.publish({ batchId: id, userId: 1 })
  expect(targets((await stream.message())?.data)).toEqual(['#summary'])
  await stream.cancel()
})

test('other batches are not heard', async () => {
  const stream = await listen()
  await stream.message()
  await settle(server, id, 'failed')
  server.app.hub.publish({ batchId: id + 1, userId: 1 })
  expect(await stream.block()).toBe(': ')
  server.app.hub.publish({ batchId: id, userId: 1 })
  expect(targets((await stream.message())?.data)).toContain('#user-1')
  await stream.cancel()
})

test('a quiet stream says that it lives', async () => {
  const stream = await listen()
  await stream.message()
  expect(await stream.block()).toBe(': ')
  await stream.cancel()
})

test('a batch that is removed says so, and the stream ends', async () => {
  const stream = await listen()
  await stream.message()
  const { db } = server.context
  await db.write([
    db.query.run(sql`delete from users where batch_id = ${id}`),
    db.query.run(sql`delete from batches where id = ${id}`),
  ])
  server.app.hub.publish({ batchId: id })
  expect((await stream.message())?.data).toContain('The batch is removed')
  expect((await stream.message())?.event).toBe('end')
  expect(await stream.message()).toBeNull()
})

test('the stream ends with its session', async () => {
  const stream = await listen()
  await stream.message()
  await browser.post('/sign-out')
  expect(await stream.message()).toBeNull()
})

test('the stream ends with the server', async () => {
  const stream = await listen()
  await stream.message()
  server.http.close()
  expect(await stream.message()).toBeNull()
})

test('whoever goes is not listened for any more', async () => {
  const stream = await listen()
  await stream.message()
  await stream.cancel()
  server.app.hub.publish({ batchId: id })
  expect(server.errors).toEqual([])
})

test('a stream that only is looked at holds nothing open', async () => {
  const answer = await server.request(`/batches/${id}/events`, { method: 'HEAD', headers: { cookie: browser.cookie } })
  expect([answer.status, answer.body]).toEqual([200, null])
})
