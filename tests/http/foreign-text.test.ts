import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { type Browser, makeBatch, settle, type TestHttp, testHttp } from '../support/http.ts'

let server: TestHttp
let browser: Browser

/** Each would leave its place in another way, if it stood in a page as it is. */
const payloads = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '</title><script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '</hx-partial></template><script>alert(1)</script>',
  '<hx-partial hx-target="body">x</hx-partial>',
  '<b hx-get="/sign-out" hx-trigger="load">x</b>',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  'line\r\ndata: <script>alert(1)</script>\r\n\r\nevent: end',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<!--<script>alert(1)</script>-->',
  '\u2028<script>alert(1)</script>\u0000',
]
const foreign = payloads.join(' ')

beforeAll(async () => {
  server = await testHttp()
  browser = await server.signIn()
  const id = await makeBatch(server, '<i>"Sales"</i> & \'sons\'')
  await settle(server, id, 'failed')
  await fillWithForeignText(id)
})

afterAll(() => server[Symbol.asyncDispose]())

/** What the pages are made of. */
const ours = new Set(
  `!doctype html head meta title link script noscript body header main nav form section fieldset legend label input
  select option textarea button a ul ol li p h1 h2 div span strong small code details summary dl dt dd table thead tbody
  tr th td time svg symbol path rect use hx-partial`.split(/\s+/),
)

async function expectHarmless(path: string, answer: Response): Promise<void> {
  // Quotes of text are escaped, so what stands between two is the value of an attribute.
  const markup = (await answer.text()).replace(/(href|src|action|hx-[\w:-]+)="[^"]*"|"[^"]*"/g, (whole, name) =>
    name ? whole : '""',
  )
  const tags = new Set(Array.from(markup.matchAll(/<\/?([^\s>/]+)/g), ([, tag = '']) => tag.toLowerCase()))
  expect([path, [...tags].filter((tag) => !ours.has(tag))]).toEqual([path, []])
  expect(markup).not.toMatch(/<script(?! src="\/assets\/)/)
  expect(markup).not.toMatch(/<[^>]*\s(?:on\w+|style|hx-on[\w:-]*)=/)
  expect(markup).not.toMatch(/\s(?:href|src|action|hx-get|hx-post|hx-sse:connect)="(?![/#])/)
}

test.each([
  '/batches',
  '/batches/1',
  '/users/1',
  '/batches/1/removal',
  '/batches/1/users/updates',
  '/endpoints',
  '/endpoints/1',
])('what others wrote is text on %s', async (path) => {
  const answer = await browser.get(path)
  expect(answer.status).toBe(200)
  await expectHarmless(path, answer)
})

test('it is shown as it was written', async () => {
  const html = await (await browser.get('/users/1')).text()
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).toContain('&amp;lt;script&amp;gt;')
})

test('it cannot leave its message of a stream', async () => {
  const answer = await browser.get('/batches/1/events')
  const reader = answer.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  const text = new TextDecoder().decode(value)
  expect(
    text
      .trimEnd()
      .split('\n')
      .every((line) => line.startsWith('data: ')),
  ).toBe(true)
  await expectHarmless('events', new Response(text))
})

test('what a form was given comes back as text', async () => {
  const typed = { name: foreign, host: foreign, ca: foreign, adminName: foreign, login: foreign, method: 'pattern' }
  await expectHarmless('/endpoints', await browser.post('/endpoints', typed))
  const csvText = `EmailAddress,UserName,Password,${foreign.replace(/[\r\n",]/g, '')}\n${foreign}`
  await expectHarmless(
    '/batches',
    await browser.post('/batches', {
      name: foreign,
      sourceEndpoint: '1',
      targetEndpoint: '2',
      csvText,
      incrementalEveryHours: '1',
    }),
  )
  await expectHarmless('/sign-in', await server.request(`/sign-in?token=${encodeURIComponent(foreign)}`))
  await expectHarmless('/nothing', await browser.get(`/batches/${encodeURIComponent(foreign)}`))
})

test('what a server says in a test of an endpoint is text', async () => {
  server.probe.answer = () => ({
    isOk: false,
    steps: [{ step: 'tls', isOk: false, elapsedMs: 1, detail: foreign, code: 'tls.untrusted', remedy: foreign }],
    capabilities: [foreign],
  })
  await expectHarmless('test', await browser.post('/endpoints/1/test'))
})

async function fillWithForeignText(id: number): Promise<void> {
  const { db } = server.context
  const error = JSON.stringify({
    ...{ code: 'sign-in.refused', side: 'source', at: 1 },
    ...{ message: foreign, meaning: foreign, remedy: foreign },
  })
  const report = JSON.stringify({
    folders: [
      {
        ...{ sourcePath: [foreign], targetPath: [foreign], sourceItems: 1, targetItems: 0 },
        ...{ missingItems: 1, doubledItems: 0, different: [], differentItems: 0 },
        missing: [{ sourceUid: 1, targetUid: null, what: 'missing', detail: foreign }],
      },
    ],
    ...{ itemsChecked: 1, differences: 1, readsData: false },
  })
  await server.api('POST', `/batches/${id}/verification`, { readsData: false })
  await db.write([
    db.query.run(sql`update users set error = ${error}, source_user_name = ${foreign}, target_user_name = ${foreign}`),
    db.query.run(sql`update users set email_address = ${`${foreign}@example.org`} where id = 1`),
    db.query.run(sql`update verifications set verified_at = 1, report = ${report} where user_id = 1`),
    db.query.run(sql`update verifications set verified_at = 1, error = ${error} where user_id = 2`),
    db.query.run(sql`update endpoints set admin_name = ${foreign}, login = ${foreign}`),
  ])
}
