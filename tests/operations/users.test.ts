import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { passwordPlace } from '../../db/queries/users.ts'
import { findWork } from '../../db/queries/work.ts'
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts'
import { createBatch, showBatch, startBatch } from '../../src/operations/batches.ts'
import { createEndpoint } from '../../src/operations/endpoints.ts'
import { listUsers, showUser, startUser, updateUser, updateUsersFromCsv } from '../../src/operations/users.ts'
import { errorOf } from '../support/error-of.ts'
import { userCsv } from '../support/test-app.ts'
import { type TestContext, testContext } from '../support/test-context.ts'

async function world(): Promise<TestContext> {
  const at = await testContext()
  for (const name of ['Old', 'New'])
    await createEndpoint(at.context, { name, host: `imap.${name}.example`, security: 'ssl' })
  const ends = { sourceEndpoint: 'Old', targetEndpoint: 'New' }
  await createBatch(at.context, { name: 'Sales', ...ends, csv: userCsv(['ann', 'bob', 'eve']) })
  await createBatch(at.context, { name: 'Pilot', ...ends, csv: userCsv(['ann']) })
  return at
}

const ann = ({ context }: TestContext) => showUser(context, 'ann@new.example', 'Sales')

/** Unsealed, as a job sees them. */
async function passwords({ context }: TestContext, id: number) {
  const work = await findWork(context.db, id)
  if (!work) throw new Error('The user is gone')
  const open = (side: 'source' | 'target') =>
    context.vault.open(work.sealed[side] ?? '', passwordPlace(work.batch.id, work.user.emailAddress, side))
  return [await open('source'), await open('target')]
}

const set = ({ context: { db } }: TestContext, statement: string) => db.write([db.query.run(sql.raw(statement))])

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await errorOf(promise)
  if (isRefusal(error)) return error
  throw error
}

describe('users', () => {
  test('are listed in pages, each of them once', async () => {
    await using at = await world()
    const first = await listUsers(at.context, 'Sales', { limit: 2 })
    expect(first.items.map(({ sourceUserName }) => sourceUserName)).toEqual(['ann', 'bob'])
    const second = await listUsers(at.context, 'Sales', { limit: 2, cursor: first.nextCursor })
    expect(second).toMatchObject({ items: [{ sourceUserName: 'eve' }], nextCursor: null })
  })

  test('are listed by status', async () => {
    await using at = await world()
    await set(at, `update users set status = 'failed' where source_user_name = 'bob'`)
    expect((await listUsers(at.context, 'Sales', { status: 'failed' })).items).toMatchObject([
      { sourceUserName: 'bob' },
    ])
    expect((await listUsers(at.context, 'Sales', { status: 'synced' })).items).toEqual([])
  })

  test.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1001 }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ status: 'lost' as 'failed' }, 'status'],
  ])('are not listed by %o', async (query, column) => {
    await using at = await world()
    expect((await refusalOf(listUsers(at.context, 'Sales', query))).problems).toMatchObject([{ column }])
  })

  test('are found by id, and by an address in any case; where that is in several batches, by batch', async () => {
    await using at = await world()
    const { id } = await ann(at)
    expect(await showUser(at.context, id)).toMatchObject({ batchName: 'Sales' })
    expect(await showUser(at.context, 'EVE@new.example')).toMatchObject({ sourceUserName: 'eve' })
    expect(await refusalOf(showUser(at.context, 'ann@new.example'))).toMatchObject({ code: 'conflict' })
    expect((await refusalOf(showUser(at.context, 'ann@new.example'))).message).toContain('"Sales", "Pilot"')
    expect((await refusalOf(showUser(at.context, 'who@new.example'))).code).toBe('not-found')
  })
})

