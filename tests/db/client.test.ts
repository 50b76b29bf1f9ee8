import { describe, expect, test } from 'bun:test'
import { existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asc, sql } from 'drizzle-orm'
import { type Database, openDatabase } from '../../db/client.ts'
import { ConstraintFailed, GuardFailed, NewerSchema } from '../../db/faults.ts'
import { guard } from '../../db/guards.ts'
import { insertRows, writeHidden } from '../../db/rows.ts'
import { jobs } from '../../db/schema/jobs.ts'
import { pairs } from '../../db/schema/ledger.ts'
import { errorOf } from '../support/error-of.ts'
import { tempDatabase } from '../support/temp-database.ts'

const row = (runAt: number) => ({ kind: 'sync-user', userId: 1, pass: 'initial', runAt }) as const

const add = (db: Database, ...times: readonly number[]) =>
  db.write(times.map((runAt) => db.query.insert(jobs).values(row(runAt))))

async function times(db: Database): Promise<readonly number[]> {
  const [rows] = await db.read([db.query.select({ runAt: jobs.runAt }).from(jobs).orderBy(asc(jobs.id))])
  return rows.map(({ runAt }) => runAt)
}

describe('the database', () => {
  test('keeps what was written, for its owner alone', async () => {
    await using temp = await tempDatabase()
    await add(temp.db, 1, 2)
    await temp.db.close()
    expect(statSync(temp.path).mode & 0o777).toBe(0o600)
    const again = await openDatabase(temp.path)
    expect(await times(again)).toEqual([1, 2])
    await again.close()
  })

  test('is opened under the settings that keep it whole', async () => {
    await using temp = await tempDatabase()
    const names = ['journal_mode', 'locking_mode', 'synchronous', 'foreign_keys', 'busy_timeout']
    const rows = await temp.db.read(names.map((name) => temp.db.query.all(sql.raw(`pragma ${name}`))))
    expect(rows).toEqual([[['wal']], [['exclusive']], [[2]], [[1]], [[5000]]])
  })

  test('answers each statement of a read and a write by its own type', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    const [ids, , changed] = await db.write([
      db.query
        .insert(jobs)
        .values([row(1), row(2)])
        .returning({ id: jobs.id }),
      db.query.insert(pairs).values({ source: 'a', target: 'b' }),
      db.query.update(jobs).set({ priority: 7 }).where(sql`${jobs.runAt} = 9`).returning({ id: jobs.id }),
    ])
    expect([ids, changed]).toEqual([[{ id: 1 }, { id: 2 }], []])
    const [found, count] = await db.read([
      db.query.select().from(pairs),
      db.query.all(sql`select count(*), 'x', null, 1.5 from jobs`),
    ])
    expect(found).toEqual([{ id: 1, source: 'a', target: 'b' }])
    expect(count).toEqual([[2, 'x', null, 1.5]])
    expect(await db.read([])).toEqual([])
    expect(await db.write([])).toEqual([])
  })

  test('writes all statements or none', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    await add(db, 1)
    const half = db.write([db.query.insert(jobs).values(row(2)), db.query.run(sql`insert into nowhere values (1)`)])
    expect(await errorOf(half)).toMatchObject({ message: expect.stringContaining('no such table: nowhere') })
    expect(await times(db)).toEqual([1])
  })

  test('lets a bad write fail alone among those gathered with it', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    const writes = [1, 2, 3, 4, 5, 6, 7].map((runAt) =>
      runAt % 3 === 0 ? db.write([db.query.insert(jobs).values(row(runAt)), guard(db, sql`false`)]) : add(db, runAt),
    )
    const ends = await Promise.allSettled(writes)
    expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, true, false, true])
    expect(await times(db)).toEqual([1, 2, 4, 5, 7])
  })

  test('undoes a write whose guard does not hold at its place', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    await db.write([
      guard(db, sql`(select count(*) from ${jobs}) = 0`),
      db.query.insert(jobs).values(row(1)),
      guard(db, sql`(select count(*) from ${jobs}) = 1`),
    ])
    const late = db.write([db.query.insert(jobs).values(row(2)), guard(db, sql`(select count(*) from ${jobs}) = 1`)])
    expect(await errorOf(late)).toBeInstanceOf(GuardFailed)
    const unknown = db.write([guard(db, sql`(select ${jobs.runAt} from ${jobs} where ${jobs.id} = 99) = 1`)])
    expect(await errorOf(unknown)).toBeInstanceOf(GuardFailed)
    expect(await times(db)).toEqual([1])
  })

  test('names what is not unique, and what is missing', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    const pair = db.query.insert(pairs).values({ source: 'a', target: 'b' })
    await db.write([pair])
    const twice = await errorOf(db.write([pair]))
    expect(twice).toBeInstanceOf(ConstraintFailed)
    expect(twice).toMatchObject({ columns: 'pairs.source, pairs.target' })
    const orphan = sql`insert into issues (folder_id, source_uid, issue) values (1, 1, '{}')`
    expect(await errorOf(db.write([db.query.run(orphan)]))).toMatchObject({ name: 'ConstraintFailed', columns: '' })
  })

  test('refuses to write by a read, and to run what is awaited by itself', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    expect(await errorOf(db.read([db.query.delete(jobs)]))).toMatchObject({
      message: expect.stringContaining('Cannot read by a statement that writes'),
    })
    expect(await errorOf(db.query.select().from(jobs).execute())).toBeInstanceOf(Error)
    expect(await errorOf(db.query.insert(jobs).values(row(1)).execute())).toBeInstanceOf(Error)
    expect(await times(db)).toEqual([])
  })

  test('full at any page loses nothing: the same write is made when there is room again', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    await add(db, 0)
    const [[pages]] = await db.read([db.query.all<[number]>(sql`pragma page_count`)])
    const long = (runAt: number) => ({ ...row(runAt), lock: `${runAt} ${'x'.repeat(3000)}` })
    const fill = () => db.write([1, 2, 3, 4].map((runAt) => db.query.insert(jobs).values(long(runAt))))
    for (let room = 0; room < 3; room += 1) {
      await db.write([db.query.all(sql.raw(`pragma max_page_count = ${(pages?.[0] ?? 0) + room}`))])
      expect(await errorOf(fill())).toMatchObject({ code: 'store.full', scope: 'store', retry: 'later' })
      expect(await times(db)).toEqual([0])
    }
    await db.write([db.query.all(sql`pragma max_page_count = 1000000`)])
    await fill()
    expect(await times(db)).toEqual([0, 1, 2, 3, 4])
  })

  test('keeps a ballast that is given up when the disk is full, and taken again', async () => {
    await using temp = await tempDatabase()
    const { db, path } = temp
    const ballast = `${path}-ballast`
    expect(statSync(ballast)).toMatchObject({ size: 1024 * 1024 })
    await db.write([db.query.all(sql`pragma max_page_count = 1`)])
    const long = { ...row(1), lock: 'x'.repeat(9000) }
    expect(await errorOf(db.write([db.query.insert(jobs).values(long)]))).toMatchObject({ code: 'store.full' })
    expect(existsSync(ballast)).toBe(false)
    await db.close()
    await (await openDatabase(path)).close()
    expect(existsSync(ballast)).toBe(true)
  })

  test('of a newer release is refused, and left as it is', async () => {
    await using temp = await tempDatabase()
    await temp.db.write([temp.db.query.all(sql`pragma user_version = 99`)])
    await temp.db.close()
    const refused = await errorOf(openDatabase(temp.path))
    expect(refused).toBeInstanceOf(NewerSchema)
    expect(String(refused)).toContain('schema 99 is of a newer release')
    expect(await errorOf(openDatabase(temp.path))).toBeInstanceOf(NewerSchema)
  })

  test('that is none, or was cut, says so and is not overwritten', async () => {
    await using temp = await tempDatabase()
    await temp.db.close()
    truncateSync(temp.path, statSync(temp.path).size / 2)
    const readAll = async () => {
      const db = await openDatabase(temp.path)
      return await times(db).finally(() => db.close())
    }
    expect(await errorOf(readAll())).toMatchObject({ code: 'store.failed' })
    rmSync(`${temp.path}-wal`, { force: true })
    writeFileSync(temp.path, 'Dear reader, this is a letter and no database. '.repeat(100))
    expect(await errorOf(openDatabase(temp.path))).toMatchObject({ code: 'store.failed' })
    expect(statSync(temp.path).size).toBe(4700)
    expect(await errorOf(openDatabase(`${temp.path}/below`))).toMatchObject({ code: 'store.failed' })
  })

  test('closes after the writes that were asked for, and takes no more', async () => {
    await using temp = await tempDatabase()
    const writes = [1, 2, 3].map((runAt) => add(temp.db, runAt))
    await temp.db.close()
    await Promise.all(writes)
    expect(await errorOf(add(temp.db, 4))).toMatchObject({ code: 'store.failed' })
    const again = await openDatabase(temp.path)
    expect(await times(again)).toEqual([1, 2, 3])
    await again.close()
  })
})

