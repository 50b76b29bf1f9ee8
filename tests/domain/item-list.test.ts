import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ItemListBuilder, itemList } from '../../src/domain/item-list-builder.ts'
import { ItemSet } from '../../src/domain/item-set.ts'
import type { ItemMeta } from '../../src/domain/mail.ts'

const flags = fc.array(fc.constantFrom('\\Seen', '\\Flagged', '$Forwarded', 'Büro', ''), { maxLength: 3 })
const receivedAt = fc.constantFrom(
  null,
  '17-Jul-1996 02:44:25 -0700',
  '31-Dec-9999 23:59:59 +2359',
  '01-Jan-0000 00:00:00 +0000',
  '01-Jan-2026 10:00:00 -0000',
  ' 1-Jan-2026 10:00:00 +0000',
  '99-Foo-1999',
  '',
)
const item: fc.Arbitrary<ItemMeta> = fc.record({
  uid: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
  sizeBytes: fc.oneof(fc.nat(10_000), fc.nat(2 ** 45)),
  flags,
  receivedAt,
})
const items = fc.array(item, { maxLength: 60 })

/** What a list should be: the last word of each UID, ascending. */
const model = (list: readonly ItemMeta[]): ItemMeta[] =>
  [...new Map(list.map((one) => [one.uid, one])).values()].sort((a, b) => a.uid - b.uid)

const plain = ({ uid, sizeBytes, flags, receivedAt }: ItemMeta): ItemMeta => ({
  uid,
  sizeBytes,
  flags: [...flags],
  receivedAt,
})

describe('an item list', () => {
  test('gives back the last word of each UID, ascending, whatever the order was', () => {
    fc.assert(
      fc.property(items, (given) => {
        const list = itemList(given)
        const expected = model(given)
        expect([...list].map(plain)).toEqual(expected)
        expect(list.length).toBe(expected.length)
        expect([...list.uids()]).toEqual(expected.map(({ uid }) => uid))
      }),
      { numRuns: 500 },
    )
  })

  test('is asked for one by one, cut and filtered as an array would be', () => {
    fc.assert(
      fc.property(items, fc.nat(60), (given, uid) => {
        const list = itemList(given)
        const expected = model(given)
        expect(list.get(uid) ?? null).toEqual(expected.find((one) => one.uid === uid) ?? null)
        expect(list.has(uid)).toBe(expected.some((one) => one.uid === uid))
        expect([...list.from(uid)].map(plain)).toEqual(expected.filter((one) => one.uid >= uid))
        expect([...list.below(uid)].map(plain)).toEqual(expected.filter((one) => one.uid < uid))
        expect([...list.slice(1, uid)].map(plain)).toEqual(expected.slice(1, uid))
        expect(list.at(-1) ?? null).toEqual(expected.at(-1) ?? null)
        const small = (one: ItemMeta): boolean => one.sizeBytes < 5000
        expect([...list.filter(small).from(uid)].map(plain)).toEqual(
          expected.filter(small).filter((one) => one.uid >= uid),
        )
        expect(list.sizes()).toEqual(new Set(expected.map(({ sizeBytes }) => sizeBytes)))
      }),
      { numRuns: 500 },
    )
  })

  test('knows no UID above 32 bits', () => {
    expect(itemList([{ uid: 5, sizeBytes: 1, flags: [], receivedAt: null }]).has(2 ** 32 + 5)).toBe(false)
  })

  test('does not change when its builder goes on', () => {
    const builder = new ItemListBuilder()
    builder.put({ uid: 7, sizeBytes: 1, flags: [], receivedAt: null })
    const list = builder.list()
    builder.put({ uid: 7, sizeBytes: 2, flags: ['\\Seen'], receivedAt: null })
    builder.put({ uid: 3, sizeBytes: 3, flags: [], receivedAt: null })
    expect([...list]).toEqual([{ uid: 7, sizeBytes: 1, flags: [], receivedAt: null }])
    expect([...builder.list()].map(({ uid, sizeBytes }) => [uid, sizeBytes])).toEqual([
      [3, 3],
      [7, 2],
    ])
  })

  test('takes news of flags where the item is known', () => {
    const step = fc.record({ uid: fc.integer({ min: 1, max: 20 }), flags, isNews: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const builder = new ItemListBuilder()
        const expected = new Map<number, readonly string[]>()
        for (const { uid, flags, isNews } of steps) {
          if (isNews) expect(builder.putFlags(uid, flags)).toBe(expected.has(uid))
          else builder.put({ uid, sizeBytes: 1, flags, receivedAt: null })
          if (!isNews || expected.has(uid)) expected.set(uid, flags)
          expect(builder.has(uid)).toBe(expected.has(uid))
        }
        expect(new Map([...builder.list()].map((one) => [one.uid, one.flags]))).toEqual(expected)
        expect(builder.length).toBe(expected.size)
      }),
    )
  })

  test('keeps flags apart that look alike when joined', () => {
    const sets = [[], [''], ['a b'], ['a', 'b'], ['', ''], ['b', 'a']]
    const list = itemList(sets.map((flags, at) => ({ uid: at + 1, sizeBytes: 0, flags, receivedAt: null })))
    expect([...list].map(({ flags }) => [...flags])).toEqual(sets)
  })
})

describe('an item set', () => {
  test('is as a set of the UIDs of its list, ascending, and knows its bytes', () => {
    const step = fc.record({ isAdded: fc.boolean(), uid: fc.integer({ min: 1, max: 60 }) })
    fc.assert(
      fc.property(items, fc.array(step, { maxLength: 60 }), (given, steps) => {
        const list = itemList(given)
        const set = new ItemSet(list)
        const expected = new Set<number>()
        for (const { isAdded, uid } of steps) {
          if (isAdded) set.add(uid)
          else set.delete(uid)
          if (isAdded && list.has(uid)) expected.add(uid)
          else if (!isAdded) expected.delete(uid)
          expect(set.has(uid)).toBe(expected.has(uid))
          expect(set.get(uid)?.uid ?? null).toBe(expected.has(uid) ? uid : null)
        }
        const left = model(given).filter(({ uid }) => expected.has(uid))
        expect([...set].map(plain)).toEqual(left)
        expect([...set.list()].map(plain)).toEqual(left)
        expect([...set.uids()]).toEqual(left.map(({ uid }) => uid))
        expect(set.first() ?? null).toEqual(left[0] ?? null)
        expect([set.size, set.sizeBytes]).toEqual([left.length, left.reduce((sum, one) => sum + one.sizeBytes, 0)])
      }),
      { numRuns: 300 },
    )
  })

  test('may lose items while it is gone through', () => {
    const set = new ItemSet(itemList([1, 2, 3, 4].map((uid) => ({ uid, sizeBytes: 1, flags: [], receivedAt: null }))))
    for (const uid of [1, 2, 3, 4]) set.add(uid)
    const seen: number[] = []
    for (const { uid } of set) {
      seen.push(uid)
      set.delete(uid)
      set.delete(3)
    }
    expect([seen, set.size]).toEqual([[1, 2, 4], 0])
  })
})
