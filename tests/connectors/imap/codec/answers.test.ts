import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { stringArgument } from '../../../../src/connectors/imap/codec/commands.ts'
import { Cursor, ProtocolError } from '../../../../src/connectors/imap/codec/cursor.ts'
import { FetchParser, receivedAtOf } from '../../../../src/connectors/imap/codec/fetch-data.ts'
import {
  isSelectable,
  parseList,
  parseStatus,
  specialUseOf,
} from '../../../../src/connectors/imap/codec/folder-data.ts'
import { parseEsearch, parseSearch, parseVanished } from '../../../../src/connectors/imap/codec/search-data.ts'
import { parseStatusLine } from '../../../../src/connectors/imap/codec/status-line.ts'

const cursor = (text: string, ...literals: readonly string[]) =>
  new Cursor(
    text,
    literals.map((literal) => Buffer.from(literal, 'latin1')),
  )
const fetched = (text: string, ...literals: readonly string[]) => new FetchParser().parse(cursor(text, ...literals))

describe('FETCH', () => {
  test('tells UID, flags, date and size in any order, and passes over all else', () => {
    const envelope = 'ENVELOPE ("x" (("a" NIL "b" "c")) NIL "\\")")'
    const text = `(MODSEQ (12) FLAGS (\\Seen \\Recent Work) ${envelope} UID 7 INTERNALDATE " 1-Feb-2024 03:04:05 +0100" X-GM-LABELS (\\Inbox "a b" \0) RFC822.SIZE 44)`
    const data = fetched(text, 'label')
    expect(data).toMatchObject({ uid: 7, flags: ['\\Seen', 'Work'], sizeBytes: 44, section: null, content: null })
    expect(receivedAtOf(data)).toBe('01-Feb-2024 03:04:05 +0100')
  })

  test.each([
    ['(UID 1 BODY[] "a \\"quoted\\" body")', 'a "quoted" body'],
    ['(UID 1 BODY[] "")', ''],
    ['(UID 1 BODY[] NIL)', null],
  ])('tells a content that is no literal: %s', (text, content) => {
    expect(fetched(text)).toMatchObject({ section: 'BODY[]', content })
  })

  test('is read the same in the common order and in any other', () => {
    const flag = fc.constantFrom('\\Seen', '\\Recent', '\\*', 'Work', 'a]b', '$Label1', '"', '{3}')
    const parts = fc.record({
      uid: fc.nat(0xffffffff),
      flags: fc.option(fc.array(flag, { maxLength: 4 })),
      date: fc.option(fc.constantFrom('01-Feb-2024 03:04:05 +0100', ' 1-Feb-2024 03:04:05 +0100', '', 'x'.repeat(50))),
      size: fc.option(fc.nat(0xffffffff)),
      end: fc.constantFrom(')', ' BODY[] ', ' BODY[HEADER] ', ' BODY[TEXT] '),
    })
    fc.assert(
      fc.property(parts, ({ uid, flags, date, size, end }) => {
        const rest = `${flags ? ` FLAGS (${flags.join(' ')})` : ''}${date === null ? '' : ` INTERNALDATE "${date}"`}${size === null ? '' : ` RFC822.SIZE ${size}`}${end}`
        const read = (text: string) => {
          try {
            return fetched(text)
          } catch (error) {
            return error instanceof ProtocolError
          }
        }
        expect(read(`(UID ${uid}${rest}`)).toEqual(read(`(MODSEQ (1) UID ${uid}${rest}`))
      }),
    )
  })

  test('is read up to the literal that is about to come', () => {
    expect(fetched('(UID 5 FLAGS () BODY[] ')).toMatchObject({ uid: 5, flags: [], section: 'BODY[]', content: null })
    expect(fetched('(BODY[HEADER] ')).toMatchObject({ uid: null, section: 'BODY[HEADER]' })
  })

  test('shares one array between messages with the same flags', () => {
    const parser = new FetchParser()
    const first = parser.parse(cursor('(UID 1 FLAGS (\\Seen))'))
    const second = parser.parse(cursor('(UID 2 FLAGS (\\Seen))'))
    expect(first.flags).toBe(second.flags!)
  })

  test.each([
    '(UID 0x1)',
    '(UID)',
    '(UID 1',
    'UID 1)',
    '(UID 4294967296)',
    '(FLAGS (a)',
    '(BODY[ 1)',
    '(BODY[] {-1}',
    '()extra(',
  ])('is a ProtocolError, or nothing, where it reads %s', (text) => {
    try {
      expect(fetched(text)).toMatchObject({ uid: null })
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError)
    }
  })

  test('that has no date has none', () => {
    expect(receivedAtOf(fetched('(UID 1 INTERNALDATE NIL)'))).toBeNull()
    expect(receivedAtOf(fetched('(UID 1 INTERNALDATE "yesterday")'))).toBeNull()
  })
})

