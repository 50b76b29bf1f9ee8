import { describe, expect, test } from 'bun:test'
import { createThrottle } from '../../src/connectors/throttle.ts'
import { errorOf } from '../support/error-of.ts'
import { handClock } from '../support/hand-clock.ts'
import { handTimers } from '../support/hand-timers.ts'
import { seededRandom } from '../support/random.ts'

function world(rate: number | null) {
  const clock = handClock()
  const timers = handTimers(clock)
  return { clock, timers, throttle: createThrottle(clock, timers, rate), signal: new AbortController().signal }
}

describe('a throttle', () => {
  test('lets no more through in any span of time than its rate, a second of burst and the last one', async () => {
    const { clock, timers, throttle, signal } = world(1000)
    const random = seededRandom(7)
    const passed: { readonly at: number; readonly cost: number }[] = []
    const worker = async (): Promise<void> => {
      for (let turn = 0; turn < 40; turn += 1) {
        const cost = 1 + Math.floor(random() * 500)
        await throttle.take(cost, signal)
        passed.push({ at: clock.monotonic(), cost })
      }
    }
    const work = Promise.all(Array.from({ length: 5 }, worker))
    await timers.advance(120_000)
    await work
    const total = passed.reduce((sum, { cost }) => sum + cost, 0)
    for (const [first, { at: from }] of passed.entries()) {
      let sum = 0
      for (const { at, cost } of passed.slice(first)) {
        expect(sum).toBeLessThanOrEqual(at - from + 1000 + 0.001)
        sum += cost
      }
    }
    // And it is used: all went through in about the time that the rate needs for it.
    expect(passed.at(-1)?.at).toBeGreaterThan(total - 2000)
    expect(passed.at(-1)?.at).toBeLessThan(total + 2000)
  })

  test('serves in the order of asking, however much each asks for', async () => {
    const { timers, throttle, signal } = world(100)
    const order: number[] = []
    const all = [5000, 1, 900, 1].map((cost, who) => throttle.take(cost, signal).then(() => order.push(who)))
    await timers.settle()
    expect(order).toEqual([0])
    await timers.advance(48_000)
    expect(order).toEqual([0])
    await timers.advance(60_000)
    await Promise.all(all)
    expect(order).toEqual([0, 1, 2, 3])
  })

  test('lets go at once whoever is asked to stop, and those behind do not wait for them', async () => {
    const { timers, throttle, signal } = world(100)
    await throttle.take(200, signal)
    const stop = new AbortController()
    const stopped = errorOf(throttle.take(100_000, stop.signal))
    let isNext = false
    const next = throttle.take(1, signal).then(() => {
      isNext = true
    })
    stop.abort(new Error('stopped'))
    expect(await stopped).toMatchObject({ message: 'stopped' })
    await timers.advance(1_000)
    await next
    expect(isNext).toBe(true)
    expect(timers.waiting).toEqual([])
  })

  test('with another rate lets go by that at once', async () => {
    const { timers, throttle, signal } = world(1)
    await throttle.take(1000, signal)
    const waiting = throttle.take(10, signal)
    expect(throttle.delayMs).toBeGreaterThan(900_000)
    throttle.set(null)
    await waiting
    expect([throttle.delayMs, timers.waiting]).toEqual([0, []])
  })

  test('is told what came instead of what was taken', async () => {
    const { throttle, signal } = world(100)
    await throttle.take(100, signal)
    throttle.correct(400)
    expect(throttle.delayMs).toBe(4000)
    throttle.correct(-400)
    expect(throttle.delayMs).toBe(0)
  })
})