test('no code opens a transaction of the client: that would be a second connection', async () => {
  const root = join(import.meta.dir, '../..')
  for await (const file of new Bun.Glob('{src,db}/**/*.{ts,tsx}').scan(root))
    expect(await Bun.file(join(root, file)).text(), file).not.toMatch(/\.transaction\s*\(/)
})

describe('many rows', () => {
  test('are inserted by one statement, other columns by their default', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    const rows = Array.from({ length: 1200 }, (_, index) => ({
      ...row(index),
      readsData: index % 2 === 0,
      lock: `'"${index}`,
    }))
    const [ids] = await db.write([db.query.all<[number]>(sql`${insertRows(jobs, rows)} returning id`)])
    expect(ids.flat()).toEqual(rows.map((_, index) => index + 1))
    const [found] = await db.read([db.query.select().from(jobs)])
    expect(found).toMatchObject(rows)
    expect(found[0]).toMatchObject({ status: 'queued', token: 0 })
  })

  test('are written in chunks and shown at the end, or taken back', async () => {
    await using temp = await tempDatabase()
    const { db } = temp
    const rows = Array.from({ length: 1001 }, (_, index) => row(index))
    const sizes: number[] = []
    const insert = (chunk: readonly ReturnType<typeof row>[]) => {
      sizes.push(chunk.length)
      return [db.query.run(insertRows(jobs, chunk))]
    }
    const publish = [db.query.insert(pairs).values({ source: 'shown', target: '' })]
    const abandon = [db.query.delete(jobs)]
    await writeHidden(db, { rows, insert, publish, abandon })
    expect(sizes).toEqual([500, 500, 1])
    expect((await times(db)).length).toBe(1001)
    expect(await errorOf(writeHidden(db, { rows, insert, publish, abandon }))).toBeInstanceOf(ConstraintFailed)
    expect(await times(db)).toEqual([])
  })
})