describe('a user', () => {
  test('is changed in what was given and in nothing else', async () => {
    await using at = await world()
    const before = await ann(at)
    const after = await updateUser(at.context, before.id, {
      sourcePassword: 'new one',
      missingTargetFolder: 'recreate',
    })
    expect(after).toEqual({ ...before, missingTargetFolder: 'recreate' })
    expect(await passwords(at, before.id)).toEqual(['new one', 't-ann'])
    expect(at.told.forgiven).toEqual([{ batchId: before.batchId, userId: before.id }])
  })

  test('is locked by its mailbox at the target, also after that was changed', async () => {
    await using at = await world()
    const { id } = await ann(at)
    await updateUser(at.context, id, { targetUserName: 'Robert' })
    await startBatch(at.context, 'Sales')
    const [rows] = await at.context.db.read([at.context.db.query.all(sql`select lock from jobs where user_id = ${id}`)])
    expect(rows).toEqual([['imap.new.example:993/robert']] as never)
  })

  test.each([
    [{ sourcePassword: '' }, 'sourcePassword'],
    [{ targetUserName: 'a\r\nb' }, 'targetUserName'],
    [{ missingTargetFolder: 'forget' as 'hold' }, 'missingTargetFolder'],
  ])('is not changed by %o', async (changes, column) => {
    await using at = await world()
    const { id } = await ann(at)
    expect((await refusalOf(updateUser(at.context, id, changes))).problems).toMatchObject([{ column }])
  })

  test('that failed is retried, and its batch is syncing again', async () => {
    await using at = await world()
    const { id } = await ann(at)
    await set(at, `update users set status = case source_user_name when 'ann' then 'failed' else 'synced' end`)
    await set(
      at,
      `update batches set status = 'syncedWithErrors', pending = 0, synced = 2, failed = 1 where name = 'Sales'`,
    )
    expect(await startUser(at.context, id)).toMatchObject({ status: 'queued' })
    expect(await showBatch(at.context, 'Sales')).toMatchObject({
      status: 'syncing',
      counts: { total: 3, active: 1, synced: 2, failed: 0 },
    })
    expect(await refusalOf(startUser(at.context, id))).toMatchObject({
      code: 'wrong-state',
      message: 'Cannot start "ann@new.example" while it is queued in the batch "Sales", which is syncing',
    })
  })
})

describe('a list of changes', () => {
  test('changes the users that it names, in the cells that are filled', async () => {
    await using at = await world()
    const csv = 'EmailAddress,Password,TargetUserName\nANN@new.example,changed,\nbob@new.example,,robert\n'
    expect(await updateUsersFromCsv(at.context, 'Sales', csv)).toBe(2)
    const { items } = await listUsers(at.context, 'Sales')
    expect(items.map(({ targetUserName }) => targetUserName)).toEqual(['ann@new.example', 'robert', 'eve@new.example'])
    expect(items[0]?.emailAddress).toBe('ann@new.example')
    expect(await passwords(at, items[0]?.id ?? 0)).toEqual(['changed', 't-ann'])
    expect(await passwords(at, items[1]?.id ?? 0)).toEqual(['s-bob', 't-bob'])
  })

  test('that names a stranger changes nobody', async () => {
    await using at = await world()
    const csv = 'EmailAddress,Password\nann@new.example,changed\nwho@new.example,changed\n'
    expect(await refusalOf(updateUsersFromCsv(at.context, 'Sales', csv))).toMatchObject({
      code: 'invalid',
      problems: [{ line: 3, column: 'EmailAddress', message: 'The batch has no user "who@new.example"' }],
    })
    expect(await passwords(at, (await ann(at)).id)).toEqual(['s-ann', 't-ann'])
  })

  test('may leave all as it is', async () => {
    await using at = await world()
    expect(await updateUsersFromCsv(at.context, 'Sales', 'EmailAddress\nann@new.example')).toBe(1)
  })
})

test('no password stands anywhere but sealed, and none opens at the place of another', async () => {
  await using at = await world()
  const bytes = await at.bytes()
  for (const secret of ['s-ann', 't-ann', 's-bob', 't-bob']) expect(bytes).not.toContain(secret)
  const { items } = await listUsers(at.context, 'Sales')
  expect(JSON.stringify(items)).not.toContain('s-ann')
  const work = await findWork(at.context.db, items[0]?.id ?? 0)
  const place = passwordPlace(work?.batch.id ?? 0, 'bob@new.example', 'source')
  expect(String(await errorOf(at.context.vault.open(work?.sealed.source ?? '', place)))).toContain('UnsealFailed')
})
