import { describe, expect, test } from 'bun:test'
import { appendLimit, capabilitiesIn, literalBytesUnasked } from '../../../../src/connectors/imap/codec/capabilities.ts'

describe('capabilities', () => {
  test.each([
    ['CAPABILITY IMAP4rev1 Sasl-IR', 'IMAP4REV1,SASL-IR'],
    ['capability  A  B ', 'A,B'],
    ['OK [CAPABILITY A AUTH=PLAIN] CAPABILITY B', 'A,AUTH=PLAIN'],
    ['PREAUTH [capability A] x', 'A'],
  ])('stand in %j', (text, words) => {
    expect([...(capabilitiesIn(text) ?? [])].join()).toBe(words)
  })

  test.each(['OK CAPABILITY A', 'OK [ALERT] CAPABILITY A', '1 EXISTS', '', 'OK [CAPABILITY A', 'CAPABILITYA'])(
    'do not stand in %j',
    (text) => expect(capabilitiesIn(text)).toBeNull(),
  )

  test.each([
    [['LITERAL+', 'LITERAL-'], Number.POSITIVE_INFINITY],
    [['LITERAL-'], 4096],
    [['IMAP4REV2'], 4096],
    [['IMAP4REV1'], 0],
  ])('with %j tell how much may be sent unasked', (words, bytes) => {
    expect(literalBytesUnasked(new Set(words))).toBe(bytes)
  })

  test.each([
    ['APPENDLIMIT=1234', 1234],
    ['APPENDLIMIT=0', null],
    ['APPENDLIMIT', null],
    ['APPENDLIMIT=12x', null],
    [`APPENDLIMIT=${'9'.repeat(30)}`, null],
  ])('with %s tell how large a message may be', (word, bytes) => {
    expect(appendLimit(new Set(['A', word]))).toBe(bytes)
  })
})
