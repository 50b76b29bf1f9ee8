import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { openDatabase } from '../../db/client.ts'
import { DatabaseHeld } from '../../db/faults.ts'
import { errorOf } from '../support/error-of.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postferry-db-'))
  path = join(folder, 'postferry.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A process that writes from number `first` on; reads its lines until it has told of `count` of them. */
async function writer(first: number, count: number) {
  const script = join(import.meta.dir, '../support/database-process.ts')
  const child = Bun.spawn([process.execPath, script, path, String(first)], { stdout: 'pipe', stderr: 'inherit' })
  const lines: string[] = []
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  while (lines.length < count + 2) {
    const { value, done } = await reader.read()
    if (done) throw new Error('Cannot read on: the process ended')
    lines.push(...value.split('\n').filter(Boolean))
  }
  return { child, reader, lines }
}

describe('a database of two processes', () => {
  test('is refused to the second, and free again when the first was killed', async () => {
    const { child } = await writer(0, 1)
    const refused = await errorOf(openDatabase(path, { lockWaitMs: 20 }))
    child.kill('SIGKILL')
    await child.exited
    expect(refused).toBeInstanceOf(DatabaseHeld)
    await (await openDatabase(path)).close()
  })

  test('has after kill -9 in mid-write all that was told, and nothing half', async () => {
    let next = 0
    for (let round = 0; round < 5; round += 1) {
      const { child, reader, lines } = await writer(next, round * 7)
      child.kill('SIGKILL')
      for (let read = await reader.read(); !read.done; read = await reader.read())
        lines.push(...read.value.split('\n').filter(Boolean))
      await child.exited
      const told = Number(lines.filter((line) => line !== 'open').at(-1))
      const db = await openDatabase(path)
      const [[counts], [integrity]] = await db.read([
        db.query.all<[number, number, number]>(sql`select max(run_at), count(*), count(distinct run_at) from jobs`),
        db.query.all<[string]>(sql`pragma integrity_check`),
      ])
      await db.close()
      const [last, rows, numbers] = counts ?? [0, 0, 0]
      expect(last).toBeGreaterThanOrEqual(told)
      expect(last).toBeLessThanOrEqual(told + 1)
      expect([rows, numbers]).toEqual([2 * (last + 1), last + 1])
      expect(integrity).toEqual(['ok'])
      next = last + 1
    }
  }, 30_000)
})
