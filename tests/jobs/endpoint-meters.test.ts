import { describe, expect, test } from 'bun:test'
import { addBytes, bytesOfDay } from '../../db/queries/endpoint-days.ts'
import { type DayBytes, dayOf, type EndpointCaps, noCaps } from '../../src/domain/endpoint-caps.ts'
import { createEndpointMeters, type PassageOf } from '../../src/jobs/endpoint-meters.ts'
import { createEndpoint, removeEndpoint } from '../../src/operations/endpoints.ts'
import { errorOf } from '../support/error-of.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'
import { testContext } from '../support/test-context.ts'

const ann: PassageOf = { endpointId: 1, mailbox: 'ann', side: 'source', direction: 'read' }
const dayMs = 24 * 60 * 60_000
const { signal } = new AbortController()

function world(caps: Partial<EndpointCaps>, moved: readonly DayBytes[] = []) {
  const clock = handClock()
  const timers = handTimers(clock)
  const written: DayBytes[] = []
  const trouble = { isOn: false }
  const meters = createEndpointMeters({
    ...{ clock, timers, moved },
    async write(rows) {
      if (trouble.isOn) throw new Error('The disk is full')
      written.push(...rows)
    },
  })
  const fit = (some: Partial<EndpointCaps>) => meters.fit(new Map([[1, { caps: { ...noCaps, ...some } }]]))
  fit(caps)
  const take = (bytes: number, of = ann) => meters.passage(of).take({ bytes, messages: 1 }, signal)
  return { clock, timers, meters, written, trouble, fit, take }
}

describe("a day's bytes", () => {
  test('are used up for all mailboxes, in one direction, until midnight of UTC', async () => {
    const { clock, meters, take } = world({ bytesReadPerDayMax: 1000 })
    await take(600)
    await take(400, { ...ann, mailbox: 'bob' })
    expect(await errorOf(take(1))).toMatchObject({
      code: 'endpoint.budget',
      scope: 'mailbox',
      side: 'source',
      retryAfterMs: dayMs,
    })
    expect(() => meters.check({ ...ann, direction: 'written' })).not.toThrow()
    clock.advance(dayMs - 1)
    expect(() => meters.check(ann)).toThrow('used up')
    clock.advance(1)
    await take(1000)
    expect(() => meters.check(ann)).toThrow('used up')
  })

  test('of a mailbox are its own', async () => {
    const { meters, take } = world({ mailboxBytesReadPerDayMax: 1000 })
    await take(1000)
    expect(() => meters.check(ann)).toThrow('used up')
    await take(1000, { ...ann, mailbox: 'bob' })
  })

  test('count what came, not what was thought to come', async () => {
    const { meters, take } = world({ bytesReadPerDayMax: 1000 })
    await take(5000)
    meters.passage(ann).correct({ bytes: -4100, messages: 0 })
    await take(99)
    expect(() => meters.check(ann)).not.toThrow()
    await take(1)
    expect(() => meters.check(ann)).toThrow('used up')
  })

  test('are asked for in smaller pages towards their end', () => {
    const { meters } = world({ bytesReadPerDayMax: 64 * 1024 * 1024 })
    expect(meters.passage(ann).bytesAtOnce).toBe(4 * 1024 * 1024)
  })

  test('are written a second later, again where the store failed, and at the end', async () => {
    const { clock, timers, meters, written, trouble, take } = world({ bytesReadPerDayMax: 1e9 })
    trouble.isOn = true
    await take(100)
    await timers.advance(1_000)
    expect(written).toEqual([])
    trouble.isOn = false
    await take(20)
    await meters.stop()
    const day = dayOf(clock.now())
    expect(written).toEqual([
      { endpointId: 1, mailbox: null, day, read: 120, written: 0 },
      { endpointId: 1, mailbox: 'ann', day, read: 120, written: 0 },
    ])
  })

  test('are known after a restart, those of other days not', async () => {
    const day = dayOf(handClock().now())
    const all = { endpointId: 1, mailbox: null, read: 900, written: 0 }
    const { take } = world({ bytesReadPerDayMax: 1000 }, [
      { ...all, day },
      { ...all, day: day - 1 },
    ])
    await take(100)
    expect(await errorOf(take(1))).toMatchObject({ code: 'endpoint.budget' })
  })

  test('are kept by the database, added up, and go with their endpoint', async () => {
    await using at = await testContext()
    const { db } = at.context
    const { id } = await createEndpoint(at.context, { name: 'old', host: 'old.example', security: 'ssl' })
    const row = { endpointId: id, mailbox: 'ann', day: 20_000, read: 10, written: 0 }
    await addBytes(db, [row, { ...row, mailbox: null }])
    await addBytes(db, [
      { ...row, read: -3, written: 5 },
      { ...row, endpointId: 99 },
    ])
    expect(await bytesOfDay(db, 20_000)).toEqual([
      { ...row, mailbox: null },
      { ...row, read: 7, written: 5 },
    ])
    await addBytes(db, [{ ...row, day: 20_100 }])
    expect(await bytesOfDay(db, 20_000)).toEqual([])
    await removeEndpoint(at.context, id)
    expect(await bytesOfDay(db, 20_100)).toEqual([])
  })
})

describe('the hours of an endpoint', () => {
  // The hand clock begins on Thursday, 2026-01-01, at midnight.
  const workingHours = { days: [4], from: '08:00', to: '18:00', timeZone: 'UTC', mailMoves: 'inside' } as const

  test('let passes begin or not, and tell when they do', () => {
    const { clock, meters } = world({ workingHours })
    const opens = clock.now() + 8 * 60 * 60_000
    expect([meters.closedUntil(1), meters.nextOpeningAt]).toEqual([opens, opens])
    expect(() => meters.check(ann)).toThrow('at this time of the week')
    clock.advance(8 * 60 * 60_000)
    expect([meters.closedUntil(1), meters.nextOpeningAt]).toEqual([null, null])
    expect(() => meters.check(ann)).not.toThrow()
    expect(meters.closedUntil(2)).toBeNull()
  })

  test('that end while one waits for the rate end the wait', async () => {
    const { clock, timers, take } = world({ workingHours, bytesPerSecondMax: 10_000 })
    clock.advance(18 * 60 * 60_000 - 2_000)
    await take(100_000)
    const waiting = errorOf(take(1))
    await timers.advance(10_000)
    expect(await waiting).toMatchObject({ code: 'endpoint.window', retryAfterMs: expect.any(Number) })
  })
})

test('a wait of more than some minutes is no wait: the connections are given back', async () => {
  const { take } = world({ messagesPerSecondMax: 1, bytesPerSecondMax: 10_000 })
  await take(10_000_000)
  expect(await errorOf(take(1))).toMatchObject({ code: 'endpoint.pace', retryAfterMs: 999_000 })
})

test('caps that are taken away hold nobody any longer', async () => {
  const { fit, take, meters } = world({ bytesPerSecondMax: 10_000, bytesReadPerDayMax: 2_000_000 })
  await take(2_000_000)
  fit({})
  await take(1)
  expect(meters.passage(ann).isCapped).toBe(false)
})
