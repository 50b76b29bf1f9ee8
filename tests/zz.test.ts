import { test } from 'bun:test'
import { testApp } from './support/test-app.ts'
import { mail } from './engine/harness.ts'
import { startBatch, showBatch } from '../src/operations/batches.ts'
test('x', async () => {
  await using world = await testApp()
  const users = Array.from({ length: 200 }, (_, n) => `user${n}`)
  for (const user of users) world.source(user).deliver('INBOX', mail(user))
  const id = await world.batch(users)
  const db = world.app.context.db as any
  const n = { r: 0, w: 0, rt: 0, wt: 0 }
  const { read, write } = db
  db.read = async (s: any) => { tell(s); n.r++; const b = performance.now(); try { return await read(s) } finally { n.rt += performance.now() - b } }
  db.write = async (s: any) => { tell(s); n.w++; const b = performance.now(); try { return await write(s) } finally { n.wt += performance.now() - b } }
  const by = new Map<string, number>()
  const tell = (s: any[]) => { for (const q of s) { const t = (q.toSQL ? q.toSQL().sql : q.getSQL ? String(q.getSQL()?.queryChunks?.[0]?.value ?? 'sql') : 'raw').slice(0, 0) + ((): string => { try { return (q.toSQL?.().sql ?? JSON.stringify(q.query ?? q)).replace(/"/g,'').slice(0,90) } catch { return 'x' } })(); by.set(t, (by.get(t) ?? 0) + 1) } }
  const begun = performance.now()
  const cpu = process.cpuUsage()
  await startBatch(world.app.context, id)
  while ((await showBatch(world.app.context, id)).status !== 'synced') await Bun.sleep(50)
  console.log('200', performance.now() - begun, JSON.stringify(n), JSON.stringify(process.cpuUsage(cpu)), world.servers.server('old.example').sessions)
  console.log([...by].sort((a,b)=>b[1]-a[1]).slice(0,25).map(([k,v])=>v+' '+k).join('\n'))
}, 60000)
