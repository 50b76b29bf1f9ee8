import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseDateTime } from '../../src/connectors/imap/codec/dates.ts'
import { instantOf, packReceivedAt, unpackReceivedAt } from '../../src/domain/received-at.ts'

test.each([
  ['17-Jul-1996 02:44:25 -0700', Date.UTC(1996, 6, 17, 9, 44, 25)],
  [' 7-Feb-2026 00:00:00 +0530', Date.UTC(2026, 1, 6, 18, 30, 0)],
  ['01-jan-1970 00:00:00 +0000', 0],
  ['01-Foo-1970 00:00:00 +0000', null],
  ['1970-01-01', null],
  [null, null],
])('%p is %p', (text, instant) => {
  expect(instantOf(text)).toBe(instant)
})

describe('a packed date', () => {
  const two = (value: number): string => String(value).padStart(2, '0')
  const text = fc
    .tuple(
      fc.integer({ min: 0, max: 32 }),
      fc.constantFrom('Jan', 'Feb', 'Dec', 'dec', 'Foo'),
      fc.nat(9999),
      fc.tuple(fc.nat(25), fc.nat(61), fc.nat(61)),
      fc.constantFrom('+', '-'),
      fc.tuple(fc.nat(25), fc.nat(61)),
    )
    .map(([day, month, year, time, sign, zone]) => {
      const date = `${two(day)}-${month}-${String(year).padStart(4, '0')}`
      return `${date} ${time.map(two).join(':')} ${sign}${zone.map(two).join('')}`
    })

  test('gives back the very text it was made of, or is none', () => {
    fc.assert(
      fc.property(text, (given) => {
        const packed = packReceivedAt(given)
        if (packed !== null) expect(unpackReceivedAt(packed)).toBe(given)
        if (parseDateTime(given) === given) expect(packed).not.toBeNull()
      }),
      { numRuns: 2000 },
    )
  })

  test('is a whole number below 2^50, the later the greater', () => {
    const dates = ['01-Jan-0000 00:00:00 +0000', '17-Jul-1996 02:44:25 -0700', '31-Dec-9999 23:59:59 -2359']
    const packed = dates.map((date) => packReceivedAt(date) ?? Number.NaN)
    expect(packed.every((number) => Number.isSafeInteger(number) && number < 2 ** 50)).toBe(true)
    expect(packed.toSorted((a, b) => a - b)).toEqual(packed)
    expect(dates).toEqual(packed.map(unpackReceivedAt))
  })

  test('changes with any character', () => {
    const date = '17-Jul-1996 02:44:25 -0700'
    for (let at = 0; at < date.length; at += 1) {
      for (const char of [' ', '-', '+', ':', 'x', '0', '9', '/']) {
        const other = date.slice(0, at) + char + date.slice(at + 1)
        const packed = packReceivedAt(other)
        expect(packed === null || unpackReceivedAt(packed) === other).toBe(true)
      }
    }
  })
})
