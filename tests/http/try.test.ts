import { test } from 'bun:test'
import { testHttp, makeBatch } from '../support/http.ts'
test('x', async () => {
  await using t = await testHttp()
  const id = await makeBatch(t)
  console.log(id)
  const b = await t.signIn()
  for (const p of ['/batches', `/batches/${id}`, '/users/1', '/endpoints', '/endpoints/1', '/batches/new', '/endpoints/new', `/batches/${id}/removal`, `/batches/${id}/users/updates`, '/nothing', '/api/v1/openapi.json', '/healthz', '/readyz', '/assets/app.css']) {
    const r = await b.get(p)
    const text = await r.text()
    console.log(p, r.status, text.length, r.status>=400? text.slice(0,300):'')
  }
  console.log(t.http.routes.filter(r=>r.method!=='ALL').map(r=>r.method+' '+r.path).join('\n'))
  console.log(t.errors)
})
