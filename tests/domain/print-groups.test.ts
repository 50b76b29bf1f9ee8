import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { PrintGroups } from '../../src/domain/print-groups.ts'
import { PrintKeys } from '../../src/domain/print-keys.ts'

/** Few prints, some of which begin alike. */
const print = fc
  .tuple(fc.nat(2), fc.nat(2))
  .map(([first, last]) => Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? first : at === 15 ? last : 7)))

const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('equal fingerprints have one number, in the order they came', () => {
  fc.assert(
    fc.property(fc.array(print, { maxLength: 200 }), (prints) => {
      const keys = new PrintKeys()
      const expected = new Map<string, number>()
      for (const bytes of prints) {
        expect(keys.find(bytes)).toBe(expected.get(keyOf(bytes)) ?? -1)
        if (!expected.has(keyOf(bytes))) expected.set(keyOf(bytes), expected.size)
        expect(keys.add(bytes)).toBe(expected.get(keyOf(bytes)) ?? -1)
      }
      expect(keys.size).toBe(expected.size)
    }),
  )
})

test('thousands of fingerprints keep their numbers', () => {
  const keys = new PrintKeys()
  const prints = Array.from({ length: 5000 }, (_, at) => {
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setUint32(at % 13, at * 2654435761)
    bytes[12] = at & 255
    bytes[13] = at >> 8
    return bytes
  })
  for (const [at, bytes] of prints.entries()) expect(keys.add(bytes)).toBe(at)
  for (const [at, bytes] of prints.entries()) expect(keys.find(bytes)).toBe(at)
})

test('groups are taken from as lists would be: the first that is liked, else the first', () => {
  const step = fc.record({ print, value: fc.nat(20), isTaken: fc.boolean(), isOdd: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const groups = new PrintGroups()
      const expected = new Map<string, number[]>()
      for (const { print, value, isTaken, isOdd } of steps) {
        const list = expected.get(keyOf(print)) ?? []
        expected.set(keyOf(print), list)
        const isLiked = (one: number): boolean => one % 2 === Number(isOdd)
        expect(groups.has(print, isLiked)).toBe(list.some(isLiked))
        if (isTaken)
          expect(groups.take(print, isLiked)).toBe(list.splice(Math.max(0, list.findIndex(isLiked)), 1)[0] ?? null)
        else {
          groups.put(print, value)
          list.push(value)
        }
      }
      for (const { print } of steps) {
        for (const value of expected.get(keyOf(print))?.splice(0) ?? []) expect(groups.take(print)).toBe(value)
        expect(groups.take(print)).toBeNull()
      }
    }),
    { numRuns: 500 },
  )
})
