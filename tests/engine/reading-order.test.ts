import { describe, expect, test } from 'bun:test'
import type { ItemMeta } from '../../src/domain/mail.ts'
import { ReadingOrder } from '../../src/engine/reading-order.ts'

const page = (items: number, sizeBytes = 1): readonly ItemMeta[] =>
  Array.from({ length: items }, (_, at) => ({ uid: at + 1, sizeBytes, flags: [], receivedAt: null }))

describe('pages under way', () => {
  test('are three full ones at most', () => {
    const order = new ReadingOrder()
    for (let n = 0; n < 3; n += 1) {
      expect(order.hasRoom(page(500))).toBe(true)
      order.begin(page(500))
    }
    expect(order.hasRoom(page(1))).toBe(false)
  })

  test('are 48 MB at most, but for one that is larger by itself', () => {
    const order = new ReadingOrder()
    const large = page(1, 60 * 1024 * 1024)
    expect(order.hasRoom(large)).toBe(true)
    order.begin(large)
    expect(order.hasRoom(page(1))).toBe(false)
  })

  test('make room when they are over, once each', async () => {
    const order = new ReadingOrder()
    const first = order.begin(page(1000))
    order.begin(page(500))
    let hasRoom = false
    const waiting = order.room(page(600)).then(() => {
      hasRoom = true
    })
    await Promise.resolve()
    expect(hasRoom).toBe(false)
    first.end(true)
    first.end(true)
    await waiting
    expect([hasRoom, order.hasRoom(page(1001))]).toEqual([true, false])
  })

  test('are blamed only when all before them came whole', async () => {
    const order = new ReadingOrder()
    const [one, two, three] = [order.begin(page(1)), order.begin(page(1)), order.begin(page(1))]
    three.end(false)
    one.end(true)
    two.end(false)
    expect(await Promise.all([one.before, two.before, three.before])).toEqual([true, true, false])
  })
})
