import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  areSizesAlike,
  ContentMeter,
  headerFields,
  headerOf,
  keyOf,
  strictFingerprint,
  weakIdentity,
} from '../../src/domain/fingerprint.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array): string => new TextDecoder().decode(found)

describe('the header of a message', () => {
  test.each([
    ['Subject: a\r\n\r\nbody', 'Subject: a'],
    ['Subject: a\r\n\r\n', 'Subject: a'],
    ['Subject: a\r\n', 'Subject: a'],
    ['Subject: a', 'Subject: a'],
    ['Subject: a\n\nbody', 'Subject: a'],
    ['Subject: a\n\r\nbody', 'Subject: a'],
    ['A: 1\r\nB: 2\r\n\r\nC: 3\r\n\r\n', 'A: 1\r\nB: 2'],
    ['\r\nbody only', ''],
    ['\nbody only', ''],
    ['', ''],
    ['A: 1\rB: 2\r\n\r\nbody', 'A: 1\rB: 2'],
  ])('of %j is %j', (message, header) => {
    expect(text(headerOf(bytes(message)))).toBe(header)
  })
})

describe('the strict fingerprint', () => {
  test('is the same however the message is cut into chunks', () => {
    const line = fc.constantFrom('Subject: x', '', 'body', ' folded', '\u0000', 'Über')
    const message = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\r\n', '\n'))
    fc.assert(
      fc.property(message, fc.array(fc.nat(90), { maxLength: 8 }), ([lines, lineEnd], cuts) => {
        const whole = bytes(lines.join(lineEnd))
        const meter = new ContentMeter()
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length]
        for (let n = 1; n < at.length; n += 1) meter.update(whole.subarray(at[n - 1], at[n]))
        const found = meter.finish()
        expect(found.sizeBytes).toBe(whole.length)
        expect(keyOf(found.fingerprint)).toBe(keyOf(strictFingerprint(headerOf(whole), whole.length)))
      }),
      { numRuns: 500 },
    )
  })

  test('does not keep the bytes of a chunk that its owner uses again', () => {
    const chunk = bytes('Subject: first')
    const meter = new ContentMeter()
    meter.update(chunk)
    chunk.fill(0)
    meter.update(bytes('\r\n\r\nbody'))
    expect(keyOf(meter.finish().fingerprint)).toBe(keyOf(strictFingerprint(bytes('Subject: first'), 22)))
  })

  test('differs with the length and with any header byte', () => {
    const one = keyOf(strictFingerprint(bytes('Subject: a\r\n\r\n'), 100))
    expect(keyOf(strictFingerprint(bytes('Subject: a'), 100))).toBe(one)
    expect(keyOf(strictFingerprint(bytes('Subject: a'), 101))).not.toBe(one)
    expect(keyOf(strictFingerprint(bytes('Subject: b'), 100))).not.toBe(one)
  })

  test('tells apart a length from digits at the end of the header', () => {
    expect(keyOf(strictFingerprint(bytes('A: 1'), 2))).not.toBe(keyOf(strictFingerprint(bytes('A: 1\n2'), 2)))
  })

  test('of a header above a mebibyte is that of its first mebibyte', () => {
    const long = bytes(`X: ${'x'.repeat(1024 * 1024)}\r\nY: 1\r\n\r\nbody`)
    const meter = new ContentMeter()
    for (let at = 0; at < long.length; at += 65_536) meter.update(long.subarray(at, at + 65_536))
    expect(keyOf(meter.finish().fingerprint)).toBe(keyOf(strictFingerprint(long.subarray(0, 1024 * 1024), long.length)))
  })
})

describe('the weak identity', () => {
  test('survives added lines, other folding and other order', () => {
    const sent = weakIdentity(bytes('Message-ID: <1@x>\r\nSubject: a\r\n b\r\nFrom: ann\r\n'))
    const read = weakIdentity(bytes('X-Scan: ok\r\nfrom: ann\r\nSUBJECT: a b\r\nMessage-Id: <1@x>\r\n'))
    expect(read).toBe(sent)
    expect(sent).not.toBeNull()
  })

  test('is none without Message-ID and Date', () => {
    expect(weakIdentity(bytes('Subject: a\r\nFrom: ann\r\n'))).toBeNull()
  })
})

test('header fields are unfolded, and the first of a name counts', () => {
  const fields = headerFields(bytes('Subject: a\r\n\tb\r\nsubject: second\r\nFrom : ann\r\n\r\nDate: body'), [
    'subject',
    'from',
    'date',
  ])
  expect(fields).toEqual({ subject: 'a b', from: 'ann' })
})

test.each([
  [100, 1100, true],
  [100, 1200, false],
  [1_000_000, 1_049_000, true],
  [1_000_000, 1_060_000, false],
])('sizes %p and %p alike: %p', (a, b, alike) => {
  expect(areSizesAlike(a, b)).toBe(alike)
  expect(areSizesAlike(b, a)).toBe(alike)
})