describe('LIST', () => {
  test.each([
    ['(\\HasNoChildren \\Sent) "/" Sent', { name: 'Sent', delimiter: '/' }, 'sent', true],
    ['(\\NOSELECT) "." "INBOX.a \\"b\\""', { name: 'INBOX.a "b"', delimiter: '.' }, null, false],
    ['(\\NonExistent \\Subscribed) NIL flat', { name: 'flat', delimiter: null }, null, false],
    ['() "/" \0', { name: 'a{1}', delimiter: '/' }, null, true],
    ['(\\Important) "\\\\" NIL', { name: 'NIL', delimiter: '\\' }, 'important', true],
  ] as const)('%j', (text, folder, use, selectable) => {
    const listed = parseList(cursor(text, 'a{1}'))
    expect(listed).toMatchObject(folder)
    expect(specialUseOf(listed)).toBe(use)
    expect(isSelectable(listed)).toBe(selectable)
  })
})

describe('STATUS', () => {
  test('tells what was asked, and passes over what was not', () => {
    const text =
      '"a b" (MESSAGES 3 UIDNEXT 9 X-THING (a (b)) UIDVALIDITY 7 HIGHESTMODSEQ 9223372036854775807 MAILBOXID (F1))'
    expect(parseStatus(cursor(text))).toEqual({
      name: 'a b',
      messages: 3,
      uidNext: 9,
      uidValidity: 7,
      highestModseq: 9223372036854775807n,
      id: 'F1',
    })
  })
})

describe('searches', () => {
  test.each([
    ['1 2 3', [1, 2, 3]],
    ['', []],
    ['  5  ', [5]],
    ['2 5 (MODSEQ 917162500)', [2, 5]],
  ])('SEARCH %s', (text, uids) => expect(parseSearch(cursor(text))).toEqual(uids))

  test.each([
    [
      '(TAG "p1") UID ALL 1:3,5',
      [
        [1, 3],
        [5, 5],
      ],
    ],
    ['(TAG "p1") UID', []],
    ['UID COUNT 5 ALL 4 MODSEQ 12', [[4, 4]]],
  ])('ESEARCH %s', (text, ranges) => expect(parseEsearch(cursor(text))).toEqual(ranges as [number, number][]))

  test.each([
    [
      '(EARLIER) 41,43:116',
      true,
      [
        [41, 41],
        [43, 116],
      ],
    ],
    ['5', false, [[5, 5]]],
    ['(EARLIER) 1:4294967295', true, [[1, 4294967295]]],
  ])('VANISHED %s', (text, isEarlier, uids) => {
    expect(parseVanished(cursor(text))).toEqual({ isEarlier, uids: uids as [number, number][] })
  })
})

describe('status lines', () => {
  test.each([
    ['OK done', { status: 'OK', code: null, text: 'done' }],
    ['ok', { status: 'OK', code: null, text: '' }],
    ['NO [OverQuota] full', { status: 'NO', code: { name: 'OVERQUOTA', data: '' }, text: 'full' }],
    ['OK [APPENDUID 7 1:3] x', { status: 'OK', code: { name: 'APPENDUID', data: '7 1:3' }, text: 'x' }],
    [
      'OK [PERMANENTFLAGS (\\Seen a]b \\*)] y',
      { status: 'OK', code: { name: 'PERMANENTFLAGS', data: '(\\Seen a]b \\*)' }, text: 'y' },
    ],
    ['BAD [broken', { status: 'BAD', code: null, text: '[broken' }],
    ['BYE', { status: 'BYE', code: null, text: '' }],
  ] as const)('%s', (text, line) => expect(parseStatusLine(text)).toEqual(line))

  test.each(['', 'MAYBE', '3 EXISTS', 'toString x'])('%j is none', (text) => expect(parseStatusLine(text)).toBeNull())
})

describe('string arguments', () => {
  test.each([
    ['INBOX', '"INBOX"'],
    ['a "b" \\ c', '"a \\"b\\" \\\\ c"'],
    ['%*(){', '"%*(){"'],
  ])('%s goes quoted', (text, part) => expect(stringArgument(text)).toBe(part))

  test('8-bit text goes as a literal', () => {
    expect(stringArgument('Gr\xf6\xdfe')).toEqual(Buffer.from('Gr\xf6\xdfe', 'latin1'))
  })

  test.each(['a\r\nb', 'a\nb', 'a\rb', 'a\0b', 'a\u010ab'])('%j is never sent', (text) =>
    expect(() => stringArgument(text)).toThrow(),
  )

  test('are read back by a reader as they were', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii', maxLength: 30 }).filter((text) => !/[\0\r\n\x7f-\xff]/.test(text)),
        (text) => {
          const part = stringArgument(text)
          const value = typeof part === 'string' ? cursor(part).string() : Buffer.from(part).toString('latin1')
          expect(value).toBe(text)
        },
      ),
    )
  })
})
