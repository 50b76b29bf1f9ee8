import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { isRefusal, type Refusal } from '../../src/domain/refusal.ts'
import {
  batchReport,
  completeBatch,
  createBatch,
  listBatches,
  type NewBatch,
  removeBatch,
  retryBatch,
  showBatch,
  startBatch,
  stopBatch,
  syncBatchNow,
} from '../../src/operations/batches.ts'
import { createEndpoint, type NewEndpoint } from '../../src/operations/endpoints.ts'
import { listUsers } from '../../src/operations/users.ts'
import { errorOf } from '../support/error-of.ts'
import { userCsv } from '../support/test-app.ts'
import { type TestContext, testContext } from '../support/test-context.ts'
import { watchLag } from '../support/watch-lag.ts'

setDefaultTimeout(30_000)

const ends = { sourceEndpoint: 'Old', targetEndpoint: 'New' }

async function world(changes: Partial<NewEndpoint> = {}): Promise<TestContext> {
  const at = await testContext()
  const endpoint = { host: 'imap.example', security: 'ssl', ...changes } as const
  await createEndpoint(at.context, { ...endpoint, name: 'Old' })
  await createEndpoint(at.context, { ...endpoint, name: 'New', host: 'imap.new.example', isHome: true })
  return at
}

const create = ({ context }: TestContext, changes: Partial<NewBatch> = {}) =>
  createBatch(context, { name: 'Sales', ...ends, csv: userCsv(['ann', 'bob']), ...changes })

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await errorOf(promise)
  if (isRefusal(error)) return error
  throw error
}

describe('a batch is made', () => {
  test('with its users, not started', async () => {
    await using at = await world()
    const batch = await create(at)
    expect(batch).toMatchObject({
      name: 'Sales',
      status: 'created',
      direction: 'onboarding',
      sourceEndpointName: 'Old',
      targetEndpointName: 'New',
      incrementalEveryMs: 24 * 60 * 60_000,
      counts: { total: 2, pending: 2, active: 0 },
    })
    expect((await listUsers(at.context, batch.id)).items).toMatchObject([
      {
        emailAddress: 'ann@new.example',
        sourceUserName: 'ann',
        targetUserName: 'ann@new.example',
        hasSourcePassword: true,
        hasTargetPassword: true,
        status: 'created',
      },
      { emailAddress: 'bob@new.example' },
    ])
    expect(at.told.wakes).toBe(0)
  })

  test('and started, if that was asked for', async () => {
    await using at = await world()
    expect(await create(at, { autoStart: true })).toMatchObject({
      status: 'syncing',
      counts: { active: 2, pending: 0 },
    })
    expect(at.told.wakes).toBe(1)
  })

  test('into the home endpoint when only a source is given, out of it when only a target is', async () => {
    await using at = await world()
    expect(await create(at, { targetEndpoint: null })).toMatchObject({ targetEndpointName: 'New' })
    const out = await create(at, { name: 'Out', sourceEndpoint: null, targetEndpoint: 'Old' })
    expect(out).toMatchObject({ sourceEndpointName: 'New', targetEndpointName: 'Old', direction: 'offboarding' })
    expect((await refusalOf(create(at, { name: 'In', sourceEndpoint: null }))).message).toContain('the same endpoint')
    const neither = create(at, { name: 'In', sourceEndpoint: null, targetEndpoint: null })
    expect((await refusalOf(neither)).message).toContain('neither its source nor its target is named')
  })

  test('without passwords where administrators sign in', async () => {
    await using at = await world({ login: '{user}*{admin}', adminName: 'root', adminPassword: 'secret' })
    const batch = await create(at, { csv: 'EmailAddress;UserName\nann@new.example;ann' })
    expect((await listUsers(at.context, batch.id)).items).toMatchObject([{ hasSourcePassword: false }])
  })
})

