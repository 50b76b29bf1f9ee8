import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { userListLimits } from '../../src/domain/user-list.ts'
import { type Browser, makeEndpoints, type TestHttp, testHttp, token } from '../support/http.ts'

let server: TestHttp
let browser: Browser

beforeAll(async () => {
  server = await testHttp()
  browser = await server.signIn()
  await makeEndpoints(server)
})

afterAll(() => server[Symbol.asyncDispose]())

const authorization = `Bearer ${token}`
const sentence = 'The list is larger than 10 MB'
const large = new Uint8Array(userListLimits.bytesMax + 1).fill(0x61)

/** A body that never ends; counts what was taken of it. */
function endless(): { readonly body: ReadableStream<Uint8Array<ArrayBuffer>>; taken: number } {
  const chunk = new Uint8Array(1024 * 1024).fill(0x61)
  const it = {
    taken: 0,
    body: new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        it.taken += chunk.length
        controller.enqueue(chunk)
      },
    }),
  }
  return it
}

describe('a list that is too large is refused in a sentence', () => {
  test('as text of its own', async () => {
    const answer = await server.request('/api/v1/batches/1/users/updates', {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body: large,
    })
    // The batch is asked for only when there is a list.
    expect([answer.status, ((await answer.json()) as { detail: string }).detail.startsWith(sentence)]).toEqual([
      413,
      true,
    ])
  })

  test('as a file of a form, by the API and by the page', async () => {
    const form = () => {
      const form = new FormData()
      for (const [name, value] of Object.entries({ name: 'Large', sourceEndpoint: 'old' })) form.set(name, value)
      form.set('csv', new File([large], 'list.csv'))
      return form
    }
    const api = await server.api('POST', '/batches', form())
    expect([api.status, ((await api.json()) as { code: string }).code]).toEqual([413, 'too-large'])
    const page = await browser.post('/batches', { name: 'Large', csvFile: new File([large], 'list.csv') })
    expect([page.status, (await page.text()).includes(sentence)]).toEqual([413, true])
  })

  test('as a text in JSON', async () => {
    const csv = new TextDecoder().decode(large)
    expect((await server.api('POST', '/batches', { name: 'Large', sourceEndpoint: 'old', csv })).status).toBe(413)
  })

  test('by its announced length, before anything of it is taken', async () => {
    const { body } = endless()
    const answer = await server.request('/api/v1/batches', {
      method: 'POST',
      headers: { authorization, 'content-type': 'multipart/form-data; boundary=x', 'content-length': '1000000000' },
      body,
    })
    expect(answer.status).toBe(413)
  })

  test('without a length, as soon as too much has come', async () => {
    const upload = endless()
    const answer = await server.request('/api/v1/batches/1/users/updates', {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body: upload.body,
    })
    expect(answer.status).toBe(413)
    expect(upload.taken).toBeLessThan(3 * userListLimits.bytesMax)
  })
})

test('a small form that is large is refused too', async () => {
  const answer = await server.api('POST', '/endpoints', { name: 'x', host: 'h', security: 'ssl', ca: 'x'.repeat(2e6) })
  expect(answer.status).toBe(413)
  const page = await browser.post('/endpoints', { name: 'x', ca: 'x'.repeat(2e6) })
  expect([page.status, (await page.text()).includes('larger than 1 MB')]).toEqual([413, true])
})

test('50,000 mailboxes in one list are taken', async () => {
  const rows = Array.from({ length: userListLimits.rowsMax }, (_, i) => `user${i}@example.org,user${i},secret${i}`)
  const csvFile = new File([`EmailAddress,UserName,Password\n${rows.join('\n')}\n`], 'list.csv')
  const answer = await browser.post('/batches', {
    name: 'Everybody',
    sourceEndpoint: 'old',
    targetEndpoint: 'new',
    csvFile,
    incrementalEveryHours: '24',
  })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/batches/1'])
  const page = await browser.get('/batches/1')
  expect((await page.text()).includes('50,000')).toBe(true)
}, 60_000)
