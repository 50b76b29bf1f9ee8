import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { flagRules, withoutRecent, writableFlags } from '../../../../src/connectors/imap/codec/flags.ts'

const any = flagRules(['\\Seen', '\\*'], [])
const few = flagRules(['\\Seen', '$Label1', 'Work'], ['\\Seen', 'Other'])

describe('flags on their way to a target', () => {
  test('are the five system flags in their own spelling, each once', () => {
    expect(writableFlags(['\\SEEN', '\\answered', '\\Seen', '\\draft', '\\FLAGGED', '\\deleted'], few)).toEqual([
      '\\Seen',
      '\\Answered',
      '\\Draft',
      '\\Flagged',
      '\\Deleted',
    ])
  })

  test.each(['\\Recent', '\\recent', '\\*', '\\Bogus', '\\', '', '\\Seen\\Seen'])('are never %s', (flag) => {
    expect(writableFlags([flag], any)).toEqual([])
  })

  test.each([
    'a]b',
    'a b',
    'a(b',
    'a)b',
    'a{5+}',
    'a%b',
    'a*b',
    'a"b',
    'a\\b',
    'a\r\nb',
    'a\0b',
    'ä',
    'a\x7f',
    'a\u010ab',
    'x'.repeat(51),
    'x'.repeat(251),
  ])('are no keyword like %j', (flag) => {
    expect(writableFlags([flag, 'fine'], any)).toEqual(['fine'])
  })

  test('are keywords only as the folder keeps them, in its spelling', () => {
    expect(writableFlags(['$LABEL1', 'work', 'Other', 'New'], few)).toEqual(['$Label1', 'Work'])
    expect(writableFlags(['$LABEL1', 'New', 'new'], any)).toEqual(['$LABEL1', 'new'])
  })

  test('are what FLAGS names where PERMANENTFLAGS is missing', () => {
    expect(writableFlags(['Other', 'New', '\\Flagged'], flagRules(null, ['\\Seen', 'other']))).toEqual([
      'other',
      '\\Flagged',
    ])
  })

  test('never hold anything but atoms', () => {
    const rules = fc.constantFrom(any, few, flagRules(null, ['a b', '"', 'x)', '\\*']))
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 8 })), rules, (flags, kept) => {
        for (const flag of writableFlags(flags, kept))
          expect(flag).toMatch(/^\\?[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/)
      }),
    )
  })
})

test('a listing tells all flags but \\Recent', () => {
  expect(withoutRecent(['\\Seen', '\\RECENT', 'x'])).toEqual(['\\Seen', 'x'])
})
