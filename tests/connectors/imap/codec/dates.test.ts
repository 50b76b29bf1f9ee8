import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseDateTime } from '../../../../src/connectors/imap/codec/dates.ts'

describe('INTERNALDATE', () => {
  test.each([
    ['17-Jul-1996 02:44:25 -0700', '17-Jul-1996 02:44:25 -0700'],
    [' 7-Jul-1996 02:44:25 +0000', '07-Jul-1996 02:44:25 +0000'],
    ['7-Jul-1996 02:44:25 +0000', '07-Jul-1996 02:44:25 +0000'],
    ['07-JUL-1996 23:59:59 +1345', '07-Jul-1996 23:59:59 +1345'],
    ['29-feb-2024 00:00:00 -0330', '29-Feb-2024 00:00:00 -0330'],
    ['01-Jan-1900 00:00:00 +0000', '01-Jan-1900 00:00:00 +0000'],
    ['31-Dec-2099 00:00:00 +0000', '31-Dec-2099 00:00:00 +0000'],
  ])('%s is %s', (text, canonical) => {
    expect(parseDateTime(text)).toBe(canonical)
  })

  test.each([
    '',
    '29-Feb-2023 00:00:00 +0000',
    '31-Apr-2023 00:00:00 +0000',
    '00-Jan-2023 00:00:00 +0000',
    '32-Jan-2023 00:00:00 +0000',
    '01-Foo-2023 00:00:00 +0000',
    '01-Jan-0000 00:00:00 +0000',
    '01-Jan-23 00:00:00 +0000',
    '01-Jan-2023 24:00:00 +0000',
    '01-Jan-2023 00:60:00 +0000',
    '01-Jan-2023 23:59:60 +0000',
    '01-Jan-2023 00:00:00 0000',
    '01-Jan-2023 00:00:00 +2400',
    '01-Jan-2023 00:00:00 +0060',
    '01-Jan-2023 00:00:00 GMT',
    '01-Jan-2023 00:00:00 +0000 ',
    '01-Jan-2023 00:00:00 +0000"\r\na1 LOGOUT',
    '01-Jan-2023T00:00:00 +0000',
    'Sun, 01 Jan 2023 00:00:00 +0000',
    '0１-Jan-2023 00:00:00 +0000',
  ])('"%s" is no date', (text) => {
    expect(parseDateTime(text)).toBeNull()
  })

  test('comes out as nothing but letters, digits and five marks, and is then left as it is', () => {
    const piece = fc.constantFrom(
      '17',
      '-',
      'Jul',
      ' ',
      '1996',
      '02:44:25',
      '+0100',
      '"',
      '\r\n',
      ')',
      '{5+}',
      '\0',
      '٣',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const date = parseDateTime(pieces.join(''))
        if (date === null) return
        expect(date).toMatch(/^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$/)
        expect(parseDateTime(date)).toBe(date)
      }),
    )
  })
})
