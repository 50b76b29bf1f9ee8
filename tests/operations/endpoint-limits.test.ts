import { describe, expect, test } from 'bun:test'
import { changeEndpointLimits, createEndpoint, showEndpoint } from '../../src/operations/endpoints.ts'
import { errorOf } from '../support/error-of.ts'
import { testContext } from '../support/test-context.ts'

const old = { name: 'old', host: 'imap.old.example', security: 'ssl' } as const

describe('the limits of an endpoint', () => {
  test('are changed one by one, and the scheduler is told', async () => {
    await using at = await testContext()
    await createEndpoint(at.context, old)
    const { wakes } = at.told
    const changed = await changeEndpointLimits(at.context, 'OLD', { connectionsMax: 15 })
    expect(changed.limits).toMatchObject({
      concurrentMigrationsMax: 20,
      concurrentIncrementalSyncsMax: 10,
      connectionsMax: 15,
    })
    expect(await showEndpoint(at.context, 'old')).toEqual(changed)
    expect(at.told.wakes).toBe(wakes + 1)
  })

  test.each([
    [{ connectionsMax: 1 }, 'connectionsMax'],
    [{ concurrentMigrationsMax: 0 }, 'concurrentMigrationsMax'],
    [{ concurrentMigrationsMax: 9 }, 'concurrentIncrementalSyncsMax'],
  ])('that make no sense are refused: %p', async (changes, column) => {
    await using at = await testContext()
    const before = await createEndpoint(at.context, old)
    const refusal = await errorOf(changeEndpointLimits(at.context, 'old', changes))
    expect(refusal).toMatchObject({ code: 'invalid' })
    expect(refusal).toHaveProperty('problems.0.column', column)
    expect(await showEndpoint(at.context, 'old')).toEqual(before)
  })

  test('of an endpoint that is not there cannot be changed', async () => {
    await using at = await testContext()
    expect(await errorOf(changeEndpointLimits(at.context, 'old', { connectionsMax: 15 }))).toMatchObject({
      code: 'not-found',
    })
  })
})
