import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { Cursor, ProtocolError } from '../../../../src/connectors/imap/codec/cursor.ts'

const cursor = (text: string, ...literals: readonly string[]) =>
  new Cursor(
    text,
    literals.map((literal) => Buffer.from(literal, 'latin1')),
  )

describe('a cursor', () => {
  test.each([
    ['atom', 'atom'],
    ['"a \\"b\\" \\\\c"', 'a "b" \\c'],
    ['""', ''],
    ['NIL', null],
    ['nil', null],
    ['"NIL"', 'NIL'],
    ['[Gmail]/All', '[Gmail]/All'],
  ])('reads the string %s', (text, value) => {
    expect(cursor(text).string()).toBe(value)
  })

  test('reads literals where the text has their marks', () => {
    const at = cursor('(\0 \0)', 'one', 'two\r\n')
    expect(at.list(() => at.string())).toEqual(['one', 'two\r\n'])
  })

  test('takes NIL for a name where a name must be', () => {
    expect(cursor('NIL').name()).toBe('NIL')
  })

  test.each(['4294967296', '99999999999999999999', '-1', '', 'x', '"1"'])('takes %s for no number', (text) => {
    expect(() => cursor(text).number()).toThrow(ProtocolError)
  })

  test.each(['BODY[]', 'BODY[HEADER]', 'BODY[HEADER.FIELDS (TO FROM)]', 'BODY[]<0>', 'RFC822.SIZE'])(
    'reads the item name %s',
    (name) => {
      const at = cursor(`${name.toLowerCase()} 1`)
      expect(at.itemName()).toBe(name)
      expect(at.rest).toBe(' 1')
    },
  )

  test.each([
    '(a "b)" (c (d) NIL) \\Seen 5) ',
    '"x" ',
    '() ',
    '(((((())))))\u0020',
    'BODY[HEADER.FIELDS (A)] ',
    '(\0 \0) ',
  ])('passes over the value %s', (text) => {
    const at = cursor(text, 'one', 'two')
    at.skipValue()
    expect(at.rest).toBe(' ')
  })

  test('passes over a value nested a hundred thousand deep', () => {
    const depth = 100_000
    const at = cursor(`${'('.repeat(depth)}${')'.repeat(depth)}!`)
    at.skipValue()
    expect(at.rest).toBe('!')
  })

  test.each(['(a', '"a', '(a "b', ')', '{5}', '(x {-1})', ''])('cannot pass over %s', (text) => {
    expect(() => cursor(text).skipValue()).toThrow(ProtocolError)
  })

  test('ends on any text, with a value or a ProtocolError', () => {
    const text = fc.string({ unit: fc.constantFrom(...'()"\\ []{}\0ab1<>*'), maxLength: 40 })
    fc.assert(
      fc.property(text, (line) => {
        for (const read of [(at: Cursor) => at.skipValue(), (at: Cursor) => at.list(() => at.string())]) {
          try {
            read(cursor(line, 'x'))
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      }),
    )
  })
})