describe('nothing is made', () => {
  test.each([
    [
      'of a row without a needed password',
      'EmailAddress,UserName,Password,TargetPassword\na@x.example,a,p,\n',
      [2, 'TargetPassword'],
    ],
    ['without a needed column', 'EmailAddress,UserName,Password\na@x.example,a,p\n', [1, 'TargetPassword']],
    ['of an address that stands twice', `${userCsv(['a', 'b', 'A'])}\n`, [4, 'EmailAddress']],
    [
      'of an unknown column',
      'EmailAddress,UserName,Password,TargetPassword,Qutoa\na@x.example,a,p,q,1\n',
      [1, 'Qutoa'],
    ],
    ['of an empty list', '', [null, null]],
    ['of a broken quote', 'EmailAddress,UserName,Password,TargetPassword\n"a@x.example,a,p,q\n', [2, null]],
  ])('%s', async (_, csv, place) => {
    await using at = await world()
    const refusal = await refusalOf(create(at, { csv }))
    expect(refusal.code).toBe('invalid')
    expect(refusal.problems.map(({ line, column }) => [line, column])).toEqual([place as [number, string]])
    expect(await listBatches(at.context)).toEqual([])
    expect(await create(at)).toMatchObject({ counts: { total: 2 } })
  })

  test('of a list above 10 MB, and it is not even parsed', async () => {
    await using at = await world()
    const begun = performance.now()
    const refusal = await refusalOf(create(at, { csv: new Uint8Array(10 * 1024 * 1024 + 1) }))
    expect(refusal.problems[0]?.message).toContain('10 MB')
    expect(performance.now() - begun).toBeLessThan(500)
  })

  test('of a name that is taken', async () => {
    await using at = await world()
    await create(at)
    expect(await refusalOf(create(at, { name: 'SALES' }))).toMatchObject({
      code: 'conflict',
      message: 'Cannot create the batch "SALES": there is one of that name',
    })
  })

  test.each([['12'], [''], [' Sales'], ['x'.repeat(65)], ['a\nb']])('with the name %p', async (name) => {
    await using at = await world()
    expect((await refusalOf(create(at, { name }))).problems).toMatchObject([{ column: 'name' }])
  })

  test('between endpoints that are not there', async () => {
    await using at = await world()
    expect(await refusalOf(create(at, { sourceEndpoint: 'Gone' }))).toMatchObject({
      code: 'not-found',
      message: 'Cannot find the endpoint "Gone"',
    })
  })

  test('that would copy a mailbox into itself', async () => {
    await using at = await world()
    const csv =
      'EmailAddress,UserName,Password,TargetPassword,TargetUserName\na@x.example,ann,p,p,ANN\nb@x.example,bob,p,p,robert'
    const refusal = await refusalOf(create(at, { targetEndpoint: 'Old', csv }))
    expect(refusal.problems).toMatchObject([{ line: 2, column: 'TargetUserName' }])
  })
})

describe('what a batch refuses, it says', () => {
  test.each([
    ['stop', stopBatch, 'Cannot stop the batch "Sales" while it is not started'],
    ['complete', completeBatch, 'Cannot complete the batch "Sales" while it is not started'],
    ['retry', retryBatch, 'Cannot retry the batch "Sales" of which no user failed'],
    ['sync', syncBatchNow, 'Cannot sync the batch "Sales" while it is not started'],
  ] as const)('%s', async (_, action, message) => {
    await using at = await world()
    await create(at)
    expect(await refusalOf(action(at.context, 'sales'))).toMatchObject({ code: 'wrong-state', message })
  })

  test('a second start', async () => {
    await using at = await world()
    await create(at, { autoStart: true })
    expect((await refusalOf(startBatch(at.context, 'Sales'))).message).toBe(
      'Cannot start the batch "Sales" while it is syncing',
    )
  })

  test('a batch that is not there', async () => {
    await using at = await world()
    expect(await refusalOf(showBatch(at.context, 99))).toMatchObject({
      code: 'not-found',
      message: 'Cannot find the batch "99"',
    })
  })
})

test('a stop before anything ran stops the batch and its users at once, and two stops do not harm each other', async () => {
  await using at = await world()
  await create(at, { autoStart: true })
  const [first, second] = await Promise.allSettled([stopBatch(at.context, 'Sales'), stopBatch(at.context, 'Sales')])
  expect(first).toMatchObject({ status: 'fulfilled', value: { status: 'stopped', counts: { stopped: 2, active: 0 } } })
  expect(second.status).toBe('rejected')
})

test('a batch that is being removed takes nothing any more', async () => {
  await using at = await world()
  await create(at)
  expect(await removeBatch(at.context, 'Sales')).toMatchObject({ status: 'removing' })
  expect((await refusalOf(startBatch(at.context, 'Sales'))).message).toContain('being removed')
})

test('the report of a batch that never ran balances at nothing', async () => {
  await using at = await world()
  await create(at)
  expect(await batchReport(at.context, 'Sales')).toMatchObject({
    counts: { source: 0 },
    isBalanced: true,
    users: [{}, {}],
  })
})

// Times are of a machine that may have other work: one of three goes is enough, and what blocks the loop fails them all.
test(
  '50,000 users are made in under 5 s, all of them, and others have their turn meanwhile',
  async () => {
    await using at = await world()
    const lines = Array.from({ length: 50_000 }, (_, i) => `user${i}@new.example,user${i},p ${i},t ${i}`)
    const csv = new TextEncoder().encode(['EmailAddress,UserName,Password,TargetPassword', ...lines].join('\n'))
    const lag = watchLag()
    const begun = performance.now()
    const batch = await create(at, { csv })
    const elapsedMs = performance.now() - begun
    expect(batch.counts).toMatchObject({ total: 50_000, pending: 50_000 })
    expect(elapsedMs).toBeLessThan(5_000)
    expect(lag.end()).toBeLessThan(50)
    expect((await startBatch(at.context, batch.id)).counts).toMatchObject({ active: 50_000 })
  },
  { retry: 2 },
)
