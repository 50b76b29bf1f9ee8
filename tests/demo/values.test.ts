import { describe, expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { bytesBody, lazyBody, readBody } from '../../src/demo/body.ts'
import { envelope } from '../../src/demo/envelope.ts'
import { fieldValue, headerFields, headerLength } from '../../src/demo/header.ts'
import { dayNumber, formatInternalDate, internalDay, parseInternalDate } from '../../src/demo/internal-date.ts'
import { formatSet, parseSequenceSet, resolveSet, setHas } from '../../src/demo/sequence-set.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('a sequence set', () => {
  test.each([
    ['1', 10, [[1, 1]]],
    [
      '1:3,5',
      10,
      [
        [1, 3],
        [5, 5],
      ],
    ],
    [
      '5,1:3',
      10,
      [
        [1, 3],
        [5, 5],
      ],
    ],
    ['3:1', 10, [[1, 3]]],
    ['*', 10, [[10, 10]]],
    ['4:*', 10, [[4, 10]]],
    ['*:4', 10, [[4, 10]]],
    ['20:*', 10, [[10, 20]]],
    ['4294967295', 10, [[4294967295, 4294967295]]],
  ] as const)('%s up to %i is %j', (text, max, ranges) => {
    expect(resolveSet(parseSequenceSet(text) ?? [], max)).toEqual(ranges)
  })

  test.each(['', '0', '01', '1:', ':1', '1,,2', '1,', 'a', '1:2:3', '-1', '1 2', '4294967296', '**', '1*'])(
    '%j is none',
    (text) => {
      expect(parseSequenceSet(text)).toBeNull()
    },
  )

  test('of ascending numbers is the shortest one, and holds just them', () => {
    const numbers = fc
      .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 })
      .map((list) => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(numbers, (list) => {
        const ranges = resolveSet(parseSequenceSet(formatSet(list)) ?? [], 0)
        expect(Array.from({ length: 61 }, (_, n) => n).filter((n) => setHas(ranges, n))).toEqual(list)
        for (const [index, [first]] of ranges.entries())
          expect(first).toBeGreaterThan((ranges[index - 1]?.[1] ?? -1) + 1)
      }),
    )
  })
})

describe('an INTERNALDATE', () => {
  test.each([
    ['17-Jul-1996 02:44:25 -0700', '17-Jul-1996 02:44:25 -0700'],
    [' 7-jul-1996 02:44:25 +0000', '07-Jul-1996 02:44:25 +0000'],
    ['29-FEB-2020 23:59:60 +1400', '29-Feb-2020 23:59:60 +1400'],
    ['01-Jan-1900 00:00:00 +0000', '01-Jan-1900 00:00:00 +0000'],
    ['31-Dec-2099 00:00:00 -0000', '31-Dec-2099 00:00:00 -0000'],
  ])('%j is taken as %j', (text, canonical) => {
    expect(parseInternalDate(text)).toBe(canonical)
  })

  test.each([
    '29-Feb-2021 00:00:00 +0000',
    '00-Jan-2021 00:00:00 +0000',
    '1-Jan-2021 00:00:00 +0000',
    '001-Jan-2021 00:00:00 +0000',
    '01-Foo-2021 00:00:00 +0000',
    '01-Jan-21 00:00:00 +0000',
    '01-Jan-2021 24:00:00 +0000',
    '01-Jan-2021 00:60:00 +0000',
    '01-Jan-2021 00:00:61 +0000',
    '01-Jan-2021 00:00:00 0000',
    '01-Jan-2021 00:00:00 +00',
    '01-Jan-2021 00:00:00 +2400',
    '01-Jan-2021 00:00:00 +0060',
    '01-Jan-2021  00:00:00 +0000',
    '01-Jan-2021 00:00:00 GMT',
    '01-Jan-2021 00:00:00 +0000 ',
    '',
  ])('%j is refused', (text) => {
    expect(parseInternalDate(text)).toBeNull()
  })

  test('is written in any zone', () => {
    const at = new Date('2024-02-28T23:30:00Z')
    expect(formatInternalDate(at)).toBe('28-Feb-2024 23:30:00 +0000')
    expect(formatInternalDate(at, 765)).toBe('29-Feb-2024 12:15:00 +1245')
    expect(formatInternalDate(at, -210)).toBe('28-Feb-2024 20:00:00 -0330')
  })

  test('counts days without their time and zone', () => {
    expect(internalDay('02-Jan-1970 23:59:59 -1200')).toBe(1)
    expect([dayNumber('1-Jan-1970'), dayNumber('31-dec-1969'), dayNumber('1-Jan-1'), dayNumber('31-Apr-2024')]).toEqual(
      [0, -1, null, null],
    )
  })
})

describe('a header', () => {
  test.each([
    ['a: 1\r\n\r\nbody', 8],
    ['a: 1\n\nbody', 6],
    ['a: 1\r\n b\r\n\r\n', 12],
    ['a: 1', 4],
    ['\r\nbody', 2],
    ['\nbody', 1],
    ['', 0],
    ['a: 1\r\n \r\nbody', 13],
  ])('of %j is %i bytes long', (text, length) => {
    expect(headerLength(bytes(text))).toBe(length)
  })

  test('is taken apart into fields that make it up again', () => {
    const text = 'From a@b\r\nA: 1\r\n 2\r\n\t3\r\nb : x\nno field\r\nC:\r\n\r\nD: body'
    const fields = headerFields(bytes(text))
    expect(fields.map(({ name }) => name)).toEqual(['', 'A', 'b', '', 'C'])
    expect(`${fields.map(({ raw }) => raw).join('')}\r\n`).toBe(text.slice(0, text.indexOf('D: body')))
    expect([
      fieldValue(fields, 'a'),
      fieldValue(fields, 'B'),
      fieldValue(fields, 'c'),
      fieldValue(fields, 'd'),
    ]).toEqual(['1 2\t3', 'x', '', null])
  })
})

describe('an ENVELOPE', () => {
  const to = (value: string): string =>
    envelope(headerFields(bytes(`To: ${value}\r\n\r\n`))).split(' NIL NIL NIL NIL ')[1] ?? ''

  test.each([
    ['a@b', '((NIL NIL "a" "b"))'],
    ['<a@b>', '((NIL NIL "a" "b"))'],
    ['A <a@b>, c@d', '(("A" NIL "a" "b")(NIL NIL "c" "d"))'],
    ['"B, \\"A\\"" <a@b>', '(("B, \\"A\\"" NIL "a" "b"))'],
    ['a@b (comment, with comma)', '((NIL NIL "a" "b"))'],
    ['"x@y"@z', '((NIL NIL "\\"x@y\\"" "z"))'],
    ['local', '((NIL NIL "local" ""))'],
    ['gr: a@b, c@d;', '((NIL NIL "gr" NIL)(NIL NIL "a" "b")(NIL NIL "c" "d")(NIL NIL NIL NIL))'],
    ['none:;', '((NIL NIL "none" NIL)(NIL NIL NIL NIL))'],
    ['gr\xfcn <a@b>', '(({4}\r\ngr\xfcn NIL "a" "b"))'],
  ])('has %s as %s', (value, address) => {
    expect(to(value)).toStartWith(address)
  })
})

describe('a body', () => {
  test('is read whole from its pieces', () => {
    const pieces = ['ab', '', 'c'].map(bytes)
    expect(Buffer.from(readBody(lazyBody(3, () => pieces))).toString()).toBe('abc')
    expect(readBody(lazyBody(0, () => []))).toEqual(new Uint8Array())
    expect(readBody(bytesBody(bytes('x')))).toEqual(bytes('x'))
  })
})
