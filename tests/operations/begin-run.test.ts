import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { passwordPlace } from '../../db/queries/users.ts'
import { findWork } from '../../db/queries/work.ts'
import { createJobStore } from '../../db/stores/job-store.ts'
import { isRefusal } from '../../src/domain/refusal.ts'
import { createBatch, listBatches, showBatch } from '../../src/operations/batches.ts'
import { type NewRun, prepareRun } from '../../src/operations/begin-run.ts'
import { listEndpoints } from '../../src/operations/endpoints.ts'
import { listUsers } from '../../src/operations/users.ts'
import { errorOf } from '../support/error-of.ts'
import { userCsv } from '../support/test-app.ts'
import { type TestContext, testContext } from '../support/test-context.ts'

setDefaultTimeout(30_000)

const run = (users: readonly string[], changes: Partial<NewRun> = {}): NewRun => ({
  source: { name: 'run source', host: 'imap.example', security: 'ssl' },
  target: { name: 'run target', host: 'imap.new.example', security: 'ssl' },
  batchName: 'run',
  csv: new TextEncoder().encode(userCsv(users)),
  allowsUnknownColumns: false,
  ...changes,
})

const begin = async ({ context }: TestContext, given: NewRun) => (await prepareRun(context, given))()

const claim = ({ context: { db }, clock }: TestContext) =>
  createJobStore(db).claim({ now: clock.now(), leaseMs: 1000, limit: 1000, fullForInitial: [], fullForIncremental: [] })

const names = async ({ context }: TestContext) => ({
  batches: (await listBatches(context)).map(({ name }) => name),
  endpoints: (await listEndpoints(context)).map(({ name }) => name),
})

const nothing = { batches: [], endpoints: [] }
const all = { batches: ['run'], endpoints: ['run source', 'run target'] }

describe('a run', () => {
  test('is one write, which has not been made before it begins', async () => {
    await using at = await testContext()
    const begins = await prepareRun(at.context, run(['ann', 'bob']))
    expect(await names(at)).toEqual(nothing)
    const { id } = await begins()
    expect(await names(at)).toEqual(all)
    expect(await showBatch(at.context, id)).toMatchObject({
      ...{ name: 'run', status: 'syncing', sourceEndpointName: 'run source', targetEndpointName: 'run target' },
      ...{ counts: { total: 2, pending: 0, active: 2 }, startedAt: at.clock.now() },
    })
    expect((await listUsers(at.context, id)).items.map(({ emailAddress, status }) => [emailAddress, status])).toEqual([
      ['ann@new.example', 'queued'],
      ['bob@new.example', 'queued'],
    ])
    expect(at.told.wakes).toBe(1)
  })

  test('has a job for each mailbox, which finds its endpoints and its passwords', async () => {
    await using at = await testContext()
    const { id } = await begin(at, run(['ann', 'bob']))
    const jobs = await claim(at)
    expect(jobs.map(({ spec, lock }) => [spec.kind, lock])).toEqual([
      ['sync-user', 'imap.new.example:993/ann@new.example'],
      ['sync-user', 'imap.new.example:993/bob@new.example'],
    ])
    const [spec] = jobs.map((job) => job.spec)
    const work = spec?.kind === 'sync-user' ? await findWork(at.context.db, spec.userId) : null
    expect(work).toMatchObject({ source: { server: { host: 'imap.example' } }, user: { sourceUserName: 'ann' } })
    const place = passwordPlace(id, 'ann@new.example', 'source')
    expect(await at.context.vault.open(work?.sealed.source ?? '', place)).toBe('s-ann')
  })

  test('takes the place of the one before, with all that it left', async () => {
    await using at = await testContext()
    const first = await begin(at, run(['ann', 'bob']))
    await claim(at)
    const second = await begin(at, run(['bob', 'cat'], { source: { ...run([]).source, host: 'imap.other.example' } }))
    expect(await names(at)).toEqual(all)
    expect(second.id).toBeGreaterThan(first.id)
    expect((await listUsers(at.context, second.id)).items.map(({ sourceUserName }) => sourceUserName)).toEqual([
      'bob',
      'cat',
    ])
    expect(await claim(at)).toHaveLength(2)
    expect((await listEndpoints(at.context)).map(({ server }) => server.host)).toContain('imap.other.example')
  })

  test('may be of more mailboxes than are written at a time', async () => {
    await using at = await testContext()
    const users = Array.from({ length: 1201 }, (_, index) => `user${index}`)
    const { id } = await begin(at, run(users))
    expect((await showBatch(at.context, id)).counts).toMatchObject({ total: 1201, active: 1201 })
  })

  test('leaves other batches alone', async () => {
    await using at = await testContext()
    await begin(at, run(['ann']))
    const others = { sourceEndpoint: 'run source', targetEndpoint: 'run target' }
    await createBatch(at.context, { name: 'Sales', ...others, csv: userCsv(['bob']) })
    const refused = await errorOf(begin(at, run(['cat'])))
    expect(isRefusal(refused) && refused.code).toBe('conflict')
    expect((await names(at)).batches).toEqual(['Sales', 'run'])
  })
})

describe('a run with a mistake', () => {
  const mistakes: readonly (readonly [string, Partial<NewRun>, RegExp])[] = [
    ['in its list', { csv: new TextEncoder().encode('EmailAddress,UserName\nnobody,x') }, /list of users/],
    ['in an endpoint', { source: { name: 'run source', host: 'no host', security: 'ssl' } }, /endpoint/],
  ]

  test.each(mistakes)('%s is refused, and the one before stays', async (_, changes, message) => {
    await using at = await testContext()
    await begin(at, run(['ann']))
    const refused = await errorOf(prepareRun(at.context, run(['bob'], changes)))
    expect(isRefusal(refused) && [refused.code, message.test(refused.message)]).toEqual(['invalid', true])
    expect(await names(at)).toEqual(all)
  })
})
