import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { decodeUtf7, encodeUtf7 } from '../../src/domain/utf7.ts'

describe('modified UTF-7', () => {
  test.each([
    ['INBOX', 'INBOX'],
    ['', ''],
    ['R&D', 'R&-D'],
    ['&', '&-'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['送信済み', '&kAFP4W4IMH8-'],
    ['Projets/Été', 'Projets/&AMk-t&AOk-'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['🎉', '&2DzfiQ-'],
    ['ü&ü', '&APw-&-&APw-'],
    ['tab\there', 'tab&AAk-here'],
    ['a\x7fb', 'a&AH8-b'],
    ['say "x\\y"', 'say "x\\y"'],
  ])('spells %j as %j, and reads it back', (name, wire) => {
    expect(encodeUtf7(name)).toBe(wire)
    expect(decodeUtf7(wire)).toBe(name)
  })

  test.each([
    ['an open shift', 'a&AMk'],
    ['a bare ampersand', 'a&b'],
    ['an ampersand at the end', 'a&'],
    ['8-bit text', 'caf\xe9'],
    ['a control character', 'a\tb'],
    ['a line break', 'a\r\nb'],
    ['a character that is not base64', '&A!k-'],
    ['the slash of plain base64', '&U/BTFw-'],
    ['padding', '&AMk=-'],
    ['half a UTF-16 unit', '&AM-'],
    ['a single base64 character', '&A-'],
    ['leftover bits that are not zero', '&AMl-'],
    ['printable ASCII in a shift (RFC 3501, section 5.1.3)', '&AGE-'],
    ['an ampersand in a shift', '&ACY-'],
    ['two shifts in a row (RFC 3501, section 5.1.3)', '&AMk-&AOk-'],
    ['an unpaired surrogate', '&2Dw-'],
    ['a surrogate pair in the wrong order', '&343YPA-'],
  ])('finds %s broken', (_, wire) => {
    expect(decodeUtf7(wire)).toBeNull()
  })

  test('reads back every name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(decodeUtf7(encodeUtf7(name))).toBe(name)
        expect(encodeUtf7(name)).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 1000 },
    )
  })

  test('has one spelling for a name: what reads well is spelled the same again', () => {
    const pieces = fc.constantFrom('&', '-', 'A', 'M', 'k', ',', '2', 'D', 'z', '+', ' ', 'f', 'i', 'Q')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        const wire = parts.join('')
        const name = decodeUtf7(wire)
        if (name !== null) expect(encodeUtf7(name)).toBe(wire)
      }),
      { numRuns: 1000 },
    )
  })

  test('stands in U+FFFD for an unpaired surrogate', () => {
    expect(decodeUtf7(encodeUtf7('a\ud83cb'))).toBe('a\ufffdb')
  })
})
