import { expect, test } from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { type Places, prepared, stored, updateOf } from '../../db/prepared.ts'
import { batches } from '../../db/schema/batches.ts'
import { jobs } from '../../db/schema/jobs.ts'
import { folders, pairs } from '../../db/schema/ledger.ts'
import type { Mark } from '../../src/domain/mail.ts'
import { tempDatabase } from '../support/temp-database.ts'
import { identity } from './sync-suite.ts'

const insertPair = prepared((query, { source }: Places<{ source: string }>) =>
  query.insert(pairs).values({ source, target: 'b' }).returning({ id: pairs.id }),
)

test('a prepared statement is built once, and given other values each time', async () => {
  await using temp = await tempDatabase()
  let built = 0
  const find = prepared((query, { id, least }: Places<{ id: number; least: number }>) => {
    built += 1
    return query
      .select({ source: pairs.source, sum: sql<number>`${least} + ${id}` })
      .from(pairs)
      .where(eq(pairs.id, id))
  })
  await temp.db.write(['a', "'?\u0001", ''].map((source) => insertPair(temp.db, { source })))
  const found = await temp.db.read([1, 2, 3, 4].map((id) => find(temp.db, { id, least: 10 * id })))
  expect(found).toEqual([[{ source: 'a', sum: 11 }], [{ source: "'?\u0001", sum: 22 }], [{ source: '', sum: 33 }], []])
  expect(built).toBe(1)
})

test('keeps values as their column does, and null as null', async () => {
  await using temp = await tempDatabase()
  const { db } = temp
  const insert = prepared(
    (query, { dirtySince, cursor }: Places<{ dirtySince: Mark | null; cursor: { modseq: bigint } | null }>) =>
      query
        .insert(folders)
        .values({
          pairId: 1,
          source: identity('a'),
          target: identity('b'),
          dirtySince,
          cursor: stored(folders.cursor, cursor),
        })
        .returning({ dirtySince: folders.dirtySince, cursor: folders.cursor, isNull: sql`${folders.cursor} is null` }),
  )
  const mark = { uidValidity: 7, uidNext: 9 }
  const cursor = { uidValidity: 7, uidDone: 3, modseq: 2n ** 62n }
  const [, first, second] = await db.write([
    insertPair(db, { source: 'a' }),
    insert(db, { dirtySince: mark, cursor }),
    insert(db, { dirtySince: null, cursor: null }),
  ])
  expect([first, second] as unknown).toEqual([
    [{ dirtySince: mark, cursor, isNull: 0 }],
    [{ dirtySince: null, cursor: null, isNull: 1 }],
  ])
})

test('an update changes the columns that are given, and leaves those that are undefined', async () => {
  await using temp = await tempDatabase()
  const { db } = temp
  const update = updateOf(jobs)
  const row = { kind: 'sync-user', userId: 1, pass: 'initial', runAt: 5 } as const
  await db.write([db.query.insert(jobs).values([row, row])])
  await db.write([
    update(db, 1, { readsData: true, priority: 3, lock: undefined }),
    update(db, 2, { priority: 4, readsData: undefined }),
    update(db, 2, { pass: null, lock: 'a' }),
    update(db, 99, { priority: 9, readsData: true }),
  ])
  const [found] = await db.read([db.query.select().from(jobs)])
  expect(found).toMatchObject([
    { readsData: true, priority: 3, pass: 'initial', lock: null },
    { readsData: false, priority: 4, pass: null, lock: 'a' },
  ])
})

test('a boolean reaches the database as a number, wherever it stands', async () => {
  await using temp = await tempDatabase()
  const { db } = temp
  const [[row]] = await db.read([
    db.query.all<unknown[]>(sql`select ${true}, ${false}, ${null}, typeof(${2 ** 40}), ${new Uint8Array([1, 2])}`),
  ])
  expect(row).toEqual([1, 0, null, expect.any(String), new Uint8Array([1, 2])])
})

test('statements of more texts than are kept run all the same', async () => {
  await using temp = await tempDatabase()
  const { db } = temp
  const numbers = Array.from({ length: 700 }, (_, index) => index)
  const all = () => db.read(numbers.map((number) => db.query.all<[number]>(sql.raw(`select ${number}`))))
  await all()
  expect(await all()).toEqual(numbers.map((number) => [[number]]))
  const [rows] = await db.read([db.query.select().from(batches)])
  expect(rows).toEqual([])
})
